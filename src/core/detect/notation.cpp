// Numbers of a column: which sign is the decimal point, which parts the thousands.
#include <array>

#include "core/detect/column.hpp"
#include "core/field/number.hpp"

namespace recon::detect {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Candidate {
    char decimal;
    std::string_view thousands;
};

// The simpler, the earlier.
constexpr std::array<Candidate, 14> candidates = {{{'.', ""},
                                                   {',', ""},
                                                   {'.', ","},
                                                   {',', "."},
                                                   {'.', "'"},
                                                   {',', " "},
                                                   {',', "\u00a0"},
                                                   {',', "\u202f"},
                                                   {'.', " "},
                                                   {'.', "\u2019"},
                                                   {'.', "\u00a0"},
                                                   {'.', "\u202f"},
                                                   {',', "'"},
                                                   {',', "\u2019"}}};

// The parser lets separators stand between any digits; here they part groups of three, the first
// of one to three and without a leading zero.
bool grouped(std::string_view value, const Candidate& candidate) {
    if (candidate.thousands.empty()) return true;
    std::size_t digits = 0, groups = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (is_digit(value[i])) {
            if (groups == 0 && digits == 0 && value[i] == '0' &&
                value.substr(i + 1).starts_with(candidate.thousands))
                return false;
            ++digits;
        } else if (value[i] == candidate.decimal) {
            break;
        } else if (digits > 0 && value.substr(i).starts_with(candidate.thousands) &&
                   i + candidate.thousands.size() < value.size() &&
                   is_digit(value[i + candidate.thousands.size()])) {
            if (groups == 0 ? digits > 3 : digits != 3) return false;
            ++groups;
            digits = 0;
            i += candidate.thousands.size() - 1;
        }
    }
    return groups == 0 || digits == 3;
}

std::size_t accepted(std::span<const std::string_view> values, const Candidate& candidate) {
    field::NumberFormat format{candidate.decimal, std::string(candidate.thousands)};
    std::size_t count = 0, most_failures = values.size() / 5, failures = 0;
    for (std::string_view value : values) {
        if (field::parse_number(value, format).error == field::DecimalError::none &&
            grouped(value, candidate))
            ++count;
        else if (++failures > most_failures)
            return 0;
    }
    return count;
}

bool has_separator(std::span<const std::string_view> values) {
    for (std::string_view value : values)
        for (std::size_t i = 0; i + 1 < value.size(); ++i)
            if ((value[i] == '.' || value[i] == ',') && is_digit(value[i + 1])) return true;
    return false;
}

}  // namespace

Notation find_notation(std::span<const std::string_view> values, const Customs& customs) {
    Notation notation;
    if (values.empty()) return notation;
    std::array<std::size_t, candidates.size()> counts{};
    std::size_t most = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        most = std::max(most, counts[i] = accepted(values, candidates[i]));
    if (most == 0) return notation;
    notation.share = static_cast<double>(most) / static_cast<double>(values.size());
    notation.separated = has_separator(values);
    const Candidate* chosen = nullptr;
    bool point = false, comma = false;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (counts[i] != most) continue;
        (candidates[i].decimal == '.' ? point : comma) = true;
        if (chosen == nullptr || (chosen->decimal != customs.decimal.value_or(chosen->decimal) &&
                                  candidates[i].decimal == *customs.decimal))
            chosen = &candidates[i];
    }
    notation.ambiguous = point && comma && notation.separated && !customs.decimal;
    notation.decimal = chosen->decimal;
    notation.thousands = std::string(chosen->thousands);
    return notation;
}

}  // namespace recon::detect
