// How the core is kept within bounds from outside: asked to stop, and told how much memory it may
// hold.
#pragma once

#include <atomic>
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

    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    void take(std::size_t bytes) {
        std::size_t before = used_->fetch_add(bytes, std::memory_order_relaxed);
        if (before + bytes > limit_ || before + bytes < before) {
            give(bytes);
            throw Error(sqlstate::configuration_limit_exceeded,
                        std::string("memory limit \"") + setting_ + "\" exceeded",
                        "The limit is " + std::to_string(limit_ / 1024) + " kB.",
                        std::string("Raise \"") + setting_ +
                            "\", or give the rules more selective conditions.");
        }
        if (before + bytes > peak_) peak_ = before + bytes;
    }
    void give(std::size_t bytes) noexcept { used_->fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t used() const noexcept { return used_->load(std::memory_order_relaxed); }
    std::size_t peak() const noexcept { return peak_; }  // the most that was held at a time
    std::size_t limit() const noexcept { return limit_; }
    const char* setting() const noexcept { return setting_; }

    // Counts in `used` until unshare(), where several processes count together.
    void share(std::atomic<std::size_t>& used) noexcept {
        used.fetch_add(own_used_, std::memory_order_relaxed);
        used_ = &used;
    }
    void unshare() noexcept {
        own_used_ = used();
        used_ = &own_used_;
    }

  private:
    std::size_t limit_, peak_ = 0;
    std::atomic<std::size_t> own_used_{0};
    std::atomic<std::size_t>* used_ = &own_used_;
    const char* setting_;
};

}  // namespace recon
