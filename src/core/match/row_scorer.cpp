#include "core/match/row_scorer.hpp"

#include "core/rule/normalize.hpp"

namespace recon::match {

namespace {

double score_numbers(const Check& check, std::int64_t a, std::int64_t b) {
    if (check.kind == CheckKind::equal) return a == b ? 1 : not_held;
    return check.kind == CheckKind::days ? score_days(check, a, b) : score_micros(check, a, b);
}

// Coefficients at the check's scale.
double score_coefficients(const Check& check, field::int128 a, field::int128 b) {
    if (check.kind == CheckKind::equal) return a == b ? 1 : not_held;
    return score_decimal(check, a, b);
}

}  // namespace

const std::string& RowScorer::text_of(const Check& check, const Column& column, std::size_t row,
                                      Text& last) const {
    if (last.row != row) {
        last.text.assign(column.text(row));
        if (last.text.size() > long_text) check_stop(stop_);
        rule::normalize(check.condition->normalize, last.text);
        last.row = row;
    }
    return last.text;
}

double RowScorer::score_texts(const Check& check, const std::string& a,
                              const std::string& b) const {
    bool holds = false;
    switch (check.kind) {
        case CheckKind::similar: {
            const std::string_view both[] = {a, b};
            return similarity::PreparedTexts(measure_of(*check.condition), both, stop_).score(0, 1);
        }
        case CheckKind::contains:
            holds = contains(a, b);
            break;
        case CheckKind::starts_with:
            holds = starts_with(a, b, check.condition->min_length);
            break;
        default:
            holds = a == b;
    }
    return holds ? 1 : not_held;
}

// The tables of an explanation need not share their texts.
bool RowScorer::same_currency(std::size_t row_a, std::size_t row_b) const {
    if (currencies_.a < 0) return true;
    const Column& a = plan_.a->columns[static_cast<std::size_t>(currencies_.a)];
    const Column& b = plan_.b->columns[static_cast<std::size_t>(currencies_.b)];
    std::uint32_t x = a.ids[row_a], y = b.ids[row_b];
    return x == 0 || y == 0 || (shares_texts_ ? x == y : a.text(row_a) == b.text(row_b));
}

double RowScorer::score(std::size_t i, std::size_t row_a, std::size_t row_b) {
    const Check& check = plan_.checks[i];
    const Column& a = plan_.a->columns[check.column_a];
    const Column& b = plan_.b->columns[check.column_b];
    if (!a.is_known(row_a) || !b.is_known(row_b)) return not_held;
    if (check.on_amount && !same_currency(row_a, row_b)) return not_held;
    switch (check.type) {
        case Type::text:
            if (check.kind == CheckKind::equal && check.condition->normalize.empty())
                return a.ids[row_a] == b.ids[row_b] ? 1 : not_held;
            return score_texts(check, text_of(check, a, row_a, texts_a_[i]),
                               text_of(check, b, row_b, texts_b_[i]));
        case Type::decimal:
            return score_coefficients(check, field::at_scale(a.decimal(row_a), check.scale),
                                      field::at_scale(b.decimal(row_b), check.scale));
        case Type::date:
            if (check.calendar)
                return score_numbers(check, check.calendar->number(a.days[row_a]),
                                     check.calendar->number(b.days[row_b]));
            return score_numbers(check, a.days[row_a], b.days[row_b]);
        case Type::timestamp:
            break;
    }
    return score_numbers(check, a.numbers[row_a], b.numbers[row_b]);
}

void RowScorer::count_held(std::size_t i, bool single_a, std::size_t from,
                           std::span<std::uint8_t> held) {
    const Check& check = plan_.checks[i];
    const Column& a = plan_.a->columns[check.column_a];
    const Column& b = plan_.b->columns[check.column_b];
    const Column &own = single_a ? a : b, &other = single_a ? b : a;
    if (!own.is_known(0)) return;
    auto count = [&](auto&& holds) {
        for (std::size_t k = 0; k < held.size(); ++k) held[k] += holds(from + k);
    };
    if (!check.on_amount && check.type == Type::text && check.kind == CheckKind::equal &&
        check.condition->normalize.empty()) {
        count([&](std::size_t row) { return other.ids[row] == own.ids[0]; });
    } else if (check.type == Type::decimal) {
        field::int128 x = field::at_scale(own.decimal(0), check.scale);
        auto factor = static_cast<field::int128>(field::power_of_ten(check.scale - other.scale));
        count([&](std::size_t row) {
            if (!other.is_known(row)) return false;
            field::int128 y = other.coefficient(row) * factor;
            return score_coefficients(check, single_a ? x : y, single_a ? y : x) != not_held &&
                   (!check.on_amount || same_currency(single_a ? 0 : row, single_a ? row : 0));
        });
    } else if (check.type == Type::date && !check.calendar) {
        count([&](std::size_t row) {
            return other.days[row] != null_day &&
                   score_numbers(check, single_a ? own.days[0] : other.days[row],
                                 single_a ? other.days[row] : own.days[0]) != not_held;
        });
    } else {
        count([&](std::size_t row) {
            return score(i, single_a ? 0 : row, single_a ? row : 0) != not_held;
        });
    }
}

}  // namespace recon::match
