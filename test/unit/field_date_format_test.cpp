#include "core/field/date_format.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/field/timestamp.hpp"

namespace recon::field {
namespace {

std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string read(const char* pattern, std::string_view text) {
    std::string problem;
    auto format = DateFormat::compile(pattern, problem);
    if (!format) return problem;
    DateResult result = format->parse(text);
    if (result.error == DateError::syntax) return "syntax";
    if (result.error == DateError::range) return "range";
    YearMonthDay date = to_year_month_day(result.day);
    return std::to_string(date.year) + "-" + two(date.month) + "-" + two(date.day);
}

TEST(FieldDateFormat, EveryFormatOfTheContract) {
    EXPECT_EQ(read("YYYY-MM-DD", "2024-02-29"), "2024-02-29");
    EXPECT_EQ(read("DD/MM/YYYY", "29/02/2024"), "2024-02-29");
    EXPECT_EQ(read("MM/DD/YYYY", "02/29/2024"), "2024-02-29");
    EXPECT_EQ(read("DD.MM.YYYY", "29.02.2024"), "2024-02-29");
    EXPECT_EQ(read("YYYYMMDD", "20240229"), "2024-02-29");
    EXPECT_EQ(read("DD-Mon-YYYY", "29-Feb-2024"), "2024-02-29");
    EXPECT_EQ(read("DD-Mon-YYYY", "1-DEC-2024"), "2024-12-01");
    EXPECT_EQ(read("unix", "1709164800"), "2024-02-29");
    EXPECT_EQ(DateFormat().pattern(), "YYYY-MM-DD");
}

TEST(FieldDateFormat, OtherPatterns) {
    EXPECT_EQ(read("DD/MM/YY", "01/02/69"), "2069-02-01");
    EXPECT_EQ(read("DD/MM/YY", "01/02/70"), "1970-02-01");
    EXPECT_EQ(read("YYMMDD", "240229"), "2024-02-29");
    EXPECT_EQ(read("Mon DD, YYYY", "Mar 5, 2024"), "2024-03-05");
    EXPECT_EQ(read("DDMonYYYY", "05Mar2024"), "2024-03-05");
    EXPECT_EQ(read("YYYY/MM/DD", "2024/3/5"), "2024-03-05");
}

TEST(FieldDateFormat, OneDigitOnlyWhereItIsUnambiguous) {
    EXPECT_EQ(read("DD.MM.YYYY", "1.2.2024"), "2024-02-01");
    EXPECT_EQ(read("YYYY-MM-DD", "2024-2-1"), "2024-02-01");
    EXPECT_EQ(read("YYYYMMDD", "2024021"), "syntax");
    EXPECT_EQ(read("YYYYMM-DD", "20242-01"), "syntax");
    EXPECT_EQ(read("DD.MM.YYYY", "1.2.24"), "syntax");
    EXPECT_EQ(read("DD.MM.YYYY", "001.2.2024"), "syntax");
}

TEST(FieldDateFormat, TextThatDoesNotFit) {
    for (const char* text :
         {"", "2024", "2024-02", "2024-02-", "2024-02-29x", "2024-02-290", "2024/02/29",
          "29-02-2024", "x024-02-29", "20240229", "2024-02-29 x", "2024-02-29T"})
        EXPECT_EQ(read("YYYY-MM-DD", text), "syntax") << text;
    EXPECT_EQ(read("DD-Mon-YYYY", "29-Foo-2024"), "syntax");
    EXPECT_EQ(read("DD/MM/YYYY", "01/02/2024 10:00"), "syntax");
    EXPECT_EQ(read("unix", ""), "syntax");
    EXPECT_EQ(read("unix", "12x"), "syntax");
    EXPECT_EQ(read("YYYY-MM-DD", " 2024-02-29 "), "2024-02-29") << "blanks around are no fault";
}

TEST(FieldDateFormat, DatesThatDoNotExist) {
    EXPECT_EQ(read("YYYY-MM-DD", "2023-02-29"), "range");
    EXPECT_EQ(read("YYYY-MM-DD", "1900-02-29"), "range");
    EXPECT_EQ(read("YYYY-MM-DD", "2024-13-01"), "range");
    EXPECT_EQ(read("YYYY-MM-DD", "2024-00-01"), "range");
    EXPECT_EQ(read("YYYY-MM-DD", "0000-01-01"), "range");
    EXPECT_EQ(read("DD/MM/YYYY", "31/04/2024"), "range");
    EXPECT_EQ(read("unix", "999999999999"), "range");
    EXPECT_EQ(read("unix", "99999999999999999999999"), "range");
}

TEST(FieldDateFormat, ATimeAfterAnIsoDateIsNotRead) {
    for (const char* rest : {"T10:20", " 10:20:30", "T10:20:30.123456", "T10:20:30Z", " 10:20+02",
                             "T10:20:30-0330", "T10:20:30,5+05:30"})
        EXPECT_EQ(read("YYYY-MM-DD", std::string("2024-02-29") + rest), "2024-02-29") << rest;
    EXPECT_EQ(read("YYYY-MM-DD", "2024-02-29 25:00"), "syntax");
}

TEST(FieldDateFormat, UnixDaysAreUtcAndFloored) {
    EXPECT_EQ(read("unix", "0"), "1970-01-01");
    EXPECT_EQ(read("unix", "-1"), "1969-12-31");
    EXPECT_EQ(read("unix", "86399.999"), "1970-01-01");
    EXPECT_EQ(read("unix", "946684799"), "1999-12-31");
    EXPECT_EQ(read("unix", "946684800"), "2000-01-01");
}

TEST(FieldDateFormat, BadPatterns) {
    EXPECT_EQ(read("", ""), "date format \"\" must have one year, one month and one day");
    EXPECT_EQ(read("DD/MM", ""), "date format \"DD/MM\" must have one year, one month and one day");
    EXPECT_EQ(read("DD/DD/YYYY", ""),
              "date format \"DD/DD/YYYY\" must have one year, one month and one day");
    EXPECT_EQ(read("dd/mm/yyyy", ""), "unknown date format \"dd/mm/yyyy\" at \"dd/mm/yyyy\"");
    EXPECT_EQ(read("YYYY-MM-DD HH", ""), "unknown date format \"YYYY-MM-DD HH\" at \"HH\"");
    EXPECT_EQ(read("YYYY-----------------MM-DD", ""), "the format is too long");
}

constexpr std::int64_t second = 1000000, day = 86400 * second;

std::int64_t at(std::string_view text) {
    TimestampResult result = parse_timestamp(text);
    EXPECT_EQ(result.error, DateError::none) << text;
    return result.micros;
}

TEST(FieldTimestamp, WithAndWithoutOffset) {
    EXPECT_EQ(at("2000-01-01"), 0);
    EXPECT_EQ(at("2000-01-02 00:00"), day);
    EXPECT_EQ(at("2000-01-01T01:02:03Z"), 3723 * second);
    EXPECT_EQ(at("2000-01-01T01:02:03"), 3723 * second) << "UTC without an offset";
    EXPECT_EQ(at("2000-01-01 02:00+02"), 0);
    EXPECT_EQ(at("2000-01-01 02:00 +02:00"), 0);
    EXPECT_EQ(at("1999-12-31T20:30:00-0330"), 0);
    EXPECT_EQ(at("2000-01-01T00:00:00.5"), second / 2);
    EXPECT_EQ(at("2000-01-01T00:00:00.1234565"), 123457);
    EXPECT_EQ(at("1999-12-31T23:59:59.999999Z"), -1);
}

TEST(FieldTimestamp, Refused) {
    for (const char* text :
         {"", "T10:00", "2000-01-01T", "2000-01-01T1:00", "2000-01-01T10", "2000-01-01 10:00x",
          "2000-01-01 10:00+2", "2000-01-01 10:00:00.", "2000-01-01 10:00Z+01", "01/01/2000"})
        EXPECT_EQ(parse_timestamp(text).error, DateError::syntax) << text;
    for (const char* text : {"2000-02-30", "2000-01-01T24:00", "2000-01-01T10:60",
                             "2000-01-01T10:00:60", "2000-01-01T10:00+16:00"})
        EXPECT_EQ(parse_timestamp(text).error, DateError::range) << text;
}

TEST(FieldTimestamp, Unix) {
    EXPECT_EQ(parse_unix_time("946684800").micros, 0);
    EXPECT_EQ(parse_unix_time("946684800.25").micros, second / 4);
    EXPECT_EQ(parse_unix_time("-0.5").micros, -946684800 * second - second / 2);
}

}  // namespace
}  // namespace recon::field
