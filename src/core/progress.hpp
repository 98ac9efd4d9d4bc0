// How far a long piece of work has come, told to whoever shows it.
#pragma once

#include <cstdint>

namespace recon {

class Progress {
  public:
    virtual ~Progress() = default;
    // The phases that follow are of this rule, 1 to `rules`.
    virtual void rule(std::uint32_t number, std::uint32_t rules) = 0;
    // A phase begins: its name as shown ("reading", "candidates", "storing"), and how many steps it
    // has; 0 where that is not known.
    virtual void begin(const char* phase, std::uint64_t steps) = 0;
    // Steps of the phase done so far; called often, so cheap.
    virtual void advance(std::uint64_t done) = 0;
    // Records of both sides, once they are read, and those of them matched so far.
    virtual void read(std::uint64_t records) = 0;
    virtual void matched(std::uint64_t records) = 0;
};

class NoProgress final : public Progress {
  public:
    void rule(std::uint32_t, std::uint32_t) override {}
    void begin(const char*, std::uint64_t) override {}
    void advance(std::uint64_t) override {}
    void read(std::uint64_t) override {}
    void matched(std::uint64_t) override {}
};

}  // namespace recon
