#include "core/match/two_sided.hpp"

#include <algorithm>
#include <functional>

namespace recon::match {

namespace {

// Bids that follow from one another, and turns of both sides. More would cost more than the search
// for what they leave.
constexpr int most_bids = 48, turns = 2;

}  // namespace

void TwoSidedSolver::solve(const Component& component, Optimum& optimum) {
    reserve(component);
    begin(component);
    // The side without prices first: in its first turn each of its nodes gets one.
    bool b_first = count_a_ < count_ - count_a_;
    for (int turn = 0; turn < turns; ++turn)
        for (bool b : {b_first, !b_first}) bid(b ? count_a_ : 0, b ? count_ : count_a_);
    for (std::uint32_t x = 0; x < count_; ++x)
        prices_[x] = static_cast<std::uint32_t>((asked_[x] + if_free) >> price_shift);
    search();
    store(optimum);
}

void TwoSidedSolver::reserve(const Component& component) {
    std::size_t nodes = component.a.size() + component.b.size();
    if (nodes > room_nodes_) {
        memory_.take((nodes - room_nodes_) * (sizeof(List) + sizeof(Way) + sizeof(Member) +
                                              sizeof(std::int64_t) + 4 * sizeof(std::uint32_t)));
        room_nodes_ = nodes;
        lists_.reserve(nodes);
        prices_.reserve(nodes);
        asked_.reserve(nodes);
        mates_.reserve(nodes);
        next_.reserve(nodes);
        ways_.reserve(nodes);
        members_.reserve(nodes);
        felled_.reserve(nodes);
    }
    if (component.candidates > room_edges_) {
        memory_.take((component.candidates - room_edges_) * sizeof(Edge));
        edges_b_.reserve(room_edges_ = component.candidates);
    }
    count_a_ = static_cast<std::uint32_t>(component.a.size());
    count_ = static_cast<std::uint32_t>(nodes);
    turn_ = false;
    lists_.assign(nodes, {nullptr, 0});
    edges_b_.resize(component.candidates);
    prices_.assign(nodes, 0);
    asked_.resize(nodes);
    mates_.assign(nodes, none);
    next_.assign(nodes, never);
    ways_.resize(nodes);
    members_.resize(nodes);
}

// The candidates of B's classes, and the prices of the side that has fewer classes. All prices are
// even, see search().
void TwoSidedSolver::begin(const Component& component) {
    List* lists_b = lists_.data() + count_a_;
    std::uint32_t *prices_a = prices_.data(), *prices_b = prices_a + count_a_;
    for (std::uint32_t a = 0; a < count_a_; ++a) {
        std::span<const Edge> edges = edges_.of(component.a[a]);
        lists_[a] = {edges.data(), static_cast<std::uint32_t>(edges.size())};
        stop_(edges.size());
        for (const Edge& edge : edges) {
            ++lists_b[edge.b].count;
            prices_a[a] = std::max(prices_a[a], edge.confidence);
            prices_b[edge.b] = std::max(prices_b[edge.b], edge.confidence);
        }
    }
    bool fewer_a = count_a_ < count_ - count_a_;
    for (std::uint32_t x = 0; x < count_; ++x) {
        std::uint32_t price = prices_[x];
        std::int64_t half = fewer_a == (x < count_a_) ? (price + price / 8 + 1) / 2 * 2 : 0;
        asked_[x] = (half << price_shift) - if_free;
    }
    std::vector<std::uint32_t>& at = felled_;  // where the next candidate of each is put
    at.clear();
    std::size_t sum = 0;
    for (std::uint32_t b = 0; b < count_ - count_a_; ++b) {
        lists_b[b].edges = edges_b_.data() + sum;
        at.push_back(static_cast<std::uint32_t>(sum));
        sum += lists_b[b].count;
    }
    for (std::uint32_t a = 0; a < count_a_; ++a) {
        stop_(lists_[a].count);
        for (const Edge& edge : edges_of(a)) edges_b_[at[edge.b]++] = {a, edge.confidence};
    }
    felled_.clear();
}

// Those of a side that have no partner take their best ones. Those who want the same outbid one
// another, by as much as the next best one is worse.
void TwoSidedSolver::bid(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t start = begin; start < end; ++start) {
        int bids = most_bids;
        for (std::uint32_t x = mates_[start] == none ? start : none; x != none;)
            x = bid_once(x, bids);
    }
}

