// Calendar dates as day numbers from 2000-01-01 (PostgreSQL's own epoch), proleptic Gregorian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace recon::field {

using Day = std::int32_t;

struct YearMonthDay {
    int year, month, day;
};

// Nothing where no such date exists (30 February) or the year is outside 1..9999.
std::optional<Day> day_from(int year, int month, int day);
YearMonthDay to_year_month_day(Day day);
std::string to_text(Day day);  // ISO 8601

// 0 = Monday .. 6 = Sunday.
int weekday(Day day);

}  // namespace recon::field
