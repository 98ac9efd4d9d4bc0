#include "core/match/auction.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace recon::match {

namespace {

// What a bid adds, which is the gap that its pair may leave. Where more records want partners than
// there are, all outbid one another up to the whole confidence: these go up in longer and longer
// steps.
constexpr std::int64_t least_raise = 3'000'000;
std::int64_t raise_after(std::uint32_t bids) {
    return least_raise << std::min(bids / 8, 6u);
}

constexpr std::uint64_t most_steps = 4;  // for each candidate

}  // namespace

Auction::Auction(const Side& a, const Side& b, const EdgeStore& edges, Context& context,
                 WorkCheck& stop)
    : a_(a), b_(b), edges_(edges), context_(context), stop_(stop), memory_(context.budget) {}

void Auction::begin(const Component& component) {
    component_ = &component;
    std::size_t records_b = 0;
    for (std::uint32_t b : component.b) records_b += b_.size(b);
    memory_.take(component.a.size() * (sizeof(std::uint64_t) + 6 * sizeof(std::uint32_t) + 1) +
                 component.b.size() * (2 * sizeof(std::uint64_t) + 5 * sizeof(std::uint32_t)) +
                 records_b * sizeof(Slot));
    auto sizes = [](const Side& side, std::span<const std::uint32_t> classes,
                    LargeVector<std::uint32_t>& of) {
        of.resize(classes.size());
        for (std::size_t i = 0; i < classes.size(); ++i) of[i] = side.size(classes[i]);
    };
    sizes(a_, component.a, size_a_);
    left_ = size_a_;
    rooms_.resize(component.b.size());
    for (std::uint32_t b = 0, begin = 0; b < count_b(); begin += rooms_[b++].size)
        rooms_[b] = {begin, b_.size(component.b[b]), 0};
    slots_.resize(records_b);
    signs_a_.resize(component.a.size());
    signs_b_.resize(component.b.size());
    most_.resize(component.a.size());
    prices_.resize(component.b.size());
    reach_.resize(component.b.size());
    partners_b_.resize(component.b.size());
    queued_.resize(component.a.size());
}

void Auction::sign(const Component& component) {
    for (std::uint32_t a = 0; a < count_a(); ++a) signs_a_[a] = size_a_[a];
    for (std::uint32_t b = 0; b < count_b(); ++b) signs_b_[b] = rooms_[b].size;
    for (std::uint32_t a = 0; a < count_a(); ++a) {
        std::uint64_t sum = 0;
        std::span<const Edge> edges = edges_of(a);
        stop_(edges.size());
        for (const Edge& edge : edges) {
            std::uint64_t mixed = mix(std::uint64_t{edge.confidence} + 1);
            sum += mixed;
            signs_b_[edge.b] += mixed;
        }
        signs_a_[a] += sum;
    }
    rank_equal(component);
}

// Classes of a side with equal signatures get others, by the order of their first records.
void Auction::rank_equal(const Component& component) {
    Reservation memory(memory_.budget());
    auto rank = [&](const Side& side, std::span<const std::uint32_t> classes,
                    LargeVector<std::uint64_t>& signs, auto sort) {
        // Which signatures come twice, by their last bits: a few more than do, and no fewer.
        std::uint64_t mask = 1023;
        while (mask < 32 * classes.size()) mask = 2 * mask + 1;
        memory.take(2 * (mask + 1) / 8);
        std::vector<bool> once(mask + 1), twice(mask + 1);
        for (std::uint32_t i = 0; i < classes.size(); ++i) {
            std::uint64_t bits = signs[i] & mask;
            if (once[bits]) twice[bits] = true;
            once[bits] = true;
        }
        stop_(classes.size());
        std::vector<std::uint32_t> rows;
        for (std::uint32_t i = 0; i < classes.size(); ++i)
            if (twice[signs[i] & mask])
                for (std::uint32_t k = side.begins[classes[i]]; k < side.begins[classes[i] + 1];
                     ++k)
                    rows.push_back(side.rows[k]);
        if (rows.empty()) return;
        std::uint32_t last = *std::max_element(rows.begin(), rows.end());
        memory.take((rows.size() + last + 1) * sizeof(std::uint32_t));
        sort(rows);
        std::vector<std::uint32_t> place(last + std::size_t{1});
        for (std::uint32_t i = 0; i < rows.size(); ++i) place[rows[i]] = i + 1;
        for (std::uint32_t i = 0; i < classes.size(); ++i) {
            if (!twice[signs[i] & mask]) continue;
            std::uint32_t c = classes[i];
            std::uint32_t first = place[side.rows[side.begins[c]]];
            for (std::uint32_t k = side.begins[c]; k < side.begins[c + 1]; ++k)
                first = std::min(first, place[side.rows[k]]);
            // The greater signature is preferred.
            signs[i] = (signs[i] << 32) | (0xFFFFFFFFu - first);
        }
    };
    rank(a_, component.a, signs_a_,
         [&](std::vector<std::uint32_t>& rows) { context_.order.sort_a(rows); });
    rank(b_, component.b, signs_b_,
         [&](std::vector<std::uint32_t>& rows) { context_.order.sort_b(rows); });
}