// Who lost the partner by it and bids next, or none.
std::uint32_t TwoSidedSolver::bid_once(std::uint32_t x, int& bids) {
    std::uint32_t shift = across(x);
    const std::int64_t* asked = asked_.data() + shift;
    stop_(lists_[x].count);
    // What a candidate leaves over is in one number with the neighbour, so that no branch depends
    // on which are the best two.
    std::int64_t best = 0, second = 0;
    for (const Edge& edge : edges_of(x)) {
        std::int64_t it = (std::int64_t{edge.confidence} << 32 | edge.b) - asked[edge.b];
        second = std::max(second, std::min(best, it));
        best = std::max(best, it);
    }
    std::int64_t most = best >> price_shift, next = second >> price_shift;
    asked_[x] = (most << price_shift) - if_free;
    if (most == 0) return none;
    // Of two as good now this and now that one, or two would take the same from each other. It
    // seldom leads far.
    if (next == most && (best & if_free) == 0) {
        turn_ = !turn_;
        if (turn_) best = second;
    }
    std::uint32_t y = shift + static_cast<std::uint32_t>(best & (if_free - 1));
    std::uint32_t owner = mates_[y];
    if (owner == none) {
        asked_[x] += if_free;
        asked_[y] += if_free;
    } else {
        if ((bids -= next == most ? 8 : 1) < 0) return none;
        asked_[x] = next << price_shift;
        asked_[y] += (most - next) << price_shift;
        asked_[owner] -= if_free;
        mates_[owner] = none;
    }
    mates_[x] = y;
    mates_[y] = x;
    return owner;
}

bool TwoSidedSolver::is_over(std::uint64_t event) const {
    auto when = static_cast<std::int32_t>(event >> 32);
    std::int32_t next = next_[static_cast<std::uint32_t>(event)];
    return next != when && next != ~when;
}

// Without what is over there is at most one for each node.
void TwoSidedSolver::make_room(std::vector<std::uint64_t>& events, std::size_t& room) {
    stop_(events.size());
    std::erase_if(events, [this](std::uint64_t event) { return is_over(event); });
    if (events.size() <= room / 2) return;
    std::size_t more = room / 2 + 256;
    memory_.take(more * sizeof(std::uint64_t));
    events.reserve(room += more);
}

