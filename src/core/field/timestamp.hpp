// ISO 8601 times to microseconds.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/field/date_format.hpp"

namespace recon::field {

struct TimestampResult {
    std::int64_t micros = 0;  // from 2000-01-01 00:00:00 UTC
    DateError error = DateError::none;
};

// "YYYY-MM-DD", then optionally 'T' or a blank and hh:mm[:ss[.fraction]] and Z or ±hh[[:]mm].
// Without an offset the time is UTC: the same file then means the same instant whatever the
// session's TimeZone.
TimestampResult parse_timestamp(std::string_view text);

// Seconds since 1970-01-01 UTC, with an optional fraction.
TimestampResult parse_unix_time(std::string_view text);

}  // namespace recon::field
