// Date formats: a pattern compiled once into steps, then applied to each value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/field/date.hpp"

namespace recon::field {

enum class DateError : std::uint8_t {
    none,
    syntax,
    range
};  // range: it fits the format, but is no date

struct DateResult {
    Day day = 0;
    DateError error = DateError::none;
};

// Tokens YYYY, YY (70..99: 19xx, else 20xx), MM, DD, Mon (English, any case), and separators that
// are neither letters nor digits; or "unix": seconds since 1970-01-01 UTC. A day or month between
// separators may have one digit. After an ISO date ("YYYY-MM-DD") a time of day is accepted and not
// read.
class DateFormat {
  public:
    DateFormat();  // YYYY-MM-DD

    // Nothing where the pattern is no format; `problem` then says why.
    static std::optional<DateFormat> compile(std::string_view pattern, std::string& problem);

    DateResult parse(std::string_view text) const;
    const std::string& pattern() const { return pattern_; }
    bool is_unix() const { return kind_ == Kind::unix_seconds; }

  private:
    enum class Kind : std::uint8_t { steps, iso, unix_seconds };
    enum class Token : std::uint8_t { year4, year2, month, day, month_name, literal };
    struct Step {
        Token token = Token::literal;
        char literal = 0;
        bool one_digit = false;  // separators on both sides make one digit unambiguous
    };

    struct Uncompiled {};
    explicit DateFormat(Uncompiled) {}

    DateResult parse_steps(std::string_view text) const;

    std::string pattern_;
    Kind kind_ = Kind::iso;
    std::array<Step, 16> steps_{};
    std::size_t step_count_ = 0;
};

// True for what may follow an ISO date: nothing, or 'T' or a blank and hh:mm with whatever ISO 8601
// allows after it.
bool is_time_suffix(std::string_view text);

}  // namespace recon::field
