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
};

// Accepts blanks around the number, a sign before or after it, parentheses for a negative number,
// thousands separators between digits of the integer part, and an exponent.
DecimalResult parse_number(std::string_view text, const NumberFormat& format);

// value / 10^scale, exactly; overflow where that needs more than max_scale digits after the point.
DecimalResult divide_by_power(Decimal value, int scale);

// a - b; overflow beyond the bounds of a Decimal.
DecimalResult subtract(const Decimal& a, const Decimal& b);

}  // namespace recon::field
