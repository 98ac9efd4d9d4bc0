#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/field/calendar.hpp"

namespace recon::field {
namespace {

// 2024-01-01 was a Monday.
Day january(int day) {
    return *day_from(2024, 1, day);
}

TEST(BusinessCalendar, WeekEnds) {
    BusinessCalendar calendar;
    EXPECT_EQ(calendar.between(january(1), january(5)), 4);
    EXPECT_EQ(calendar.between(january(5), january(6)), 0);
    EXPECT_EQ(calendar.between(january(5), january(8)), 1);
    EXPECT_EQ(calendar.between(january(6), january(8)), 1);
    EXPECT_EQ(calendar.between(january(6), january(7)), 0);
    EXPECT_EQ(calendar.between(january(8), january(5)), -1);
    EXPECT_EQ(calendar.between(january(1), january(15)), 10);
}

TEST(BusinessCalendar, Holidays) {
    BusinessCalendar calendar(std::vector<Day>{january(6), january(3), january(3)});
    EXPECT_FALSE(calendar.is_business_day(january(3)));
    EXPECT_TRUE(calendar.is_business_day(january(4)));
    EXPECT_EQ(calendar.between(january(2), january(3)), 0);
    EXPECT_EQ(calendar.between(january(2), january(4)), 1);
    EXPECT_EQ(calendar.between(january(5), january(8)), 1);
}

TEST(BusinessCalendar, AgainstCounting) {
    std::mt19937 random(1);
    std::vector<Day> holidays;
    for (int i = 0; i < 40; ++i) holidays.push_back(static_cast<Day>(random() % 600) - 300);
    BusinessCalendar calendar(holidays);
    for (Day a = -320; a < 320; a += 3) {
        std::int64_t count = 0;
        for (Day b = a; b < a + 40; ++b) {
            if (b > a) count += calendar.is_business_day(b) ? 1 : 0;
            ASSERT_EQ(calendar.between(a, b), count);
            ASSERT_EQ(calendar.between(b, a), -count);
        }
    }
}

TEST(BusinessCalendar, ExtremeDays) {
    BusinessCalendar calendar;
    EXPECT_GT(calendar.number(std::numeric_limits<Day>::max()), calendar.number(0));
    EXPECT_LT(calendar.number(std::numeric_limits<Day>::min()), calendar.number(0));
}

}  // namespace
}  // namespace recon::field
