#include "core/field/timestamp.hpp"

#include "core/field/raw_text.hpp"

namespace recon::field {

namespace {

constexpr std::int64_t micros_a_second = 1000000;
constexpr std::int64_t micros_a_day = 86400 * micros_a_second;
constexpr std::int64_t unix_epoch_shift = 946684800;  // seconds from 1970-01-01 to 2000-01-01
constexpr TimestampResult syntax_error{0, DateError::syntax}, range_error{0, DateError::range};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool take_two(std::string_view& text, int& value) {
    if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return false;
    value = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return true;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

// Digits after a point, rounded to microseconds.
bool take_fraction(std::string_view& text, std::int64_t& micros) {
    std::int64_t unit = micros_a_second / 10;
    std::size_t count = 0;
    for (; count < text.size() && is_digit(text[count]); ++count, unit /= 10) {
        int digit = text[count] - '0';
        if (count < 6) micros += digit * unit;
        if (count == 6 && digit >= 5) ++micros;
    }
    text.remove_prefix(count);
    return count > 0;
}

struct TimeOfDay {
    std::int64_t micros = 0;  // with the offset taken off: may be below 0 or beyond a day
    DateError error = DateError::none;
};

// 'Z', or ±hh, ±hhmm, ±hh:mm; or nothing.
bool take_offset(std::string_view& text, TimeOfDay& time) {
    text = trim_blanks(text);
    if (text.empty()) return true;
    if (take(text, 'Z') || take(text, 'z')) return text.empty();
    bool west = text.front() == '-';
    if (!take(text, '+') && !take(text, '-')) return false;
    int hours = 0, minutes = 0;
    if (!take_two(text, hours)) return false;
    bool colon = take(text, ':');
    if ((colon || !text.empty()) && !take_two(text, minutes)) return false;
    if (!text.empty()) return false;
    if (hours > 15 || minutes > 59) time.error = DateError::range;
    std::int64_t shift = (hours * 60 + minutes) * 60 * micros_a_second;
    time.micros += west ? shift : -shift;
    return true;
}

// What follows the date, from its 'T' or blank.
TimeOfDay parse_time(std::string_view text) {
    TimeOfDay time, bad{0, DateError::syntax};
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return bad;
    int hours = 0, minutes = 0, seconds = 0;
    if (!take_two(text, hours) || !take(text, ':') || !take_two(text, minutes)) return bad;
    if (take(text, ':')) {
        if (!take_two(text, seconds)) return bad;
        if ((take(text, '.') || take(text, ',')) && !take_fraction(text, time.micros)) return bad;
    }
    if (hours > 23 || minutes > 59 || seconds > 59) time.error = DateError::range;
    time.micros += ((hours * 60 + minutes) * 60 + seconds) * micros_a_second;
    if (!take_offset(text, time)) return bad;
    return time;
}

}  // namespace

bool is_time_suffix(std::string_view text) {
    return text.empty() || parse_time(text).error == DateError::none;
}

TimestampResult parse_timestamp(std::string_view text) {
    static const DateFormat iso;
    text = trim_blanks(text);
    std::size_t date_end = text.find_first_of("Tt ");
    std::string_view rest = date_end == std::string_view::npos ? "" : text.substr(date_end);
    DateResult date = iso.parse(text.substr(0, date_end));
    if (date.error == DateError::syntax) return syntax_error;
    TimeOfDay time;
    if (!rest.empty()) time = parse_time(rest);
    if (time.error == DateError::syntax) return syntax_error;
    if (date.error != DateError::none || time.error != DateError::none) return range_error;
    return {date.day * micros_a_day + time.micros, DateError::none};
}

TimestampResult parse_unix_time(std::string_view text) {
    text = trim_blanks(text);
    bool negative = !text.empty() && text.front() == '-';
    if (!take(text, '-')) take(text, '+');
    std::int64_t seconds = 0, micros = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits)
        if (seconds < 1000000000000000) seconds = seconds * 10 + (text[digits] - '0');
    text.remove_prefix(digits);
    if (digits == 0 || (take(text, '.') && !take_fraction(text, micros)) || !text.empty())
        return syntax_error;
    // Years 1 to 9999.
    if (seconds > 300000000000) return range_error;
    std::int64_t total = seconds * micros_a_second + micros;
    total = (negative ? -total : total) - unix_epoch_shift * micros_a_second;
    if (total < *day_from(1, 1, 1) * micros_a_day ||
        total >= (*day_from(9999, 12, 31) + 1) * micros_a_day)
        return range_error;
    return {total, DateError::none};
}

}  // namespace recon::field
