#include "core/match/classes.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

namespace {

template <class T>
void add_hashes(const std::vector<T>& values, std::vector<std::uint64_t>& hashes) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto value = static_cast<std::uint64_t>(values[i]);
        if constexpr (sizeof(T) == 16)
            value ^= static_cast<std::uint64_t>(static_cast<field::uint128>(values[i]) >> 64) << 7;
        hashes[i] = mix(hashes[i] ^ (value + 0x9E3779B97F4A7C15u));
    }
}

template <class T>
bool agree(const std::vector<T>& values, std::size_t x, std::size_t y) {
    return values.empty() || values[x] == values[y];
}

bool same(const Side& side, std::size_t x, std::size_t y) {
    for (const Operand& operand : side.operands)
        if (!agree(operand.ids, x, y) || !agree(operand.decimals, x, y) ||
            !agree(operand.numbers, x, y) || !agree(operand.known, x, y))
            return false;
    return agree(side.currency, x, y);
}

template <class T>
void keep(std::vector<T>& values, const std::vector<std::uint32_t>& positions) {
    if (values.empty()) return;
    for (std::size_t c = 0; c < positions.size(); ++c) values[c] = values[positions[c]];
    values.resize(positions.size());
}

}  // namespace

void merge_equal(Side& side, std::span<const std::uint32_t> open, Reservation& memory,
                 StopCheck& stop) {
    std::size_t count = open.size();
    std::vector<std::uint64_t> hashes(count);
    for (const Operand& operand : side.operands) {
        add_hashes(operand.ids, hashes);
        add_hashes(operand.decimals, hashes);
        add_hashes(operand.numbers, hashes);
        add_hashes(operand.known, hashes);
    }
    add_hashes(side.currency, hashes);

    IdTable table(count);
    std::vector<std::uint32_t> class_of(count), first;
    constexpr std::size_t ahead = 16;
    for (std::size_t i = 0; i < count; ++i) {
        stop();
        if (i + ahead < count) table.prefetch(hashes[i + ahead]);
        auto next = static_cast<std::uint32_t>(first.size());
        class_of[i] = table.find_or_insert(
            hashes[i], next, [&](std::uint32_t c) { return same(side, first[c], i); });
        if (class_of[i] == next) first.push_back(static_cast<std::uint32_t>(i));
    }

    side.begins.assign(first.size() + 1, 0);
    for (std::uint32_t c : class_of) ++side.begins[c + 1];
    std::partial_sum(side.begins.begin(), side.begins.end(), side.begins.begin());
    side.rows.resize(count);
    std::vector<std::uint32_t> next(side.begins.begin(), side.begins.end() - 1);
    for (std::size_t i = 0; i < count; ++i) side.rows[next[class_of[i]]++] = open[i];
    memory.take((side.rows.size() + side.begins.size()) * sizeof(std::uint32_t));
    if (first.size() == count) return;
    for (Operand& operand : side.operands) {
        keep(operand.ids, first);
        keep(operand.decimals, first);
        keep(operand.numbers, first);
        keep(operand.known, first);
    }
    keep(side.currency, first);
}

}  // namespace recon::match
