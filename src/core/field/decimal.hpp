// Exact decimals: a 128-bit coefficient and a decimal scale. Bounds: 20 digits before the point and
// 18 after it, so that any two values can be brought to one scale without overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recon::field {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

inline constexpr int max_scale = 18;
inline constexpr int max_integer_digits = 20;

struct Decimal {
    int128 coefficient = 0;
    int scale = 0;  // value = coefficient / 10^scale, 0..max_scale
};

enum class DecimalError { none, syntax, overflow };

struct DecimalResult {
    Decimal value;
    DecimalError error = DecimalError::none;
};

// Plain decimal text as numeric_out and JSON write it: sign, digits, point, digits, optional
// exponent. Trailing zeros after the point are kept (1.50 has scale 2) unless the scale is above
// max_scale, where only zeros may be dropped; otherwise overflow.
DecimalResult parse_decimal(std::string_view text);

std::string to_text(const Decimal& value);

// The same value at a larger scale (at most max_scale).
int128 at_scale(const Decimal& value, int scale);

uint128 power_of_ten(int exponent);  // 0..38

// |a - b| of two coefficients at the same scale; cannot overflow.
uint128 distance(int128 a, int128 b);
uint128 magnitude(int128 a);

// a * b <= c * d, exactly, in 256 bits.
bool product_at_most(uint128 a, uint128 b, uint128 c, uint128 d);

}  // namespace recon::field
