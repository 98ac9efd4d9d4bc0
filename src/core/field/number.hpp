// Numbers as files write them, to exact decimals.
#pragma once

#include <string>
#include <string_view>

#include "core/field/decimal.hpp"

namespace recon::field {

struct NumberFormat {
    char decimal = '.';
    std::string thousands;  // one character (UTF-8); empty: no separators allowed
    int scale = 0;          // the text counts units of 10^-scale (minor units)
    bool negate = false;
    bool exponent = false;  // 1e3 is a number; files write none, so there it is an error
};

// Accepts blanks around the number, a sign before or after it, parentheses for a negative number,
// and thousands separators between digits of the integer part; a currency sign (any of Unicode's)
// or a code of three capital letters on either side, and a percent sign after it. Neither changes
// the value: "12.5 %" is 12.5.
DecimalResult parse_number(std::string_view text, const NumberFormat& format);

// value / 10^scale, exactly; overflow where that needs more than max_scale digits after the point.
DecimalResult divide_by_power(Decimal value, int scale);

// a - b; overflow beyond the bounds of a Decimal.
DecimalResult subtract(const Decimal& a, const Decimal& b);

}  // namespace recon::field
