// How far a long piece of work has come, told to whoever shows it.
#pragma once

#include <cstdint>

namespace recon {

class Progress {
  public:
    virtual ~Progress() = default;
    // A phase begins: its name as shown ("reading", "rule 2 of 5: candidates", "storing"), and how
    // many steps it has; 0 where that is not known.
    virtual void begin(const char* phase, std::uint64_t steps) = 0;
    // Steps of the phase done so far; called often, so cheap.
    virtual void advance(std::uint64_t done) = 0;
};

class NoProgress final : public Progress {
  public:
    void begin(const char*, std::uint64_t) override {}
    void advance(std::uint64_t) override {}
};

}  // namespace recon
