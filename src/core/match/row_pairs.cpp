#include "core/match/row_pairs.hpp"

#include <algorithm>

#include "core/match/rerouting.hpp"

namespace recon::match {

void RowPairs::add(const Component& component, std::span<const Choice> choices,
                   std::vector<Pair>& pairs) {
    std::size_t classes = component.a.size() + component.b.size();
    if (classes > room_) {
        memory_.take((classes - room_) * sizeof(std::uint32_t));
        room_ = classes;
    }
    choices_a_.assign(component.a.size(), 0);
    choices_b_.assign(component.b.size(), 0);
    for (const Choice& choice : choices) {
        ++choices_a_[choice.a];
        ++choices_b_[choice.b];
    }
    for (const Choice& choice : choices) {
        std::uint32_t a = component.a[choice.a], b = component.b[choice.b];
        if (choice.count == 1 && choices_a_[choice.a] == 1 && choices_b_[choice.b] == 1 &&
            a_.size(a) == 1 && b_.size(b) == 1) {
            pairs.push_back({a_.rows[a_.begins[a]], b_.rows[b_.begins[b]], choice.confidence,
                             choice.ambiguous});
            continue;
        }
        if (held_.size() == held_.capacity()) {
            std::size_t more = held_.size() / 2 + 256;
            memory_.take(more * sizeof(Choice));
            held_.reserve(held_.size() + more);
        }
        held_.push_back(choice);
        held_.back().a = a;
        held_.back().b = b;
    }
    stop_(choices.size());
}

void RowPairs::finish(RowOrder& order, std::vector<Pair>& pairs) {
    if (held_.empty()) return;
    Reservation memory(memory_.budget());
    memory.take(Rerouting::bytes(held_.size()));
    Rerouting routes(held_, a_, b_, stop_);
    RankedRows rows_a(a_, routes.classes_a(), memory), rows_b(b_, routes.classes_b(), memory);
    order.sort_a(rows_a.rows);
    order.sort_b(rows_b.rows);
    rows_a.take_ranks();
    rows_b.take_ranks();

    // Each class of A has its choices in a heap, by the next record of the partner.
    struct Turn {
        std::uint32_t rank_b, choice;
        bool operator>(const Turn& other) const { return rank_b > other.rank_b; }
    };
    memory.take(held_.size() * sizeof(Turn));
    std::vector<Turn> turns(held_.size());
    std::vector<std::uint32_t> lengths(routes.classes_a().size());
    for (std::uint32_t x = 0; x < lengths.size(); ++x) {
        auto [begin, end] = routes.of_a(x);
        for (std::uint32_t c = begin; c < end; ++c) turns[c] = {rows_b.next(routes.b(c)), c};
        std::make_heap(turns.begin() + begin, turns.begin() + end, std::greater<>());
        lengths[x] = end - begin;
    }
    for (std::uint32_t rank_a = 0; rank_a < rows_a.rows.size(); ++rank_a) {
        stop_(1);
        std::uint32_t x = rows_a.node_of_rank(rank_a);
        auto heap = turns.begin() + routes.of_a(x).first;
        bool paired = false;
        while (!paired && lengths[x] > 0) {
            stop_(1);
            Turn turn = *heap;
            std::uint32_t y = routes.b(turn.choice), rank_b = rows_b.next(y);
            if (rank_b == turn.rank_b && routes.commit(turn.choice)) {
                const Choice& choice = held_[turn.choice];
                pairs.push_back({rows_a.rows[rank_a], rows_b.rows[rank_b], choice.confidence,
                                 choice.ambiguous});
                rows_b.take(y);
                paired = true;
                continue;
            }
            // Others have taken records of this partner: it comes later, or not at all. A choice
            // that cannot be kept now cannot be kept later.
            std::pop_heap(heap, heap + lengths[x], std::greater<>());
            if (rank_b == turn.rank_b || rank_b == RankedRows::none) {
                --lengths[x];
            } else {
                heap[lengths[x] - 1].rank_b = rank_b;
                std::push_heap(heap, heap + lengths[x], std::greater<>());
            }
        }
        if (!paired) routes.leave_open(x);
    }
}

}  // namespace recon::match
