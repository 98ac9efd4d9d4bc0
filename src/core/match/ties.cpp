#include "core/match/ties.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include "core/match/strong.hpp"
#include "core/match/tie_graph.hpp"

namespace recon::match {

namespace {

struct Made {
    std::uint32_t edge, row_a, row_b;
    bool ambiguous = false;
};

class Ties {
  public:
    Ties(const std::vector<Candidate>& tied, Free& free, StopCheck& stop)
        : graph_(tied),
          free_(free),
          stop_(stop),
          place_(graph_.nodes(), no_place),
          by_row_b_(graph_.edges.size()) {}

    void pair_all(rule::Ambiguous ambiguous, std::uint32_t confidence, Assignment& result);

  private:
    std::uint32_t left(std::uint32_t node) const {
        return graph_.is_a(node) ? free_.left_a(graph_.class_of(node))
                                 : free_.left_b(graph_.class_of(node));
    }
    void pair_in_order();
    bool pair_next(std::uint32_t node_a);
    void judge();
    void judge_by_exchange();
    void judge_all() {
        for (Made& pair : made_) pair.ambiguous = true;
        aside_ = part_.nodes;
    }

    TieGraph graph_;
    Free& free_;
    StopCheck& stop_;
    std::vector<std::uint32_t> place_;  // of each node in part_

    struct Turn {
        std::uint32_t row_b, edge;
        bool operator>(const Turn& other) const { return row_b > other.row_b; }
    };
    std::vector<Turn> by_row_b_;  // of each node of A, at its edges' places: a heap of its partners
    std::vector<std::size_t> partners_;  // length of that heap

