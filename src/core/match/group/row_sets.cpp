#include "core/match/group/row_sets.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match::group {

void ClassRows::want(std::uint32_t c) {
    if (wanted_.empty()) {
        std::size_t classes = side_.classes.classes();
        memory_.take(classes);
        wanted_.resize(classes);
    }
    wanted_[c] = 1;
}

void ClassRows::sort(RowOrder& order) {
    std::size_t classes = side_.classes.classes();
    memory_.take(classes * sizeof(std::uint32_t));
    taken_.assign(classes, 0);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t c = 0; c < wanted_.size(); ++c)
        if (wanted_[c] != 0) {
            std::span<const std::uint32_t> own = rows_of(side_.classes, c);
            rows.insert(rows.end(), own.begin(), own.end());
        }
    if (rows.empty()) return;
    memory_.take(rows.size() * (sizeof(std::uint32_t) + sizeof(ranks_[0])));
    if (side_.of_a())
        order.sort_a(rows);
    else
        order.sort_b(rows);
    for (std::uint32_t place = 0; place < rows.size(); ++place)
        ranks_.push_back({rows[place], place + 1});
    std::sort(ranks_.begin(), ranks_.end());
    for (std::uint32_t c = 0; c < wanted_.size(); ++c) {
        if (wanted_[c] == 0) continue;
        auto begin = side_.classes.rows.begin() + side_.classes.begins[c];
        std::sort(begin, begin + side_.classes.size(c),
                  [&](std::uint32_t x, std::uint32_t y) { return rank(x) < rank(y); });
    }
}

std::uint32_t ClassRows::rank(std::uint32_t row) const {
    return std::lower_bound(ranks_.begin(), ranks_.end(), std::pair(row, std::uint32_t{0}))->second;
}

void ClassRows::take(std::span<const SetPart> parts, std::vector<std::uint32_t>& rows) {
    std::size_t first = rows.size();
    for (const SetPart& part : parts) {
        auto begin =
            side_.classes.rows.begin() + side_.classes.begins[part.member] + taken_[part.member];
        rows.insert(rows.end(), begin, begin + part.count);
        taken_[part.member] += part.count;
    }
    std::sort(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end());
}

void want_shared(const ClassGroups& groups, ClassRows& a, ClassRows& b) {
    for (ClassRows* rows : {&a, &b}) {
        bool of_a = rows == &a;
        const Side& classes = rows->side().classes;
        for (const ClassGroup& group : groups.list) {
            std::span<const SetPart> own = of_a ? groups.of_a(group) : groups.of_b(group);
            std::span<const SetPart> others = of_a ? groups.of_b(group) : groups.of_a(group);
            bool is_shared = false;
            for (const SetPart& part : own)
                if (group.times > 1 || part.count != classes.size(part.member)) {
                    rows->want(part.member);
                    is_shared = true;
                }
            // Then it matters which group comes first.
            if (is_shared)
                for (const SetPart& part : others) (of_a ? b : a).want(part.member);
        }
    }
}

void take_rows(const ClassGroups& groups, ClassRows& a, ClassRows& b, bool one_is_a,
               RuleResult& result) {
    const ClassRows& one = one_is_a ? a : b;
    struct Turn {
        std::uint32_t rank, group, nth;
    };
    std::vector<Turn> turns;
    // Equal records of the one side that get different sets: the better set first, then that whose
    // members come first.
    std::vector<std::uint32_t> sorted(groups.list.size());
    std::iota(sorted.begin(), sorted.end(), 0u);
    auto ones = [&](const ClassGroup& group) {
        return one_is_a ? groups.of_a(group) : groups.of_b(group);
    };
    auto ranks_of = [&](const ClassGroup& group) {
        std::vector<std::uint32_t> ranks;
        for (const SetPart& part : one_is_a ? groups.of_b(group) : groups.of_a(group))
            ranks.push_back((one_is_a ? b : a).next_rank(part.member));
        std::sort(ranks.begin(), ranks.end());
        return ranks;
    };
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::uint32_t x, std::uint32_t y) {
        const ClassGroup &g = groups.list[x], &h = groups.list[y];
        std::uint32_t c = ones(g)[0].member, d = ones(h)[0].member;
        if (c != d) return c < d;
        if (g.confidence != h.confidence) return g.confidence > h.confidence;
        return ranks_of(g) < ranks_of(h);
    });
    std::uint32_t of_class = 0xFFFFFFFFu, skip = 0;
    for (std::uint32_t i : sorted) {
        const ClassGroup& group = groups.list[i];
        std::uint32_t c = ones(group)[0].member;
        if (c != of_class) skip = 0;
        of_class = c;
        for (std::uint32_t n = 0; n < group.times; ++n) {
            std::uint32_t rank = one.next_rank(c) == 0 ? 0 : one.rank(one.peek(c, skip));
            skip += ones(group)[0].count;
            turns.push_back({rank, i, n});
        }
    }
    std::stable_sort(turns.begin(), turns.end(),
                     [](const Turn& x, const Turn& y) { return x.rank < y.rank; });
    for (const Turn& turn : turns) {
        const ClassGroup& group = groups.list[turn.group];
        RuleResult::Group made{};
        made.first_a = static_cast<std::uint32_t>(result.group_rows.size());
        a.take(groups.of_a(group), result.group_rows);
        made.last_a = made.first_b = static_cast<std::uint32_t>(result.group_rows.size());
        b.take(groups.of_b(group), result.group_rows);
        made.last_b = static_cast<std::uint32_t>(result.group_rows.size());
        made.sum_a = group.sum_a;
        made.sum_b = group.sum_b;
        for (const ClassRows* rows : {&a, &b}) {
            if (rows->side().fees.empty()) continue;
            for (const SetPart& part : rows == &a ? groups.of_a(group) : groups.of_b(group))
                made.fees += rows->side().fees[part.member] * part.count;
        }
        made.confidence = group.confidence;
        made.ambiguous = group.ambiguous;
        result.groups.push_back(made);
    }
}

}  // namespace recon::match::group
