#include "core/field/decimal.hpp"

#include <algorithm>
#include <array>

namespace recon::field {

namespace {

constexpr std::array<uint128, 39> make_powers() {
    std::array<uint128, 39> powers{};
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}

constexpr std::array<uint128, 39> powers = make_powers();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Wide {
    uint128 high, low;
};

Wide multiply(uint128 a, uint128 b) {
    constexpr uint128 mask = ~std::uint64_t{0};
    uint128 a0 = a & mask, a1 = a >> 64, b0 = b & mask, b1 = b >> 64;
    uint128 low = a0 * b0, middle1 = a1 * b0, middle2 = a0 * b1, high = a1 * b1;
    uint128 carry = (low >> 64) + (middle1 & mask) + (middle2 & mask);
    return {high + (middle1 >> 64) + (middle2 >> 64) + (carry >> 64), (low & mask) | (carry << 64)};
}

}  // namespace

uint128 power_of_ten(int exponent) {
    return powers[static_cast<std::size_t>(exponent)];
}

uint128 magnitude(int128 a) {
    return a < 0 ? uint128{0} - static_cast<uint128>(a) : static_cast<uint128>(a);
}

uint128 distance(int128 a, int128 b) {
    return a >= b ? static_cast<uint128>(a) - static_cast<uint128>(b)
                  : static_cast<uint128>(b) - static_cast<uint128>(a);
}

bool product_at_most(uint128 a, uint128 b, uint128 c, uint128 d) {
    Wide left = multiply(a, b), right = multiply(c, d);
    return left.high != right.high ? left.high < right.high : left.low <= right.low;
}

int128 at_scale(const Decimal& value, int scale) {
    return value.coefficient * static_cast<int128>(power_of_ten(scale - value.scale));
}

DecimalResult parse_decimal(std::string_view text) {
    DecimalResult syntax{{}, DecimalError::syntax}, overflow{{}, DecimalError::overflow};
    std::size_t at = 0;
    bool negative = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
    std::size_t first = at, digits = 0;
    std::size_t point = std::string_view::npos;
    for (; at < text.size(); ++at) {
        if (is_digit(text[at])) {
            ++digits;
        } else if (text[at] == '.' && point == std::string_view::npos) {
            point = at;
        } else {
            break;
        }
    }
    if (digits == 0) return syntax;
    std::size_t last = at;
    long exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        bool down = false;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) down = text[at++] == '-';
        if (at == text.size()) return syntax;
        for (; at < text.size() && is_digit(text[at]); ++at)
            exponent = std::min(exponent * 10 + (text[at] - '0'), 100000L);
        if (down) exponent = -exponent;
    }
    if (at != text.size()) return syntax;

    long scale =
        (point == std::string_view::npos ? 0 : static_cast<long>(last - point - 1)) - exponent;
    // Leading zeros carry nothing; trailing ones only the scale.
    uint128 coefficient = 0;
    int significant = 0;
    long pending_zeros = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (text[i] == '.') continue;
        if (text[i] == '0') {
            if (significant > 0) ++pending_zeros;
            continue;
        }
        if (significant + pending_zeros + 1 > max_integer_digits + max_scale) return overflow;
        coefficient = coefficient * power_of_ten(static_cast<int>(pending_zeros) + 1) +
                      static_cast<unsigned>(text[i] - '0');
        significant += static_cast<int>(pending_zeros) + 1;
        pending_zeros = 0;
    }
    if (coefficient == 0) {
        return {{0, static_cast<int>(std::clamp(scale, 0L, static_cast<long>(max_scale)))},
                DecimalError::none};
    }
    // Drop trailing zeros beyond the largest scale, put back the others.
    long dropped = pending_zeros;
    scale -= dropped;
    if (scale > max_scale) return overflow;
    long wanted = std::min(scale + dropped, static_cast<long>(max_scale));
    wanted = std::max(wanted, 0L);
    if (significant - scale > max_integer_digits) return overflow;
    coefficient *= power_of_ten(static_cast<int>(wanted - scale));
    int128 value = static_cast<int128>(coefficient);
    return {{negative ? -value : value, static_cast<int>(wanted)}, DecimalError::none};
}

std::string to_text(const Decimal& value) {
    uint128 left = magnitude(value.coefficient);
    std::string reversed;
    int position = 0;
    do {
        if (position == value.scale && position > 0) reversed += '.';
        reversed += static_cast<char>('0' + static_cast<int>(left % 10));
        left /= 10;
        ++position;
    } while (left != 0 || position <= value.scale);
    if (value.coefficient < 0) reversed += '-';
    return {reversed.rbegin(), reversed.rend()};
}

}  // namespace recon::field
