// Asks the token after each so many steps, however many are done at a time.
#pragma once

#include "core/limits.hpp"

namespace recon::match {

class WorkCheck {
  public:
    explicit WorkCheck(StopToken& token) : token_(token) {}
    void operator()(std::size_t steps) {
        if ((done_ += steps) < every) return;
        done_ = 0;
        check_stop(token_);
    }

  private:
    static constexpr std::size_t every = 4096;
    StopToken& token_;
    std::size_t done_ = 0;
};

}  // namespace recon::match