// Keeps the candidates of a class that are worth most at present, and what the others are worth at
// most: prices only rise, so that a look at these is nearly always enough from then on. Values and
// places are compared as one number without branches, which no prediction would get right.
void Auction::keep_best(std::uint32_t a) {
    constexpr std::uint32_t lowest = 0x80000000u;  // turns the order of signed values
    std::uint64_t first = 0, second = 0, third = 0, fourth = 0, others = 0;
    auto sort = [](std::uint64_t& held, std::uint64_t& other) {
        std::uint64_t change = (held ^ other) & (0 - std::uint64_t{other > held});
        held ^= change;
        other ^= change;
    };
    Kept& kept = kept_[a];
    std::span<const Edge> edges = edges_of(a);
    stop_(edges.size());
    std::uint64_t place = 0;
    for (const Edge& edge : edges) {
        std::uint32_t value = static_cast<std::uint32_t>(value_of(edge)) ^ lowest;
        std::uint64_t at = std::uint64_t{value} << 32 | place++;
        sort(first, at);
        sort(second, at);
        sort(third, at);
        sort(fourth, at);
        sort(others, at);
    }
    kept.others = static_cast<std::int32_t>(static_cast<std::uint32_t>(others >> 32) ^ lowest);
    const std::array<std::uint64_t, most_kept> best{first, second, third, fourth};
    for (std::size_t i = 0; i < kept.best().size(); ++i)
        kept.edges[i] = edges[static_cast<std::uint32_t>(best[i])];
}

void Auction::prefetch(std::uint32_t a) const {
    constexpr std::size_t most = 32, line = 64 / sizeof(Edge);
    __builtin_prefetch(&kept_[a]);
    std::span<const Edge> edges = edges_of(a);
    for (std::size_t k = 0; k < std::min(edges.size(), most); k += line)
        __builtin_prefetch(&edges[k]);
}

void Auction::look(std::span<const Edge> edges, Look& found) const {
    found = {};
    for (const Edge& edge : edges) {
        std::int32_t value = value_of(edge);
        if (value < found.next) continue;
        if (value > found.best ||
            (value == found.best && signs_b_[edge.b] > signs_b_[found.first.b])) {
            found.next = found.best;
            found.best = value;
            found.first = edge;
        } else {
            found.next = value;
        }
    }
}

void Auction::bid(std::uint32_t a) {
    if (left_[a] > 1) {
        bid_for_many(a);
        return;
    }
    Kept& kept = kept_[a];
    auto is_known = [&](const Look& found) {
        return found.best < 0 ? kept.others < 0
                              : found.best > kept.others && std::max(found.next, 0) >= kept.others;
    };
    Look found;
    look(kept.best(), found);
    if (!is_known(found)) {
        keep_best(a);
        look(kept.best(), found);
        if (!is_known(found)) look(edges_of(a), found);  // more equals than it keeps
    }
    if (found.best < 0) return;
    std::int32_t next = std::max(found.next, 0);
    if (rooms_[found.first.b].size > 1) next = found.best;  // another record for the same price
    bids_.push_back({a, found.first.b,
                     static_cast<std::uint32_t>(static_cast<std::int64_t>(prices_[found.first.b]) +
                                                found.best - next + raise_after(kept.bids++)),
                     found.first.confidence, 1});
}

