#include "core/match/operands.hpp"

#include <algorithm>

#include "core/field/text.hpp"
#include "core/rule/normalize.hpp"

namespace recon::match {

namespace {

bool same_steps(const std::vector<rule::Step>& x, const std::vector<rule::Step>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const rule::Step& s, const rule::Step& t) {
                          return s.kind == t.kind && s.left == t.left && s.prefixes == t.prefixes;
                      });
}

bool has_characters(std::string_view text, std::size_t wanted) {
    for (; wanted > 0; --wanted) {
        if (text.empty()) return false;
        text.remove_prefix(field::first_code_point(text).bytes);
    }
    return true;
}

Derivation* derivation_of(const Plan& plan, const Check& check, std::size_t prefix,
                          Operands& operands, Reservation& memory) {
    const std::vector<rule::Step>& steps = check.condition->normalize;
    if (check.form != Form::ids || (steps.empty() && prefix == 0)) return nullptr;
    for (const auto& known : operands.derivations)
        if (known->is_of(steps, prefix)) return known.get();
    return operands.derivations
        .emplace_back(std::make_unique<Derivation>(plan.a->texts(), steps, prefix, memory))
        .get();
}

void derive(const Plan& plan, const Check& check, Derivation* derivation, Rows rows_a, Rows rows_b,
            StopCheck& stop) {
    if (derivation == nullptr) return;
    derivation->add(plan.a->columns[check.column_a], rows_a, stop);
    derivation->add(plan.b->columns[check.column_b], rows_b, stop);
}

}  // namespace

bool derive_text(const std::vector<rule::Step>& steps, std::size_t prefix, std::string& text) {
    rule::normalize(steps, text);
    if (prefix == 0) return true;
    if (!has_characters(text, prefix)) return false;
    field::left(text, prefix);
    return true;
}

Derivation::Derivation(Texts& texts, const std::vector<rule::Step>& steps, std::size_t prefix,
                       Reservation& memory)
    : texts_(texts), steps_(steps), prefix_(prefix) {
    memory.take((texts.size() + 1) * sizeof(std::uint32_t));
    numbers_.resize(texts.size() + 1);
    std::fill(numbers_.begin(), numbers_.end(), no_id);
    numbers_[0] = 0;
}

bool Derivation::is_of(const std::vector<rule::Step>& steps, std::size_t prefix) const {
    return prefix == prefix_ && same_steps(steps, steps_);
}

std::uint32_t Derivation::derive(std::uint32_t id) {
    scratch_.assign(texts_.view(id));
    return derive_text(steps_, prefix_, scratch_) ? texts_.add(scratch_) : 0;
}

void Derivation::add(const Column& column, Rows rows, StopCheck& stop) {
    constexpr std::size_t ahead = 16;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i + ahead < rows.size()) __builtin_prefetch(&numbers_[column.ids[rows[i + ahead]]]);
        std::uint32_t id = column.ids[rows[i]];
        if (numbers_[id] != no_id) continue;
        stop();
        numbers_[id] = derive(id);
    }
}

Operand::Operand(const Check& check, const Column& column, const Derivation* derivation)
    : column_(&column),
      derived_(derivation == nullptr ? nullptr : derivation->numbers()),
      calendar_(check.calendar ? &*check.calendar : nullptr),
      form_(check.form) {
    if (check.type != Type::decimal) return;
    wide_factor_ = static_cast<field::int128>(field::power_of_ten(check.scale - column.scale));
    if (form_ == Form::numbers) factor_ = static_cast<std::int64_t>(wide_factor_);
}

std::int64_t Operand::number(std::uint32_t row) const {
    if (column_->type == Type::date) {
        field::Day day = column_->days[row];
        if (day == null_day) return null_number;
        return calendar_ == nullptr ? day : calendar_->number(day);
    }
    std::int64_t number = column_->numbers[row];
    return number == null_number ? null_number : number * factor_;
}

field::int128 Operand::wide(std::uint32_t row) const {
    return column_->is_known(row) ? column_->coefficient(row) * wide_factor_ : null_wide;
}

void Operand::gather(Rows rows, std::uint32_t* out) const {
    const std::uint32_t* ids = column_->ids.data();
    if (derived_ == nullptr) {
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = ids[rows[i]];
    } else {
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = derived_[ids[rows[i]]];
    }
}

void Operand::gather(Rows rows, std::int64_t* out) const {
    if (column_->type != Type::date && factor_ == 1) {
        const std::int64_t* numbers = column_->numbers.data();
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = numbers[rows[i]];
    } else {
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = number(rows[i]);
    }
}

void Operand::gather(Rows rows, field::int128* out) const {
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = wide(rows[i]);
}

void Operand::prefetch(std::uint32_t row) const {
    if (form_ == Form::ids)
        __builtin_prefetch(&column_->ids[row]);
    else if (column_->type == Type::date)
        __builtin_prefetch(&column_->days[row]);
    else if (column_->is_wide)
        __builtin_prefetch(&column_->wide[row]);
    else
        __builtin_prefetch(&column_->numbers[row]);
}

std::uint64_t Operand::hash(std::uint32_t row, std::uint64_t seed) const {
    switch (form_) {
        case Form::ids:
            return hash_word(seed, std::uint64_t{id(row)});
        case Form::numbers:
            return hash_word(seed, static_cast<std::uint64_t>(number(row)));
        case Form::wide:
            break;
    }
    return hash_word(seed, wide(row));
}

bool Operand::same(std::uint32_t row, const Operand& other, std::uint32_t other_row) const {
    switch (form_) {
        case Form::ids:
            return id(row) == other.id(other_row);
        case Form::numbers:
            return number(row) == other.number(other_row);
        case Form::wide:
            break;
    }
    return wide(row) == other.wide(other_row);
}

Operands bind_operands(const Plan& plan, Rows open_a, Rows open_b, Reservation& memory,
                       StopToken& token) {
    if (plan.a->shared_texts() != plan.b->shared_texts())
        throw Error(sqlstate::internal_error, "tables to match do not share their texts");
    StopCheck stop(token, 64);
    Operands result;
    for (const Check& check : plan.checks) {
        const Column& column_a = plan.a->columns[check.column_a];
        const Column& column_b = plan.b->columns[check.column_b];
        Derivation* derivation = derivation_of(plan, check, 0, result, memory);
        if (is_key(check)) derive(plan, check, derivation, open_a, open_b, stop);
        result.a.emplace_back(check, column_a, derivation);
        result.b.emplace_back(check, column_b, derivation);
        if (is_key(check)) result.keys.push_back({result.a.back(), result.b.back()});
        if (!is_prefix_key(check)) continue;
        auto prefix = static_cast<std::size_t>(check.condition->min_length);
        derivation = derivation_of(plan, check, prefix, result, memory);
        derive(plan, check, derivation, open_a, open_b, stop);
        result.keys.push_back(
            {Operand(check, column_a, derivation), Operand(check, column_b, derivation)});
    }
    return result;
}

void derive_texts(const Plan& plan, Operands& operands, Rows rows_a, Rows rows_b,
                  Reservation& memory, StopToken& token) {
    StopCheck stop(token, 64);
    for (const Check& check : plan.checks)
        if (!is_key(check))
            derive(plan, check, derivation_of(plan, check, 0, operands, memory), rows_a, rows_b,
                   stop);
}

}  // namespace recon::match
