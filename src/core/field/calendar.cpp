#include "core/field/calendar.hpp"

#include <algorithm>

namespace recon::field {

namespace {

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// In 64 bits, so that PostgreSQL's infinite dates do not overflow.
std::int64_t from_monday(Day day) {
    return std::int64_t{day} + 5;
}  // 2000-01-01 was a Saturday

std::int64_t weekday_of(Day day) {
    return from_monday(day) - floor_div(from_monday(day), 7) * 7;
}

}  // namespace

BusinessCalendar::BusinessCalendar(std::span<const Day> holidays) {
    for (Day day : holidays)
        if (weekday_of(day) < 5) holidays_.push_back(day);
    std::sort(holidays_.begin(), holidays_.end());
    holidays_.erase(std::unique(holidays_.begin(), holidays_.end()), holidays_.end());
}

bool BusinessCalendar::is_business_day(Day day) const {
    return weekday_of(day) < 5 && !std::binary_search(holidays_.begin(), holidays_.end(), day);
}

std::int64_t BusinessCalendar::number(Day day) const {
    std::int64_t weekdays =
        floor_div(from_monday(day), 7) * 5 + std::min<std::int64_t>(weekday_of(day) + 1, 5);
    return weekdays -
           (std::upper_bound(holidays_.begin(), holidays_.end(), day) - holidays_.begin());
}

}  // namespace recon::field
