#include "core/field/number.hpp"

#include <unicode/uchar.h>

#include <array>
#include <cstdint>

#include "core/field/raw_text.hpp"
#include "core/field/text.hpp"

namespace recon::field {

namespace {

constexpr DecimalResult syntax_error{{}, DecimalError::syntax};
constexpr DecimalResult overflow_error{{}, DecimalError::overflow};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Longer texts than this hold no number within the bounds, unless padded with zeros beyond reason.
constexpr std::size_t longest_number = 256;

// Takes the sign, wherever it is written. False where there are two.
bool take_sign(std::string_view& text, bool& negative) {
    if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
        text = trim_blanks(text.substr(1, text.size() - 2));
        negative = true;
    } else if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    } else if (!text.empty() && (text.back() == '-' || text.back() == '+')) {
        negative = text.back() == '-';
        text.remove_suffix(1);
    }
    return !text.empty() && text.front() != '-' && text.front() != '+';
}

// The common form: digits, at most one point, at most 18 digits in all.
bool parse_short(std::string_view text, char decimal, Decimal& value) {
    if (text.empty() || text.size() > 19) return false;
    std::uint64_t coefficient = 0;
    std::size_t digits = 0, point = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            coefficient = coefficient * 10 + static_cast<std::uint64_t>(text[i] - '0');
            ++digits;
        } else if (text[i] == decimal && point == text.size()) {
            point = i;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 18) return false;
    value.coefficient = static_cast<int128>(coefficient);
    value.scale = point == text.size() ? 0 : static_cast<int>(text.size() - point - 1);
    return true;
}

// Everything else: without separators and with '.' as the point, for parse_decimal.
DecimalResult parse_long(std::string_view text, const NumberFormat& format) {
    std::array<char, longest_number> plain;
    std::size_t length = 0;
    bool integer_part = true, exponent = false;
    if (text.size() > plain.size()) {
        bool numeric = true;
        for (char c : text) numeric = numeric && (is_digit(c) || c == format.decimal);
        return numeric ? overflow_error : syntax_error;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (is_digit(c)) {
            plain[length++] = c;
        } else if (c == format.decimal && integer_part) {
            integer_part = false;
            plain[length++] = '.';
        } else if ((c == 'e' || c == 'E') && format.exponent && !exponent && length > 0) {
            integer_part = false;
            exponent = true;
            plain[length++] = c;
        } else if ((c == '-' || c == '+') && exponent &&
                   (text[i - 1] == 'e' || text[i - 1] == 'E')) {
            plain[length++] = c;
        } else if (!format.thousands.empty() && integer_part && i > 0 && is_digit(text[i - 1]) &&
                   text.substr(i).starts_with(format.thousands)) {
            i += format.thousands.size() - 1;
            if (i + 1 == text.size() || !is_digit(text[i + 1])) return syntax_error;
        } else {
            return syntax_error;
        }
    }
    return parse_decimal({plain.data(), length});
}

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

// Blanks, also those that do not break a line: what stands between a number and its currency.
void trim_wide_blanks(std::string_view& text) {
    static constexpr std::string_view wide[] = {"\u00a0", "\u202f", "\u2009"};
    for (bool again = true; again;) {
        again = false;
        text = trim_blanks(text);
        for (std::string_view blank : wide) {
            if (text.starts_with(blank)) {
                text.remove_prefix(blank.size());
                again = true;
            } else if (text.ends_with(blank)) {
                text.remove_suffix(blank.size());
                again = true;
            }
        }
    }
}

// A currency sign or code at the front.
bool take_currency_before(std::string_view& text) {
    if (text.empty()) return false;
    if (text.size() > 3 && is_capital(text[0]) && is_capital(text[1]) && is_capital(text[2]) &&
        !is_capital(text[3])) {
        text.remove_prefix(3);
        return true;
    }
    CodePoint first = first_code_point(text);
    if (first.value >= invalid_byte ||
        u_charType(static_cast<UChar32>(first.value)) != U_CURRENCY_SYMBOL)
        return false;
    text.remove_prefix(first.bytes);
    return true;
}

