#include "core/field/date.hpp"

#include <cstdio>

namespace recon::field {

namespace {

// Days between 0000-03-01 and 2000-01-01 in the proleptic Gregorian calendar; the formulas are
// those of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms" (years that begin in
// March).
constexpr int epoch_shift = 730425;

constexpr bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

}  // namespace

std::optional<Day> day_from(int year, int month, int day) {
    static constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
    int length = lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
    if (day > length) return std::nullopt;
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400, year_of_era = y - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - epoch_shift;
}

YearMonthDay to_year_month_day(Day number) {
    int z = number + epoch_shift;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * day_of_year + 2) / 153;
    int day = day_of_year - (153 * shifted + 2) / 5 + 1;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int weekday(Day day) {
    // 2000-01-01 was a Saturday.
    int shifted = (day + 5) % 7;
    return shifted < 0 ? shifted + 7 : shifted;
}

std::string to_text(Day day) {
    YearMonthDay date = to_year_month_day(day);
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d", date.year, date.month, date.day);
    return buffer;
}

}  // namespace recon::field
