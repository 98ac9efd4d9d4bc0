// The parsers of single values: within their bounds, and the same value again when it is written
// out and read back.
#include "core/error.hpp"
#include "core/field/boolean.hpp"
#include "core/field/date_format.hpp"
#include "core/field/number.hpp"
#include "core/field/raw_text.hpp"
#include "core/field/text.hpp"
#include "core/field/timestamp.hpp"
#include "draw.hpp"

using namespace recon;
using namespace recon::field;

namespace {

constexpr Day first_day = -730119, last_day = 2921939;  // 0001-01-01 and 9999-12-31

bool same(const Decimal& a, const Decimal& b) {
    return at_scale(a, max_scale) == at_scale(b, max_scale);
}

void check_decimal(const DecimalResult& result) {
    if (result.error != DecimalError::none) return;
    const Decimal& value = result.value;
    fuzz::require(value.scale >= 0 && value.scale <= max_scale, "a scale within bounds");
    fuzz::require(
        magnitude(value.coefficient) < power_of_ten(std::min(38, max_integer_digits + value.scale)),
        "a coefficient within bounds", to_text(value));
    DecimalResult again = parse_decimal(to_text(value));
    fuzz::require(again.error == DecimalError::none && same(again.value, value) &&
                      again.value.scale == value.scale,
                  "a decimal read back", to_text(value));
    again = parse_number(to_text(value), NumberFormat());
    fuzz::require(again.error == DecimalError::none && same(again.value, value),
                  "a number read back", to_text(value));
    DecimalResult none = subtract(value, value);
    fuzz::require(none.error == DecimalError::none && none.value.coefficient == 0, "x - x = 0");
    for (int scale : {0, 2, 18}) {
        DecimalResult divided = divide_by_power(value, scale);
        if (divided.error == DecimalError::none)
            fuzz::require(divided.value.scale <= max_scale, "a quotient within bounds");
    }
}

void check_day(Day day) {
    fuzz::require(day >= first_day && day <= last_day, "a day within bounds", std::to_string(day));
    YearMonthDay date = to_year_month_day(day);
    fuzz::require(day_from(date.year, date.month, date.day) == day, "a day from its date");
}

std::string padded(int value, std::size_t width) {
    std::string text = std::to_string(value);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// A date as the pattern writes it; empty where the pattern does not hold it all.
std::string written(std::string_view pattern, Day day) {
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    YearMonthDay date = to_year_month_day(day);
    std::string text;
    while (!pattern.empty()) {
        auto token = [&](std::string_view name, const std::string& value) {
            if (!pattern.starts_with(name)) return false;
            pattern.remove_prefix(name.size());
            text += value;
            return true;
        };
        if (token("YYYY", padded(date.year, 4)) || token("MM", padded(date.month, 2)) ||
            token("DD", padded(date.day, 2)) || token("Mon", months[date.month - 1]))
            continue;
        if (pattern.starts_with("YY")) {
            if (date.year < 1970 || date.year > 2069) return {};
            token("YY", padded(date.year % 100, 2));
            continue;
        }
        text += pattern.front();
        pattern.remove_prefix(1);
    }
    return text;
}

void check_date(std::string_view pattern, std::string_view text) {
    std::string problem;
    std::optional<DateFormat> format = DateFormat::compile(pattern, problem);
    fuzz::require(format.has_value() == problem.empty(), "a pattern is good or its fault is named");
    if (!format) return;
    DateResult result = format->parse(text);
    if (result.error != DateError::none) return;
    check_day(result.day);
    if (format->is_unix()) return;
    std::string again = written(format->pattern(), result.day);
    if (again.empty()) return;
    DateResult reread = format->parse(again);
    fuzz::require(reread.error == DateError::none && reread.day == result.day, "a date read back",
                  format->pattern() + " " + again);
}

void check_time(const TimestampResult& result) {
    if (result.error != DateError::none) return;
    constexpr std::int64_t micros_of_day = 86400000000;
    fuzz::require(result.micros / micros_of_day >= first_day - 2 &&
                      result.micros / micros_of_day <= last_day + 2,
                  "a time within bounds", std::to_string(result.micros));
}

void check_text(std::string_view text) {
    bool valid = valid_utf8(text);
    for (auto step : {trim, squash, upper, lower, alnum, digits, unaccent}) {
        std::string once(text);
        step(once);
        fuzz::require(!valid || valid_utf8(once), "text stays text");
        if (step == upper || step == lower || step == unaccent) continue;
        std::string twice = once;
        step(twice);
        fuzz::require(twice == once, "a step again changes nothing");
    }
    std::string cut(text);
    left(cut, 3);
    fuzz::require(text.starts_with(cut), "a part of the text");
    for (std::size_t at = 0; at < text.size();) {
        std::size_t bytes = first_code_point(text.substr(at)).bytes;
        fuzz::require(bytes > 0 && at + bytes <= text.size(), "a character within the text");
        at += bytes;
    }
    excerpt(text, 5);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Draw draw(data, size);
    static constexpr std::string_view thousands[] = {"", ",", ".", "'", " ", "\u00a0", "\u2019"};
    static constexpr std::string_view patterns[] = {
        "YYYY-MM-DD", "DD.MM.YYYY", "MM/DD/YYYY", "YYYYMMDD", "DDMMYY", "DD-Mon-YYYY", "unix", ""};
    NumberFormat number;
    number.decimal = draw.choice(2) == 0 ? '.' : ',';
    number.thousands = draw.one_of(thousands);
    number.scale = static_cast<int>(draw.choice(19));
    number.negate = draw.choice(2) == 1;
    number.exponent = draw.choice(2) == 1;
    std::string_view pattern = draw.one_of(patterns), rest = draw.rest();
    if (pattern.empty()) {  // one of the input's own
        std::size_t end = rest.find('\n');
        pattern = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    std::vector<char> copy(rest.begin(), rest.end());  // its end is an end to the sanitizer
    std::string_view text(copy.data(), copy.size());

    check_decimal(parse_decimal(text));
    check_decimal(parse_number(text, number));
    check_date(pattern, text);
    check_time(parse_timestamp(text));
    check_time(parse_unix_time(text));
    parse_boolean(text);
    check_text(text);
    return 0;
}
