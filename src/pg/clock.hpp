// Time that is cheap to ask.
#pragma once

#include <time.h>

#include <cstdint>

namespace recon::pg {

// Some milliseconds coarse, at a fifth of the cost of the exact clock.
inline std::int64_t coarse_milliseconds() {
    timespec now{};
#ifdef CLOCK_MONOTONIC_COARSE
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
#else
    ::clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

}  // namespace recon::pg
