#include "core/detect/column.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "core/detect/cell_class.hpp"
#include "core/field/boolean.hpp"
#include "core/field/number.hpp"
#include "core/field/timestamp.hpp"

namespace recon::detect {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool starts_like_label(std::string_view text) {
    return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

// Words only: 0 and 1 are numbers as well.
bool is_truth(std::string_view text) {
    return !text.empty() && !is_digit(text[0]) && field::parse_boolean(text).has_value();
}

}  // namespace

Kind Column::kind() const {
    if (filled == 0) return Kind::none;
    if (dates.share == 1 && !dates.digits_only && !dates.ambiguous) {
        if (!dates.with_time) return Kind::date;
        bool times = std::all_of(values.begin(), values.end(), [](std::string_view value) {
            return field::parse_timestamp(value).error == field::DateError::none;
        });
        if (times) return Kind::timestamp;
    } else if (dates.share == 1 && !dates.digits_only) {
        return Kind::date;
    }
    bool longer_than_any_sum =
        std::any_of(values.begin(), values.end(), [](auto v) { return v.size() > 20; });
    if (notation.share == 1 && !leading_zeros && !longer_than_any_sum) return Kind::number;
    if (std::all_of(values.begin(), values.end(), is_truth)) return Kind::boolean;
    return Kind::text;
}

void describe(Column& column) {
    std::unordered_set<std::string_view> seen;
    std::size_t length = 0;
    column.filled = column.values.size();
    column.currency_codes = column.filled > 0;
    bool short_words = true;
    field::NumberFormat plain{column.notation.decimal, column.notation.thousands};
    for (std::string_view value : column.values) {
        seen.insert(value);
        length += value.size();
        column.leading_zeros = column.leading_zeros || starts_like_label(value);
        column.currency_codes = column.currency_codes && is_currency_code(value);
        short_words = short_words && value.size() <= 12;
        field::DecimalResult number = field::parse_number(value, plain);
        if (number.error != field::DecimalError::none) continue;
        column.fractions = column.fractions || number.value.scale > 0;
        column.negatives = column.negatives || number.value.coefficient < 0;
        column.positives = column.positives || number.value.coefficient > 0;
    }
    column.distinct =
        column.filled > 0 && column.filled == column.rows && seen.size() == column.rows;
    column.few_words = column.filled > 0 && short_words && seen.size() <= 4;
    column.mean_length =
        column.filled == 0 ? 0 : static_cast<double>(length) / static_cast<double>(column.filled);
}

}  // namespace recon::detect