// What a class of A can gain at the present prices, and so no more than that from anything.
std::uint32_t Auction::gain(std::uint32_t a) {
    const Kept& kept = kept_[a];
    std::int32_t best = 0;
    for (const Edge& edge : kept.best()) best = std::max(best, value_of(edge));
    if (best < kept.others) {
        std::span<const Edge> edges = edges_of(a);
        stop_(edges.size());
        for (const Edge& edge : edges) best = std::max(best, value_of(edge));
    }
    return static_cast<std::uint32_t>(best);
}

void Auction::bid_for_many(std::uint32_t a) {
    offers_.clear();
    for (const Edge& edge : edges_of(a)) {
        std::int64_t value = std::int64_t{edge.confidence} - prices_[edge.b];
        if (value >= 0) offers_.push_back({value, edge});
    }
    std::sort(offers_.begin(), offers_.end(), [&](const Offer& x, const Offer& y) {
        return x.value != y.value ? x.value > y.value : signs_b_[x.edge.b] > signs_b_[y.edge.b];
    });
    stop_(4 * offers_.size());
    std::uint32_t wanted = left_[a];
    std::size_t begin = bids_.size();
    std::int64_t next = 0;
    for (const Offer& offer : offers_) {
        std::uint32_t there = rooms_[offer.edge.b].size, count = std::min(wanted, there);
        if (wanted == 0 || there > count) next = offer.value;
        if (wanted == 0) break;
        wanted -= count;
        bids_.push_back({a, offer.edge.b, 0, offer.edge.confidence, count});
        if (there > count) break;
    }
    std::int64_t raise = raise_after(kept_[a].bids++);
    for (std::size_t i = begin; i < bids_.size(); ++i)
        bids_[i].price = static_cast<std::uint32_t>(
            std::max<std::int64_t>(std::int64_t{bids_[i].confidence} - next, 0) + raise);
}

void Auction::accept(const Bid& bid) {
    auto worse = [&](const Slot& x, const Slot& y) { return better(x, y); };  // cheapest on top
    Slot slot{bid.price, bid.a, bid.confidence};
    auto begin = slots_.begin() + rooms_[bid.b].begin;
    std::uint32_t size = rooms_[bid.b].size;
    std::uint32_t& filled = rooms_[bid.b].filled;
    for (std::uint32_t i = 0; i < bid.count; ++i) {
        if (filled < size) {
            begin[filled++] = slot;
            if (size > 1) std::push_heap(begin, begin + filled, worse);
            --left_[bid.a];
            continue;
        }
        if (!better(slot, *begin)) break;
        --left_[bid.a];
        outbid_.push_back(begin->owner);
        ++left_[begin->owner];
        if (size > 1) {
            std::pop_heap(begin, begin + size, worse);
            begin[size - 1] = slot;
            std::push_heap(begin, begin + size, worse);
        } else {
            *begin = slot;
        }
    }
    if (filled == size) prices_[bid.b] = begin->price;
}

// Rounds without prices: each class with records left asks for the best that is free.
void Auction::take_free() {
    bidders_.clear();
    for (std::uint32_t a = 0; a < count_a(); ++a)
        if (left_[a] > 0) bidders_.push_back(a);
    Reservation passing(memory_.budget());
    passing.take(bidders_.size() * sizeof(Bid));
    bids_.reserve(bidders_.size());
    while (!bidders_.empty()) {
        bids_.clear();
        for (std::uint32_t a : bidders_) {
            const Edge* best = nullptr;
            std::span<const Edge> edges = edges_of(a);
            stop_(edges.size());
            for (const Edge& edge : edges) {
                if (rooms_[edge.b].filled == rooms_[edge.b].size) continue;
                if (best == nullptr || edge.confidence > best->confidence ||
                    (edge.confidence == best->confidence && signs_b_[edge.b] > signs_b_[best->b]))
                    best = &edge;
            }
            if (best != nullptr) bids_.push_back({a, best->b, 0, best->confidence, 1});
        }
        std::sort(bids_.begin(), bids_.end(), [&](const Bid& x, const Bid& y) {
            return x.confidence != y.confidence ? x.confidence > y.confidence
                                                : signs_a_[x.a] > signs_a_[y.a];
        });
        bidders_.clear();
        for (const Bid& bid : bids_) {
            std::uint32_t& filled = rooms_[bid.b].filled;
            if (filled < rooms_[bid.b].size) {
                slots_[rooms_[bid.b].begin + filled++] = {0, bid.a, bid.confidence};
                --left_[bid.a];
            }
            if (left_[bid.a] > 0) bidders_.push_back(bid.a);
        }
    }
}

