#include "core/match/row_value.hpp"

#include "core/match/operands.hpp"

namespace recon::match {

bool RowValue::read(const RowView& row, field::int128& number) const {
    if (!row.is_known(column_)) return false;
    switch (row.type(column_)) {
        case Type::decimal: {
            field::Decimal value = row.decimal(column_);
            number = value.coefficient *
                     static_cast<field::int128>(field::power_of_ten(check_.scale - value.scale));
            return true;
        }
        case Type::date:
            number = check_.calendar ? check_.calendar->number(row.day(column_)) : row.day(column_);
            return true;
        case Type::timestamp:
            number = row.micros(column_);
            return true;
        case Type::text:
            break;
    }
    return false;
}

bool RowValue::add_to_hash(const RowView& row, std::uint64_t& hash) {
    if (row.type(column_) != Type::text) {
        field::int128 number = 0;
        if (!read(row, number)) return false;
        hash = hash_word(hash, number);
        return true;
    }
    if (!row.is_known(column_)) return false;
    std::string_view text = row.text(column_);
    if (prefix_ > 0 || !check_.condition->normalize.empty()) {
        text_.assign(text);
        if (!derive_text(check_.condition->normalize, prefix_, text_)) return false;
        text = text_;
    }
    hash = hash_word(hash, Texts::hash(text));
    return true;
}

std::vector<RowValue> key_values(const Plan& plan, bool is_a) {
    std::vector<RowValue> keys;
    for (const Check& check : plan.checks) {
        if (is_key(check)) keys.emplace_back(check, is_a);
        if (is_prefix_key(check))
            keys.emplace_back(check, is_a, static_cast<std::size_t>(check.condition->min_length));
    }
    return keys;
}

}  // namespace recon::match
