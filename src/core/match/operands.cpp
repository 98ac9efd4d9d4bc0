#include "core/match/operands.hpp"

#include <algorithm>
#include <array>

#include "core/match/classes.hpp"
#include "core/rule/normalize.hpp"

namespace recon::match {

namespace {

using Rows = std::span<const std::uint32_t>;
using Steps = std::vector<rule::Step>;

// In groups, so that the cache misses of the dictionary overlap.
void read_texts(const Column& column, Rows rows, const Steps& steps, TextDictionary& dictionary,
                std::vector<std::uint32_t>& ids, StopCheck& stop) {
    constexpr std::size_t group = 16;
    std::array<std::string, group> scratch;
    std::array<std::string_view, group> texts;
    std::array<std::uint64_t, group> hashes{};
    ids.resize(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += group) {
        std::size_t count = std::min(group, rows.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            stop();
            texts[i] = column.text(rows[first + i]);
            if (!steps.empty()) {
                scratch[i].assign(texts[i]);
                rule::normalize(steps, scratch[i]);
                texts[i] = scratch[i];
            }
            hashes[i] = TextDictionary::hash(texts[i]);
            dictionary.prefetch(hashes[i]);
        }
        for (std::size_t i = 0; i < count; ++i)
            ids[first + i] = column.present[rows[first + i]] != 0
                                 ? dictionary.intern(texts[i], hashes[i], !steps.empty())
                                 : 0;
    }
}

field::int128 number_at(const Column& column, std::uint32_t row, int scale) {
    switch (column.type) {
        case Type::decimal:
            return field::at_scale({column.decimals[row], column.scale}, scale);
        case Type::date:
            return column.days[row];
        case Type::timestamp:
            return column.micros[row];
        case Type::text:
            break;
    }
    return 0;
}

void read_ids(const Column& column, Rows rows, int scale, NumberDictionary& dictionary,
              std::vector<std::uint32_t>& ids, StopCheck& stop) {
    ids.reserve(rows.size());
    for (std::uint32_t row : rows) {
        stop();
        ids.push_back(column.present[row] != 0 ? dictionary.intern(number_at(column, row, scale))
                                               : 0);
    }
}

void read_range(const Check& check, const Column& column, Rows rows, Operand& operand,
                StopCheck& stop) {
    operand.known.reserve(rows.size());
    for (std::uint32_t row : rows) {
        stop();
        bool known = column.present[row] != 0;
        operand.known.push_back(known ? 1 : 0);
        if (check.kind == CheckKind::decimal) {
            operand.decimals.push_back(known ? number_at(column, row, check.scale) : 0);
        } else if (check.calendar) {
            operand.numbers.push_back(known ? check.calendar->number(column.days[row]) : 0);
        } else {
            operand.numbers.push_back(known ? static_cast<std::int64_t>(number_at(column, row, 0))
                                            : 0);
        }
    }
}

}  // namespace

std::size_t Operand::bytes() const {
    return ids.capacity() * sizeof(std::uint32_t) + decimals.capacity() * sizeof(field::int128) +
           numbers.capacity() * sizeof(std::int64_t) + known.capacity();
}

Operands prepare(const Plan& plan, const Table& a, Rows open_a, const Table& b, Rows open_b,
                 Reservation& memory, StopToken& token) {
    StopCheck stop(token);
    Operands result;
    std::size_t expected = std::max(open_a.size(), open_b.size());
    result.texts.resize(plan.checks.size());
    result.a.operands.resize(plan.checks.size());
    result.b.operands.resize(plan.checks.size());
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        const Column& column_a = a.columns[check.column_a];
        const Column& column_b = b.columns[check.column_b];
        Operand& operand_a = result.a.operands[i];
        Operand& operand_b = result.b.operands[i];
        if (check.is_range()) {
            read_range(check, column_a, open_a, operand_a, stop);
            read_range(check, column_b, open_b, operand_b, stop);
        } else if (check.type == Type::text) {
            auto dictionary = std::make_unique<TextDictionary>(expected);
            read_texts(column_a, open_a, check.condition->normalize, *dictionary, operand_a.ids,
                       stop);
            read_texts(column_b, open_b, check.condition->normalize, *dictionary, operand_b.ids,
                       stop);
            if (check.kind != CheckKind::equal) {
                memory.take(dictionary->bytes());
                result.texts[i] = std::move(dictionary);
            }
        } else {
            NumberDictionary dictionary(expected);
            read_ids(column_a, open_a, check.scale, dictionary, operand_a.ids, stop);
            read_ids(column_b, open_b, check.scale, dictionary, operand_b.ids, stop);
        }
        memory.take(operand_a.bytes() + operand_b.bytes());
    }
    if (plan.currency_a >= 0) {
        TextDictionary dictionary(16);
        read_texts(a.columns[static_cast<std::size_t>(plan.currency_a)], open_a, {}, dictionary,
                   result.a.currency, stop);
        read_texts(b.columns[static_cast<std::size_t>(plan.currency_b)], open_b, {}, dictionary,
                   result.b.currency, stop);
        memory.take((open_a.size() + open_b.size()) * sizeof(std::uint32_t));
    }
    merge_equal(result.a, open_a, memory, stop);
    merge_equal(result.b, open_b, memory, stop);
    return result;
}

}  // namespace recon::match
