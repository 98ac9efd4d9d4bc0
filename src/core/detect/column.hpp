// How the values of one column are written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recon::detect {

// What the rest of the file says, for values that can be read in several ways.
struct Customs {
    std::optional<char> decimal;            // of the columns that leave no doubt
    std::optional<std::string> date_order;  // "DMY", "MDY" or "YMD", likewise
    // True where the names are not English or decimals have a comma, false where they are English.
    std::optional<bool> day_first;
};

struct Notation {
    char decimal = '.';
    std::string thousands;
    double share = 0;        // of the values that are numbers so written
    bool separated = false;  // some value has a separator at all
    bool ambiguous = false;  // 1.234 may be a thousand or one and a bit
};

// Of all notations that explain the most values, the one that `customs` names, else the simplest.
// Thousands separators part groups of three digits.
Notation find_notation(std::span<const std::string_view> values, const Customs& customs);

struct DateStyle {
    std::string pattern;  // of field::DateFormat; empty: no dates
    std::string order;    // "DMY", "MDY", "YMD", or "unix"
    double share = 0;
    double confidence = 0;  // that day, month and year are told apart rightly
    bool ambiguous = false;
    bool digits_only = false;  // may as well be numbers
    bool with_time = false;    // ISO, with a time of day
};

// A day above 12 decides. Where none is seen: the order that leaves the rows sorted (0.85), the
// order of the file's other dates (0.8), or the custom: day first after dots and in names that are
// not English (0.7), or a mere guess (0.5).
DateStyle find_date_style(std::span<const std::string_view> values, const Customs& customs);

enum class Kind : std::uint8_t { none, text, number, date, timestamp, boolean };

struct Column {
    std::vector<std::string_view> values;  // filled ones, without blanks around, and no null texts
    std::vector<std::string> nulls;        // texts that stand for nothing: "n/a", "-", "NULL"
    std::size_t rows = 0, filled = 0;
    bool quoted_empty = false;                       // NULL is written ""
    bool distinct = false;                           // filled in each row, and no value twice
    bool leading_zeros = false;                      // 007: no number but a label
    bool currency_codes = false, few_words = false;  // all values
    bool fractions = false, negatives = false, positives = false;
    double mean_length = 0;
    Notation notation;
    DateStyle dates;

    // What all values are; none where there is no value.
    Kind kind() const;
    bool is_number() const { return notation.share >= 0.8; }
    bool is_date() const { return dates.share >= 0.8; }
};

// Everything but notation and dates, of the values as they stand.
void describe(Column& column);

}  // namespace recon::detect