// Until nobody bids any more, or has bid often enough.
void Auction::run_rounds() {
    bidders_.resize(count_a());
    std::iota(bidders_.begin(), bidders_.end(), 0u);
    for (std::uint64_t steps = 0; !bidders_.empty();) {
        if (steps >= most_steps * component_->candidates) break;
        bids_.clear();
        for (std::size_t i = 0; i < bidders_.size(); ++i) {
            if (i + 32 < bidders_.size()) edges_.prefetch(component_->a[bidders_[i + 32]]);
            if (i + 16 < bidders_.size()) prefetch(bidders_[i + 16]);
            if (i + 8 < bidders_.size())
                for (const Edge& edge : kept_[bidders_[i + 8]].edges)
                    __builtin_prefetch(&prices_[edge.b]);
            std::uint32_t a = bidders_[i];
            steps += kept_[a].degree;
            queued_[a] = 0;
            stop_(1);
            bid(a);
        }
        outbid_.clear();
        for (std::size_t i = 0; i < bids_.size(); ++i) {
            if (i + 16 < bids_.size()) __builtin_prefetch(&rooms_[bids_[i + 16].b]);
            if (i + 8 < bids_.size()) __builtin_prefetch(&slots_[rooms_[bids_[i + 8].b].begin]);
            stop_(bids_[i].count);
            accept(bids_[i]);
        }
        // Who made a bid and still has records bids again, and so does who lost some.
        bidders_.clear();
        auto queue = [&](std::uint32_t a) {
            if (left_[a] == 0 || queued_[a] != 0) return;
            queued_[a] = 1;
            bidders_.push_back(a);
        };
        for (std::uint32_t a : outbid_) queue(a);
        for (const Bid& bid : bids_) queue(bid.a);
    }
}

void Auction::solve(const Component& component, Choices& choices, Gap& gap) {
    begin(component);
    sign(component);
    {
        // What only the rounds need.
        Reservation passing(memory_.budget());
        passing.take(component.a.size() * (sizeof(Bid) + sizeof(Kept)));
        kept_.resize(component.a.size());
        for (std::uint32_t a = 0; a < count_a(); ++a)
            kept_[a].degree = static_cast<std::uint32_t>(edges_of(a).size());
        bids_.reserve(component.a.size());
        bidders_.reserve(component.a.size());
        run_rounds();
        for (std::uint32_t a = 0; a < count_a(); ++a) {
            most_[a] = gain(a);
            gap.bound += Billionths{most_[a]} * size_a_[a];
        }
        kept_ = LargeVector<Kept>();
        bids_ = LargeVector<Bid>();
    }
    for (std::uint32_t b = 0; b < count_b(); ++b)
        gap.bound += Billionths{prices_[b]} * rooms_[b].size;
    take_free();
    std::size_t begin = choices.list.size();
    list_pairs(choices);
    judge(choices.list);
    for (std::size_t i = begin; i < choices.list.size(); ++i)
        gap.value += Billionths{choices.list[i].confidence} * choices.list[i].count;
    gap.candidates += component.candidates;
    ++gap.components;
}

