#include "core/field/date_format.hpp"

#include <limits>

#include "core/field/raw_text.hpp"
#include "core/field/timestamp.hpp"

namespace recon::field {

namespace {

constexpr DateResult syntax_error{0, DateError::syntax};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `shortest` to `longest` digits at the front, as many as there are; false where there are fewer.
bool take_digits(std::string_view& text, std::size_t shortest, std::size_t longest, int& value) {
    std::size_t count = 0;
    value = 0;
    while (count < longest && count < text.size() && is_digit(text[count]))
        value = value * 10 + (text[count++] - '0');
    text.remove_prefix(count);
    return count >= shortest;
}

int month_by_name(std::string_view text) {
    static constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (text.size() < 3) return 0;
    char name[3];
    for (std::size_t i = 0; i < 3; ++i) {
        if (!is_letter(text[i])) return 0;
        name[i] = static_cast<char>(text[i] | 0x20);
    }
    for (std::size_t month = 0; month < 12; ++month)
        if (names.substr(month * 3, 3) == std::string_view(name, 3))
            return static_cast<int>(month) + 1;
    return 0;
}

DateResult make_date(int year, int month, int day) {
    std::optional<Day> found = day_from(year, month, day);
    return found ? DateResult{*found, DateError::none} : DateResult{0, DateError::range};
}

// The form that nearly every value has: ten characters, all digits in place.
bool parse_plain_iso(std::string_view text, DateResult& result) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    static constexpr std::size_t places[] = {0, 1, 2, 3, 5, 6, 8, 9};
    int digits[8];
    for (std::size_t i = 0; i < 8; ++i) {
        if (!is_digit(text[places[i]])) return false;
        digits[i] = text[places[i]] - '0';
    }
    result = make_date(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3],
                       digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]);
    return true;
}

}  // namespace

DateFormat::DateFormat() {
    std::string problem;
    *this = *compile("YYYY-MM-DD", problem);
}

std::optional<DateFormat> DateFormat::compile(std::string_view pattern, std::string& problem) {
    DateFormat format{Uncompiled{}};
    format.pattern_ = std::string(pattern);
    if (pattern == "unix") {
        format.kind_ = Kind::unix_seconds;
        return format;
    }
    static constexpr std::pair<std::string_view, Token> tokens[] = {{"YYYY", Token::year4},
                                                                    {"YY", Token::year2},
                                                                    {"MM", Token::month},
                                                                    {"DD", Token::day},
                                                                    {"Mon", Token::month_name}};
    int years = 0, months = 0, days = 0;
    for (std::string_view rest = pattern; !rest.empty();) {
        if (format.step_count_ == format.steps_.size()) {
            problem = "the format is too long";
            return std::nullopt;
        }
        Step step;
        std::size_t length = 1;
        for (const auto& [name, token] : tokens) {
            if (!rest.starts_with(name)) continue;
            step.token = token;
            length = name.size();
            break;
        }
        if (step.token == Token::literal) {
            step.literal = rest.front();
            if (is_letter(step.literal) || is_digit(step.literal)) {
                problem =
                    "unknown date format \"" + excerpt(pattern) + "\" at \"" + excerpt(rest) + "\"";
                return std::nullopt;
            }
        }
        years += step.token == Token::year4 || step.token == Token::year2;
        months += step.token == Token::month || step.token == Token::month_name;
        days += step.token == Token::day;
        format.steps_[format.step_count_++] = step;
        rest.remove_prefix(length);
    }
    if (years != 1 || months != 1 || days != 1) {
        problem =
            "date format \"" + excerpt(pattern) + "\" must have one year, one month and one day";
        return std::nullopt;
    }
    // A number may be short where digits of a neighbour cannot follow it.
    for (std::size_t i = 0; i < format.step_count_; ++i) {
        auto open = [&](std::size_t at) {
            return at >= format.step_count_ || format.steps_[at].token == Token::literal ||
                   format.steps_[at].token == Token::month_name;
        };
        format.steps_[i].one_digit = open(i + 1) && (i == 0 || open(i - 1));
    }
    format.kind_ = pattern == "YYYY-MM-DD" ? Kind::iso : Kind::steps;
    return format;
}

DateResult DateFormat::parse(std::string_view text) const {
    text = trim_blanks(text);
    if (kind_ == Kind::unix_seconds) {
        TimestampResult time = parse_unix_time(text);
        if (time.error != DateError::none) return {0, time.error};
        constexpr std::int64_t micros_a_day = 86400LL * 1000000;
        std::int64_t day = time.micros / micros_a_day - (time.micros % micros_a_day < 0 ? 1 : 0);
        return {static_cast<Day>(day), DateError::none};
    }
    DateResult result;
    if (kind_ == Kind::iso && parse_plain_iso(text, result)) return result;
    return parse_steps(text);
}

DateResult DateFormat::parse_steps(std::string_view text) const {
    int year = 0, month = 0, day = 0;
    for (std::size_t i = 0; i < step_count_; ++i) {
        const Step& step = steps_[i];
        std::size_t shortest = step.one_digit ? 1 : 2;
        bool fits = true;
        switch (step.token) {
            case Token::year4:
                fits = take_digits(text, 4, 4, year);
                break;
            case Token::year2:
                fits = take_digits(text, 2, 2, year);
                year += year >= 70 ? 1900 : 2000;
                break;
            case Token::month:
                fits = take_digits(text, shortest, 2, month);
                break;
            case Token::day:
                fits = take_digits(text, shortest, 2, day);
                break;
            case Token::month_name:
                month = month_by_name(text);
                fits = month != 0;
                if (fits) text.remove_prefix(3);
                break;
            case Token::literal:
                fits = !text.empty() && text.front() == step.literal;
                if (fits) text.remove_prefix(1);
                break;
        }
        if (!fits) return syntax_error;
    }
    if (!text.empty() && !(kind_ == Kind::iso && is_time_suffix(text))) return syntax_error;
    return make_date(year, month, day);
}

}  // namespace recon::field
