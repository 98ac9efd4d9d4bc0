// How the core is kept within bounds from outside: asked to stop, and told how much memory it may
// hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace recon {

// Long loops ask every few thousand steps. The server's implementation serves interrupts here, and
// may throw.
class StopToken {
  public:
    virtual ~StopToken() = default;
    virtual bool should_stop() = 0;
};

inline void check_stop(StopToken& token) {
    if (token.should_stop()) throw Stopped();
}

// Asks the token once every `every` calls (a power of two).
class StopCheck {
  public:
    explicit StopCheck(StopToken& token, std::uint32_t every = 4096)
        : token_(token), mask_(every - 1) {}
    void operator()() {
        if ((++count_ & mask_) == 0) check_stop(token_);
    }

  private:
    StopToken& token_;
    std::uint32_t mask_, count_ = 0;
};

// Bytes that one job may hold; take() raises 53400 above the limit. `setting` names what the user
// can raise.
class MemoryBudget {
  public:
    MemoryBudget(std::size_t limit, const char* setting) : limit_(limit), setting_(setting) {}

    void take(std::size_t bytes) {
        if (bytes > limit_ - used_)
            throw Error(sqlstate::configuration_limit_exceeded,
                        std::string("memory limit \"") + setting_ + "\" exceeded",
                        "The limit is " + std::to_string(limit_ / 1024) + " kB.",
                        std::string("Raise \"") + setting_ +
                            "\", or give the rules more selective conditions.");
        used_ += bytes;
        if (used_ > peak_) peak_ = used_;
    }
    void give(std::size_t bytes) noexcept { used_ -= bytes < used_ ? bytes : used_; }
    std::size_t used() const noexcept { return used_; }
    std::size_t peak() const noexcept { return peak_; }  // the most that was held at a time
    std::size_t limit() const noexcept { return limit_; }

  private:
    std::size_t limit_, used_ = 0, peak_ = 0;
    const char* setting_;
};

}  // namespace recon