bool take_currency_after(std::string_view& text) {
    std::size_t size = text.size();
    if (size > 3 && is_capital(text[size - 1]) && is_capital(text[size - 2]) &&
        is_capital(text[size - 3]) && !is_capital(text[size - 4])) {
        text.remove_suffix(3);
        return true;
    }
    std::size_t begin = size;
    while (begin > 0 && size - begin < 4) {
        --begin;
        if ((static_cast<unsigned char>(text[begin]) & 0xC0) != 0x80) break;
    }
    if (begin == size) return false;
    CodePoint last = first_code_point(text.substr(begin));
    if (last.bytes != size - begin || last.value >= invalid_byte ||
        u_charType(static_cast<UChar32>(last.value)) != U_CURRENCY_SYMBOL)
        return false;
    text = text.substr(0, begin);
    return true;
}

// Takes what may stand around a number. False where there is nothing of it.
bool take_marks(std::string_view& text) {
    std::size_t size = text.size();
    trim_wide_blanks(text);
    if (text.ends_with('%')) {
        text.remove_suffix(1);
    } else {
        take_currency_before(text);
        take_currency_after(text);
    }
    if (text.size() == size) return false;
    trim_wide_blanks(text);
    return !text.empty();
}

// A number that is not in the common form, its sign perhaps not yet found.
DecimalResult parse_marked(std::string_view text, const NumberFormat& format, bool has_sign,
                           bool& negative) {
    static constexpr std::string_view minus = "\u2212";
    if (text.empty()) return syntax_error;
    if (is_digit(text.front()) && is_digit(text.back())) return parse_long(text, format);
    if (has_sign && trim_blanks(text).size() != text.size()) return syntax_error;  // "- 5"
    bool marked = take_marks(text);
    if (!has_sign) {
        if (text.starts_with(minus)) {
            negative = true;
            text.remove_prefix(minus.size());
        } else if (!take_sign(text, negative)) {
            return syntax_error;
        }
        if (!marked) take_marks(text);
    }
    return parse_long(text, format);
}

DecimalResult bounded(int128 coefficient, int scale) {
    if (magnitude(coefficient) >= power_of_ten(max_integer_digits + scale)) return overflow_error;
    return {{coefficient, scale}, DecimalError::none};
}

}  // namespace

DecimalResult parse_number(std::string_view text, const NumberFormat& format) {
    text = trim_blanks(text);
    bool negative = false;
    std::size_t size = text.size();
    if (!take_sign(text, negative)) return syntax_error;
    DecimalResult result;
    if (!parse_short(text, format.decimal, result.value)) {
        result = parse_marked(text, format, text.size() != size, negative);
        if (result.error != DecimalError::none) return result;
    }
    if (format.scale > 0) {
        result = divide_by_power(result.value, format.scale);
        if (result.error != DecimalError::none) return result;
    }
    if (negative != format.negate) result.value.coefficient = -result.value.coefficient;
    return result;
}

DecimalResult divide_by_power(Decimal value, int scale) {
    value.scale += scale;
    while (value.scale > max_scale && value.coefficient % 10 == 0) {
        value.coefficient /= 10;
        --value.scale;
    }
    if (value.coefficient == 0 && value.scale > max_scale) value.scale = max_scale;
    if (value.scale > max_scale) return overflow_error;
    return {value, DecimalError::none};
}

DecimalResult subtract(const Decimal& a, const Decimal& b) {
    // Each is below 10^38 at any scale, but their difference may pass 2^127.
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int128 left = at_scale(a, scale), right = at_scale(b, scale), difference = 0;
    if (__builtin_sub_overflow(left, right, &difference)) return overflow_error;
    return bounded(difference, scale);
}

}  // namespace recon::field