    TiePart part_;
    std::vector<std::uint32_t> sizes_;  // free rows of the part's nodes before any pair is made
    std::vector<Made> made_;
    std::vector<std::uint32_t> aside_;  // nodes that an ambiguity concerns
};

// Nodes of A take turns by their next row; each takes the partner with the first free row.
void Ties::pair_in_order() {
    using RowAndNode = std::pair<std::uint32_t, std::uint32_t>;
    std::priority_queue<RowAndNode, std::vector<RowAndNode>, std::greater<>> turns;
    partners_.resize(graph_.classes_a.size());
    for (std::uint32_t node : part_.nodes) {
        if (!graph_.is_a(node)) continue;
        std::size_t begin = graph_.begins[node], end = graph_.begins[node + 1];
        for (std::size_t k = begin; k < end; ++k) {
            std::uint32_t e = graph_.around[k];
            by_row_b_[k] = {free_.next_b(graph_.class_of(graph_.edges[e].b)), e};
        }
        auto heap = by_row_b_.begin() + static_cast<std::ptrdiff_t>(begin);
        std::make_heap(heap, heap + static_cast<std::ptrdiff_t>(end - begin), std::greater<>());
        partners_[node] = end - begin;
        turns.emplace(free_.next_a(graph_.class_of(node)), node);
    }
    while (!turns.empty()) {
        std::uint32_t node = turns.top().second;
        turns.pop();
        if (pair_next(node) && left(node) > 0)
            turns.emplace(free_.next_a(graph_.class_of(node)), node);
    }
}

bool Ties::pair_next(std::uint32_t node_a) {
    auto heap = by_row_b_.begin() + graph_.begins[node_a];
    std::size_t& length = partners_[node_a];
    while (length > 0) {
        stop_();
        Turn turn = *heap;
        std::uint32_t node_b = graph_.edges[turn.edge].b, class_b = graph_.class_of(node_b);
        std::uint32_t row_b = left(node_b) > 0 ? free_.next_b(class_b) : no_place;
        if (row_b == turn.row_b) {
            auto [row_a, taken_b] = free_.take(graph_.class_of(node_a), class_b);
            made_.push_back({turn.edge, row_a, taken_b});
            return true;
        }
        // Others have taken rows of this partner: it comes later, or not at all.
        std::pop_heap(heap, heap + static_cast<std::ptrdiff_t>(length), std::greater<>());
        if (row_b == no_place) {
            --length;
        } else {
            heap[static_cast<std::ptrdiff_t>(length) - 1].row_b = row_b;
            std::push_heap(heap, heap + static_cast<std::ptrdiff_t>(length), std::greater<>());
        }
    }
    return false;
}

// Where every class has one free row, a pair can be exchanged if it lies on a cycle of the
// matching's residual graph, with a source before the rows of A and a sink behind those of B.
void Ties::judge_by_exchange() {
    auto source = static_cast<std::uint32_t>(part_.nodes.size()), sink = source + 1;
    std::vector<std::uint32_t> partner(part_.nodes.size(), no_place);
    for (const Made& pair : made_) {
        const TieGraph::Edge& edge = graph_.edges[pair.edge];
        partner[place_[edge.a]] = place_[edge.b];
        partner[place_[edge.b]] = place_[edge.a];
    }
    std::vector<Arc> arcs;
    arcs.reserve(part_.edges.size() + part_.nodes.size());
    for (std::uint32_t e : part_.edges) {
        std::uint32_t a = place_[graph_.edges[e].a], b = place_[graph_.edges[e].b];
        arcs.push_back(partner[a] == b ? Arc{b, a} : Arc{a, b});
    }
    for (std::uint32_t i = 0; i < part_.nodes.size(); ++i) {
        bool used = partner[i] != no_place;
        if (graph_.is_a(part_.nodes[i])) {
            arcs.push_back(used ? Arc{i, source} : Arc{source, i});
        } else {
            arcs.push_back(used ? Arc{sink, i} : Arc{i, sink});
        }
    }
    std::vector<std::uint32_t> component = strong_components(sink + 1, arcs);
    std::vector<char> concerned(sink + 1);
    for (Made& pair : made_) {
        std::uint32_t a = component[place_[graph_.edges[pair.edge].a]];
        pair.ambiguous = a == component[place_[graph_.edges[pair.edge].b]];
        if (pair.ambiguous) concerned[a] = 1;
    }
    for (std::uint32_t i = 0; i < part_.nodes.size(); ++i)
        if (concerned[component[i]] != 0) aside_.push_back(part_.nodes[i]);
}

void Ties::judge() {
    std::size_t count_a = 0;
    std::uint64_t sum = 0;
    bool single = true;
    std::uint64_t center = 0;
    for (std::uint32_t node : part_.nodes) count_a += graph_.is_a(node) ? 1 : 0;
    for (std::size_t i = 0; i < part_.nodes.size(); ++i) {
        bool is_center =
            graph_.is_a(part_.nodes[i]) ? count_a == 1 : part_.nodes.size() - count_a == 1;
        if (is_center) center = sizes_[i];
        sum += sizes_[i];
        single = single && sizes_[i] == 1;
    }
    if (center > 0) {
        // A star: one class with all the others. Where it has rows for all of them there is no
        // choice.
        if (center < sum - center) judge_all();
    } else if (single) {
        judge_by_exchange();
    } else {
        judge_all();
    }
}

void Ties::pair_all(rule::Ambiguous ambiguous, std::uint32_t confidence, Assignment& result) {
    for (std::uint32_t start = 0; start < graph_.classes_a.size(); ++start) {
        if (place_[start] != no_place) continue;
        part_ = connected_part(graph_, start, place_);
        sizes_.clear();
        made_.clear();
        aside_.clear();
        for (std::uint32_t node : part_.nodes) sizes_.push_back(left(node));
        pair_in_order();
        if (ambiguous != rule::Ambiguous::take) judge();
        bool skip = ambiguous == rule::Ambiguous::skip;
        for (const Made& pair : made_) {
            if (!skip || !pair.ambiguous) {
                result.pairs.push_back({pair.row_a, pair.row_b, confidence, pair.ambiguous});
                continue;
            }
            --result.used_a[graph_.class_of(graph_.edges[pair.edge].a)];
            --result.used_b[graph_.class_of(graph_.edges[pair.edge].b)];
        }
        if (!skip) continue;
        for (std::uint32_t node : aside_)
            (graph_.is_a(node) ? result.aside_a : result.aside_b)[graph_.class_of(node)] = 1;
    }
}

}  // namespace

void pair_tied(const std::vector<Candidate>& tied, Free& free, rule::Ambiguous ambiguous,
               MemoryBudget& budget, StopCheck& stop, Assignment& result) {
    Reservation memory(budget);
    memory.take(tied.size() * (sizeof(TieGraph::Edge) + 16 * sizeof(std::uint32_t)));
    Ties(tied, free, stop).pair_all(ambiguous, tied.front().confidence, result);
}

}  // namespace recon::match