// Lists the pairs of classes. After that the slots of a class of B are one a partner, and tell the
// place of their choice.
void Auction::list_pairs(Choices& choices) {
    begins_a_.assign(count_a() + std::size_t{2}, 0);
    for (std::uint32_t b = 0; b < count_b(); ++b) {
        std::uint32_t filled = rooms_[b].filled, partners = std::min(filled, 1u);
        Slot* slots = slots_.data() + rooms_[b].begin;
        if (filled > 1) {
            stop_(filled);
            std::sort(slots, slots + filled,
                      [](const Slot& x, const Slot& y) { return x.owner < y.owner; });
        }
        if (filled > 0) slots[0].price = 1;  // from here on how often they are paired
        for (std::uint32_t i = 1; i < filled; ++i) {
            if (slots[i].owner == slots[partners - 1].owner) {
                ++slots[partners - 1].price;
            } else {
                slots[partners] = slots[i];
                slots[partners++].price = 1;
            }
        }
        partners_b_[b] = partners;
        for (std::uint32_t i = 0; i < partners; ++i) ++begins_a_[slots[i].owner + 2];
    }
    std::partial_sum(begins_a_.begin(), begins_a_.end(), begins_a_.begin());
    choices.resize(begins_a_.back());
    for (std::uint32_t b = 0; b < count_b(); ++b)
        for (std::uint32_t i = 0; i < partners_b_[b]; ++i) {
            Slot& slot = slots_[rooms_[b].begin + i];
            std::uint32_t place = begins_a_[slot.owner + 1]++;
            choices.list[place] = {slot.owner, b, slot.confidence, slot.price, false, false, false};
            slot.price = place;
        }
}

// Whether another choice nearby would be as good.
void Auction::judge(std::vector<Choice>& choices) {
    // No candidate is worth more than its two prices. So two of them that make up for two pairs
    // have no more to spare than these: a look at a price excludes most.
    auto spare = [&](const Choice& choice) {
        return std::int64_t{most_[choice.a]} + prices_[choice.b] - choice.confidence;
    };
    auto of_a = [&](std::uint32_t a) {
        return std::span(choices).subspan(begins_a_[a], begins_a_[a + 1] - begins_a_[a]);
    };
    auto of_b = [&](std::uint32_t b) {
        return std::span<const Slot>(slots_).subspan(rooms_[b].begin, partners_b_[b]);
    };
    for (std::uint32_t b = 0; b < count_b(); ++b) {
        std::int64_t most = 0;
        for (const Slot& slot : of_b(b)) most = std::max(most, spare(choices[slot.price]));
        reach_[b] = rooms_[b].filled < rooms_[b].size ? std::numeric_limits<std::int64_t>::min()
                                                      : std::int64_t{prices_[b]} - most;
    }
    for (std::uint32_t a = 0; a < count_a(); ++a) {
        std::span<const Edge> edges = edges_of(a);
        stop_(edges.size());
        std::int64_t own = 0;
        std::uint32_t least = 0xFFFFFFFFu;  // no exchange at the same sum has both pairs worse
        for (const Choice& mine : of_a(a)) {
            least = std::min(least, mine.confidence);
            own = std::max(own, spare(mine));
        }
        bool open = left_[a] > 0;
        if (open) least = 0;
        for (const Edge& edge : edges) {
            if (edge.confidence < least ||
                (!open && own + edge.confidence - most_[a] < reach_[edge.b]))
                continue;
            for (const Slot& slot : of_b(edge.b)) {
                Choice& other = choices[slot.price];
                if (other.a == a) continue;
                if (open && other.confidence == edge.confidence) other.ambiguous = true;
                for (Choice& mine : of_a(a)) {
                    if (mine.b == edge.b || edge.confidence < mine.confidence) continue;
                    exchange(mine, other, edge.confidence);
                }
            }
            if (rooms_[edge.b].filled == rooms_[edge.b].size) continue;
            for (Choice& mine : of_a(a))
                if (mine.b != edge.b && mine.confidence == edge.confidence) mine.ambiguous = true;
        }
    }
}

// Whether two pairs are as good with partners exchanged, where one is worth that much with the
// other's.
void Auction::exchange(Choice& mine, Choice& other, std::uint32_t confidence) const {
    std::uint64_t wanted =
        std::uint64_t{mine.confidence} + other.confidence - std::uint64_t{confidence};
    std::span<const Edge> edges = edges_of(other.a);
    stop_(1 + edges.size() / 4);
    for (const Edge& back : edges) {
        if (back.b != mine.b) continue;
        if (back.confidence == wanted) mine.ambiguous = other.ambiguous = true;
        return;
    }
}

}  // namespace recon::match
