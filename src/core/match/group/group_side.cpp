#include "core/match/group/group_side.hpp"

#include <algorithm>
#include <cstring>

#include "core/match/group/problem.hpp"

namespace recon::match::group {

namespace {

template <class T>
void put(std::string& key, const T& value) {
    key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

void ValueNumbers::add(const Column& column, std::size_t row) {
    switch (column.type) {
        case Type::text: {
            std::string_view text = column.text(row);
            put(key_, text.size());
            key_.append(text);
            break;
        }
        case Type::decimal:
            put(key_, field::at_scale(column.decimal(row), field::max_scale));
            break;
        case Type::date:
            put(key_, column.days[row]);
            break;
        case Type::timestamp:
            put(key_, column.numbers[row]);
            break;
    }
}

std::uint32_t ValueNumbers::number() {
    auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
    auto [found, added] = numbers_.try_emplace(key_, next);
    constexpr std::size_t entry = 80;  // of the map, about
    if (added) memory_.take(entry + key_.size());
    return found->second;
}

std::uint32_t GroupSide::same_of(const Table& table, const std::vector<std::size_t>& columns,
                                 std::uint32_t row, ValueNumbers& numbers) const {
    if (columns.empty()) return 0;
    numbers.start();
    for (std::size_t column : columns) {
        if (!table.columns[column].is_known(row)) return shares_nothing;
        numbers.add(table.columns[column], row);
    }
    return numbers.number();
}

void GroupSide::append(field::int128 amount, field::int128 fee, std::uint32_t same_as,
                       std::uint32_t currency, bool bears_fees) {
    if (amounts.size() == amounts.capacity()) {
        std::size_t more = amounts.size() / 2 + 64;
        memory_.take(more *
                     ((bears_fees ? 2 : 1) * sizeof(field::int128) + 2 * sizeof(std::uint32_t)));
        amounts.reserve(amounts.size() + more);
        if (bears_fees) fees.reserve(amounts.capacity());
        same.reserve(amounts.capacity());
        currencies.reserve(amounts.capacity());
    }
    amounts.push_back(amount);
    if (bears_fees) fees.push_back(fee);
    same.push_back(same_as);
    currencies.push_back(currency);
}

GroupSide::Range GroupSide::add(const Plan& plan, const GroupPlan& group, const Side& part,
                                std::uint32_t c, std::span<const std::uint32_t> numbers,
                                ValueNumbers& same_numbers, ValueNumbers& currency_numbers) {
    const Table& table = of_a_ ? *plan.a : *plan.b;
    std::uint32_t row = part.rows[part.begins[c]];
    Range range{static_cast<std::uint32_t>(classes.classes()), 0};
    std::optional<field::int128> amount = group.amount(of_a_, row);
    if (!amount) return range;
    bool bears_fees = group.has_fees() && of_a_ == fees_on_a(plan.rule->cardinality);
    field::int128 fee = bears_fees ? group.gross(of_a_, row) - *amount : 0;
    int guarded = of_a_ ? plan.currency_a : plan.currency_b;
    std::uint32_t currency = 0;
    if (guarded >= 0 && table.columns[static_cast<std::size_t>(guarded)].is_known(row)) {
        currency_numbers.start();
        currency_numbers.add(table.columns[static_cast<std::size_t>(guarded)], row);
        currency = currency_numbers.number();
    }
    const std::vector<std::size_t>& columns = group.same(of_a_);
    if (columns.empty()) {
        Numbering(classes, part, numbers, memory_).add(c);
        append(*amount, fee, 0, currency, bears_fees);
        range.count = 1;
        return range;
    }
    by_same_.clear();
    for (std::uint32_t own : rows_of(part, c))
        by_same_.push_back({same_of(table, columns, own, same_numbers), own});
    std::stable_sort(by_same_.begin(), by_same_.end(),
                     [](const auto& x, const auto& y) { return x.first < y.first; });
    memory_.take(by_same_.size() * 2 * sizeof(std::uint32_t));
    for (std::size_t i = 0; i < by_same_.size(); ++i) {
        std::uint32_t own = by_same_[i].second;
        classes.rows.push_back(numbers.empty() ? own : numbers[own]);
        if (i + 1 < by_same_.size() && by_same_[i + 1].first == by_same_[i].first) continue;
        classes.begins.push_back(static_cast<std::uint32_t>(classes.rows.size()));
        append(*amount, fee, by_same_[i].first, currency, bears_fees);
        ++range.count;
    }
    return range;
}

}  // namespace recon::match::group
