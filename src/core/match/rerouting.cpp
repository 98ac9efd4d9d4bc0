#include "core/match/rerouting.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

Rerouting::Rerouting(std::span<const Choice> choices, const Side& a, const Side& b, WorkCheck& stop)
    : stop_(stop), ends_(choices.size()), planned_(choices.size()) {
    auto count = static_cast<std::uint32_t>(choices.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        classes_b_.push_back(choices[i].b);
        if (!classes_a_.empty() && classes_a_.back() == choices[i].a) continue;
        classes_a_.push_back(choices[i].a);
        begins_a_.push_back(i);
    }
    begins_a_.push_back(count);
    std::sort(classes_b_.begin(), classes_b_.end());
    classes_b_.erase(std::unique(classes_b_.begin(), classes_b_.end()), classes_b_.end());
    for (std::uint32_t c : classes_a_) spare_.push_back(a.size(c));
    for (std::uint32_t c : classes_b_) spare_.push_back(b.size(c));
    frees_.assign(spare_.size(), 0);
    mark_.assign(spare_.size(), 0);
    via_.assign(spare_.size(), 0);

    begins_b_.assign(classes_b_.size() + 1, 0);
    for (std::uint32_t i = 0, node_a = 0; i < count; ++i) {
        stop(1);
        const Choice& choice = choices[i];
        if (classes_a_[node_a] != choice.a) ++node_a;
        auto y = static_cast<std::uint32_t>(
            std::lower_bound(classes_b_.begin(), classes_b_.end(), choice.b) - classes_b_.begin());
        std::uint32_t node_b = nodes_a() + y;
        ends_[i] = {node_a, node_b};
        planned_[i] = choice.count;
        spare_[node_a] -= choice.count;
        spare_[node_b] -= choice.count;
        frees_[node_a] = choice.frees_a ? 1 : 0;
        frees_[node_b] = choice.frees_b ? 1 : 0;
        ++begins_b_[y + 1];
    }
    std::partial_sum(begins_b_.begin(), begins_b_.end(), begins_b_.begin());
    around_b_.resize(count);
    std::vector<std::uint32_t> next(begins_b_.begin(), begins_b_.end() - 1);
    for (std::uint32_t i = 0; i < count; ++i) around_b_[next[ends_[i].b - nodes_a()]++] = i;
}

bool Rerouting::commit(std::uint32_t choice) {
    if (planned_[choice] == 0 && !reroute(choice)) return false;
    --planned_[choice];
    return true;
}

void Rerouting::begin(Front& front, std::uint32_t node) {
    front.queue.assign(1, node);
    front.at = 0;
    front.mark = ++marks_;
    front.end = is_end(front, node) ? node : none;
    mark_[node] = front.mark;
    via_[node] = none;
}

void Rerouting::enter(Front& front, std::uint32_t node, std::uint32_t choice) {
    if (mark_[node] == front.mark) return;
    mark_[node] = front.mark;
    via_[node] = choice;
    front.queue.push_back(node);
    if (front.end == none && is_end(front, node)) front.end = node;
}

// What can be moved: a record of B from a partner that the plan has for it, a record of A to any of
// its choices.
void Rerouting::step(Front& front) {
    bool forth = &front == &forth_;
    std::uint32_t node = front.queue[front.at++];
    bool in_a = is_a(node);
    std::uint32_t begin = in_a ? begins_a_[node] : begins_b_[node - nodes_a()];
    std::uint32_t end = in_a ? begins_a_[node + 1] : begins_b_[node - nodes_a() + 1];
    const Front& other = forth ? back_ : forth_;
    stop_(end - begin);
    for (std::uint32_t k = begin; k < end; ++k) {
        std::uint32_t choice = in_a ? k : around_b_[k];
        if (forth != in_a && planned_[choice] == 0) continue;
        std::uint32_t next = in_a ? ends_[choice].b : ends_[choice].a;
        if (mark_[next] == other.mark) {
            junction_ = forth ? Junction{node, choice, next} : Junction{next, choice, node};
            return;
        }
        enter(front, next, choice);
    }
}

// A way from B into A gives a planned pair up, one from A into B plans one.
void Rerouting::change(std::uint32_t choice, bool into_a) {
    if (into_a) {
        --planned_[choice];
    } else {
        ++planned_[choice];
    }
}

// The way of a search between its beginning and a node.
void Rerouting::change_way(std::uint32_t node, bool forth) {
    while (via_[node] != none) {
        std::uint32_t choice = via_[node];
        change(choice, is_a(node) == forth);
        node = is_a(node) ? ends_[choice].b : ends_[choice].a;
    }
}

bool Rerouting::reroute(std::uint32_t choice) {
    begin(forth_, ends_[choice].b);
    begin(back_, ends_[choice].a);
    junction_ = {};
    for (;;) {
        if (junction_.from != none) {
            change_way(junction_.from, true);
            change(junction_.choice, is_a(junction_.to));
            change_way(junction_.to, false);
            break;
        }
        if (forth_.end != none && back_.end != none) {
            change_way(forth_.end, true);
            change_way(back_.end, false);
            spare_[forth_.end] += is_a(forth_.end) ? 1 : -1;
            spare_[back_.end] += is_a(back_.end) ? -1 : 1;
            break;
        }
        // A search that ended without an end cannot meet the other any more.
        if ((forth_.done() && forth_.end == none) || (back_.done() && back_.end == none))
            return false;
        if (forth_.end == none || back_.done()) {
            if (forth_.done()) return false;
            step(forth_);
            if (junction_.from != none) continue;
        }
        if (back_.end == none && !back_.done()) step(back_);
    }
    ++planned_[choice];
    return true;
}

RankedRows::RankedRows(const Side& side, const std::vector<std::uint32_t>& classes,
                       Reservation& memory)
    : begins_(1, 0) {
    std::size_t count = 0;
    std::uint32_t last = 0;
    for (std::uint32_t c : classes) {
        count += side.size(c);
        begins_.push_back(static_cast<std::uint32_t>(count));
        for (std::uint32_t k = side.begins[c]; k < side.begins[c + 1]; ++k)
            last = std::max(last, side.rows[k]);
    }
    memory.take((2 * count + 2 * begins_.size() + last + 1) * sizeof(std::uint32_t));
    rows.reserve(count);
    node_of_row_.resize(last + std::size_t{1});
    for (std::uint32_t node = 0; node < classes.size(); ++node) {
        std::uint32_t c = classes[node];
        for (std::uint32_t k = side.begins[c]; k < side.begins[c + 1]; ++k) {
            rows.push_back(side.rows[k]);
            node_of_row_[side.rows[k]] = node;
        }
    }
}

void RankedRows::take_ranks() {
    next_.assign(begins_.begin(), begins_.end() - 1);
    ranks_.resize(rows.size());
    for (std::uint32_t rank = 0; rank < rows.size(); ++rank)
        ranks_[next_[node_of_rank(rank)]++] = rank;
    next_.assign(begins_.begin(), begins_.end() - 1);
}

}  // namespace recon::match