// What is far off waits without an order: most of it never comes.
void TwoSidedSolver::push(std::uint32_t time, std::uint32_t x) {
    std::uint64_t event = (std::uint64_t{time} << 32) | x;
    if (time >= near_) {
        if (far_.size() == room_far_) make_room(far_, room_far_);
        far_.push_back(event);
        return;
    }
    if (heap_.size() == room_heap_) {
        make_room(heap_, room_heap_);
        std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    }
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

// The least of a few is a bound for what is taken into the heap.
void TwoSidedSolver::refill() {
    std::uint64_t least = far_.back();
    for (std::size_t i = 0, step = far_.size() / 16 + 1; i < far_.size(); i += step)
        least = std::min(least, far_[i]);
    near_ = static_cast<std::uint32_t>(least >> 32) + 1;
    std::size_t kept = 0;
    stop_(far_.size());
    for (std::size_t i = 0, count = far_.size(); i < count; ++i) {
        std::uint64_t it = far_[i];
        auto time = static_cast<std::uint32_t>(it >> 32);
        if (time < near_) {
            push(time, static_cast<std::uint32_t>(it));
        } else {
            far_[kept++] = it;
        }
    }
    far_.resize(kept);
}

// A tree grows from each node that has a price and no partner. Prices are even when this begins, so
// what falls has, with the time added, an even price for as long as it falls, and two of them meet
// at a whole time.
void TwoSidedSolver::search() {
    time_ = trees_ = near_ = 0;
    heap_.clear();
    far_.clear();
    for (std::uint32_t x = 0; x < count_; ++x) {
        if (mates_[x] != none || prices_[x] == 0) continue;
        next_[x] = ~too_late;
        members_[x] = {x, none};
        ++trees_;
    }
    for (std::uint32_t x = 0; x < count_; ++x)
        if (next_[x] < 0) scan(x);
    while (trees_ > 0) {
        if (heap_.empty()) refill();
        std::uint64_t event = heap_.front();
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        heap_.pop_back();
        if (is_over(event)) continue;
        if (!advance(static_cast<std::uint32_t>(event), static_cast<std::uint32_t>(event >> 32)))
            continue;
        if (trees_ > 0)
            for (std::uint32_t y : felled_) look_again(y);
        felled_.clear();
    }
}

// What happens to a node; whether it fells trees.
bool TwoSidedSolver::advance(std::uint32_t x, std::uint32_t time) {
    Way way = ways_[x];
    bool both = next_[x] < 0;
    if (both && way.by == x) {
        time_ = time;
        give_up(x);
        mates_[x] = none;
        fell(members_[x].root);
        return true;
    }
    std::int64_t gap =
        std::int64_t{prices_[x]} + prices_[way.by] - std::int64_t{way.confidence} * 2;
    if (!falls(next_[way.by]) || (both ? gap / 2 : gap) != time) {
        look_again(x);
        return false;
    }
    time_ = time;
    if (!both && mates_[x] != none) {
        grow(x);
        return false;
    }
    give_up(way.by);
    if (both) give_up(x);
    mates_[x] = way.by;
    mates_[way.by] = x;
    std::uint32_t root = members_[x].root;
    fell(members_[way.by].root);
    if (both) {
        fell(root);
    } else {
        felled_.push_back(x);
        next_[x] = never;
    }
    return true;
}

// A tree comes to a node that has a partner: both join it.
void TwoSidedSolver::grow(std::uint32_t y) {
    std::uint32_t root = members_[ways_[y].by].root, x = mates_[y];
    next_[y] = rising;
    prices_[y] -= time_;
    prices_[x] += time_;
    members_[y] = {root, x};
    members_[x] = {root, members_[root].after};
    members_[root].after = y;
    scan(x);
}

// To which neighbours a node comes that begins to fall. Those that are still keep the first that
// comes; it keeps the first falling one that it meets.
void TwoSidedSolver::scan(std::uint32_t x) {
    std::uint32_t shift = across(x);
    std::int64_t price = prices_[x], first = std::min<std::int64_t>(price, too_late);
    Way way{x, 0};
    stop_(lists_[x].count);
    for (const Edge& edge : edges_of(x)) {
        std::uint32_t y = shift + edge.b;
        std::int32_t next = next_[y];
        std::int64_t gap = price + prices_[y] - std::int64_t{edge.confidence} * 2;
        if (gap < next) {
            next_[y] = static_cast<std::int32_t>(gap);
            ways_[y] = {x, edge.confidence};
            push(static_cast<std::uint32_t>(gap), y);
        } else if (falls(next) && gap / 2 < first) {
            first = gap / 2;
            way = {y, edge.confidence};
        }
    }
    next_[x] = ~static_cast<std::int32_t>(first);
    ways_[x] = way;
    push(static_cast<std::uint32_t>(first), x);
}

// The neighbour that something was to happen with does not fall any more.
void TwoSidedSolver::look_again(std::uint32_t x) {
    std::uint32_t shift = across(x);
    std::int64_t price = prices_[x], first = std::numeric_limits<std::int64_t>::max();
    Way way{x, 0};
    stop_(lists_[x].count);
    for (const Edge& edge : edges_of(x)) {
        std::uint32_t y = shift + edge.b;
        if (!falls(next_[y])) continue;
        std::int64_t gap = price + prices_[y] - std::int64_t{edge.confidence} * 2;
        if (gap >= first) continue;
        first = gap;
        way = {y, edge.confidence};
    }
    if (next_[x] < 0) {
        first /= 2;
        if (first >= std::min<std::int64_t>(price, too_late)) {
            first = std::min<std::int64_t>(price, too_late);
            way.by = x;
        }
        next_[x] = ~static_cast<std::int32_t>(first);
    } else {
        if (first >= never) {
            next_[x] = never;
            return;
        }
        next_[x] = static_cast<std::int32_t>(first);
    }
    ways_[x] = way;
    push(static_cast<std::uint32_t>(first), x);
}

// Its partner, and those on the way to the root, take the one by which they came.
void TwoSidedSolver::give_up(std::uint32_t x) {
    for (std::uint32_t y = mates_[x]; y != none;) {
        std::uint32_t above = ways_[y].by, lost = mates_[above];
        mates_[y] = above;
        mates_[above] = y;
        y = lost;
    }
}

void TwoSidedSolver::fell(std::uint32_t root) {
    for (std::uint32_t x = root; x != none; x = members_[x].after) {
        prices_[x] += next_[x] == rising ? time_ : -time_;
        next_[x] = never;
        felled_.push_back(x);
    }
    --trees_;
}

// Halves of a price are rounded down in A and up in B, which keeps tight what is.
void TwoSidedSolver::store(Optimum& optimum) {
    for (std::uint32_t b = count_a_; b < count_; ++b) {
        optimum.v[b - count_a_] = (prices_[b] + 1) / 2;
        optimum.left_b[b - count_a_] = mates_[b] == none ? 1 : 0;
    }
    std::size_t tight = 0;
    for (std::uint32_t a = 0; a < count_a_; ++a) {
        std::int64_t price = optimum.u[a] = prices_[a] / 2;
        optimum.left_a[a] = mates_[a] == none ? 1 : 0;
        stop_(lists_[a].count);
        for (const Edge& edge : edges_of(a))
            tight += price + optimum.v[edge.b] == edge.confidence ? 1 : 0;
    }
    // One after the other is put at the end, and stays there if it is tight.
    Tight* end = optimum.extend_tight(tight);
    for (std::uint32_t a = 0; a < count_a_; ++a) {
        std::int64_t price = optimum.u[a];
        stop_(lists_[a].count);
        for (const Edge& edge : edges_of(a)) {
            *end = {a, edge.b, edge.confidence, mates_[a] == count_a_ + edge.b ? 1u : 0u};
            end += price + optimum.v[edge.b] == edge.confidence ? 1 : 0;
        }
    }
    optimum.tight.pop_back();
}

}  // namespace recon::match
