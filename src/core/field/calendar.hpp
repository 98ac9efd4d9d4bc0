// Business days: all but Saturday, Sunday and the holidays of a calendar.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/field/date.hpp"

namespace recon::field {

class BusinessCalendar {
  public:
    explicit BusinessCalendar(std::span<const Day> holidays = {});  // in any order

    bool is_business_day(Day day) const;

    // Business days from some fixed day up to and with `day`. A day off has the number of the
    // business day before it: Saturday counts as the Friday.
    std::int64_t number(Day day) const;

    // b less a, in business days: how many of them lie after a and up to b; negative where b is
    // before a. Friday to Saturday is 0, Friday or Saturday to Monday 1, Monday to the Friday
    // before -1.
    std::int64_t between(Day a, Day b) const { return number(b) - number(a); }

  private:
    std::vector<Day> holidays_;  // ascending, without week-ends
};

}  // namespace recon::field
