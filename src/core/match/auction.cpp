#include "core/match/auction.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace recon::match {

namespace {

constexpr std::int64_t raise = 2'000'000;  // what a bid adds: the least gap a pair may leave

constexpr std::uint64_t most_steps = 4;  // for each candidate

}  // namespace

Auction::Auction(const Side& a, const Side& b, const EdgeStore& edges, Context& context,
                 WorkCheck& stop)
    : a_(a),
      b_(b),
      edges_(edges),
      context_(context),
      stop_(stop),
      memory_(context.budget),
      flows_(context.budget) {}

// Room is kept from component to component.
void Auction::begin(const Component& component) {
    component_ = &component;
    std::size_t records_b = 0;
    for (std::uint32_t b : component.b) records_b += b_.size(b);
    std::size_t needed =
        component.a.size() * (sizeof(std::uint64_t) + 5 * sizeof(std::uint32_t) + sizeof(Bid)) +
        component.b.size() * (2 * sizeof(std::uint64_t) + 4 * sizeof(std::uint32_t)) +
        records_b * sizeof(Slot);
    if (needed > room_) {
        memory_.take(needed - room_);
        room_ = needed;
    }
    auto sizes = [](const Side& side, std::span<const std::uint32_t> classes,
                    std::vector<std::uint32_t>& of) {
        of.resize(classes.size());
        for (std::size_t i = 0; i < classes.size(); ++i) of[i] = side.size(classes[i]);
    };
    sizes(a_, component.a, size_a_);
    sizes(b_, component.b, size_b_);
    left_ = size_a_;
    slot_begins_.resize(component.b.size());
    std::exclusive_scan(size_b_.begin(), size_b_.end(), slot_begins_.begin(), 0u);
    slots_.resize(records_b);
    signs_a_.resize(component.a.size());
    signs_b_.resize(component.b.size());
    most_.assign(component.a.size(), 0);
    prices_.assign(component.b.size(), 0);
    filled_.assign(component.b.size(), 0);
    reach_.resize(component.b.size());
}

void Auction::sign(const Component& component) {
    for (std::uint32_t a = 0; a < count_a(); ++a) signs_a_[a] = size_a_[a];
    for (std::uint32_t b = 0; b < count_b(); ++b) signs_b_[b] = size_b_[b];
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
                    std::vector<std::uint64_t>& signs, auto sort) {
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

void Auction::bid(std::uint32_t a) {
    if (left_[a] > 1) {
        bid_for_many(a);
        return;
    }
    Edge first{0, 0};
    std::int64_t best = -1, next = -1;
    for (const Edge& edge : edges_of(a)) {
        std::int64_t value = std::int64_t{edge.confidence} - prices_[edge.b];
        if (value < next) continue;
        if (value > best || (value == best && signs_b_[edge.b] > signs_b_[first.b])) {
            next = best;
            best = value;
            first = edge;
        } else {
            next = value;
        }
    }
    most_[a] = 0;
    if (best < 0) return;
    if (size_b_[first.b] > 1) next = best;  // another record of the class for the same price
    next = std::max<std::int64_t>(next, 0);
    most_[a] = static_cast<std::uint32_t>(next);
    bids_.push_back({a, first.b, static_cast<std::uint32_t>(prices_[first.b] + best - next + raise),
                     first.confidence, 1});
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
        std::uint32_t there = size_b_[offer.edge.b], count = std::min(wanted, there);
        if (wanted == 0 || there > count) next = offer.value;
        if (wanted == 0) break;
        wanted -= count;
        bids_.push_back({a, offer.edge.b, 0, offer.edge.confidence, count});
        if (there > count) break;
    }
    most_[a] = static_cast<std::uint32_t>(next);
    for (std::size_t i = begin; i < bids_.size(); ++i)
        bids_[i].price = static_cast<std::uint32_t>(
            std::max<std::int64_t>(std::int64_t{bids_[i].confidence} - next, 0) + raise);
}

void Auction::accept(const Bid& bid) {
    auto worse = [&](const Slot& x, const Slot& y) { return better(x, y); };  // cheapest on top
    Slot slot{bid.price, bid.a, bid.confidence};
    auto begin = slots_.begin() + slot_begins_[bid.b];
    std::uint32_t size = size_b_[bid.b];
    std::uint32_t& filled = filled_[bid.b];
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
    while (!bidders_.empty()) {
        bids_.clear();
        for (std::uint32_t a : bidders_) {
            const Edge* best = nullptr;
            std::span<const Edge> edges = edges_of(a);
            stop_(edges.size());
            for (const Edge& edge : edges) {
                if (filled_[edge.b] == size_b_[edge.b]) continue;
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
            std::uint32_t& filled = filled_[bid.b];
            if (filled < size_b_[bid.b]) {
                slots_[slot_begins_[bid.b] + filled++] = {0, bid.a, bid.confidence};
                --left_[bid.a];
            }
            if (left_[bid.a] > 0) bidders_.push_back(bid.a);
        }
    }
}

void Auction::solve(const Component& component, Choices& choices, Gap& gap) {
    begin(component);
    sign(component);
    bidders_.resize(count_a());
    std::iota(bidders_.begin(), bidders_.end(), 0u);
    for (std::uint64_t steps = 0; !bidders_.empty();) {
        std::uint64_t round = 0;
        for (std::uint32_t a : bidders_) round += edges_of(a).size();
        steps += round;
        if (steps > most_steps * component.candidates) break;
        bids_.clear();
        for (std::uint32_t a : bidders_) {
            stop_(edges_of(a).size());
            bid(a);
        }
        outbid_.clear();
        for (const Bid& bid : bids_) {
            stop_(bid.count);
            accept(bid);
        }
        // Who made a bid and still has records bids again, and so does who lost some.
        bidders_.clear();
        for (const Bid& bid : bids_) outbid_.push_back(bid.a);
        std::sort(outbid_.begin(), outbid_.end());
        outbid_.erase(std::unique(outbid_.begin(), outbid_.end()), outbid_.end());
        for (std::uint32_t a : outbid_)
            if (left_[a] > 0) bidders_.push_back(a);
    }
    for (std::uint32_t a = 0; a < count_a(); ++a) gap.bound += Billionths{most_[a]} * size_a_[a];
    for (std::uint32_t b = 0; b < count_b(); ++b) gap.bound += Billionths{prices_[b]} * size_b_[b];
    take_free();
    std::size_t begin = choices.list.size();
    judge(choices);
    for (std::size_t i = begin; i < choices.list.size(); ++i)
        gap.value += Billionths{choices.list[i].confidence} * choices.list[i].count;
    gap.candidates += component.candidates;
    ++gap.components;
}

// Lists the pairs of classes, and whether another choice nearby would be as good.
void Auction::judge(Choices& choices) {
    Flows& flows = flows_;
    flows.begin(count_a(), count_b());
    for (std::uint32_t b = 0; b < count_b(); ++b) {
        stop_(filled_[b]);
        for (std::uint32_t i = 0; i < filled_[b]; ++i) {
            const Slot& slot = slots_[slot_begins_[b] + i];
            flows.add(slot.owner, b, slot.confidence, 1);
        }
    }
    choice_of_.clear();
    for (std::uint32_t a = 0; a < count_a(); ++a)
        for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a) {
            if (f >= choice_of_.size()) choice_of_.resize(f + std::size_t{1});
            choice_of_[f] = static_cast<std::uint32_t>(choices.list.size());
            choices.push_back(
                {a, flows[f].b, flows[f].confidence, flows[f].count, false, false, false});
        }
    // No candidate is worth more than its two prices. So two of them that make up for two pairs
    // have no more to spare than these: a look at a price excludes most.
    auto spare = [&](std::uint32_t a, std::uint32_t b, std::uint32_t confidence) {
        return std::int64_t{most_[a]} + prices_[b] - confidence;
    };
    for (std::uint32_t b = 0; b < count_b(); ++b) {
        std::int64_t most = 0;
        for (std::uint32_t g = flows.first_of_b(b); g != no_flow; g = flows[g].next_b)
            most = std::max(most, spare(flows[g].a, b, flows[g].confidence));
        reach_[b] = filled_[b] < size_b_[b] ? std::numeric_limits<std::int64_t>::min()
                                            : std::int64_t{prices_[b]} - most;
    }
    auto flag = [&](std::uint32_t flow) { choices.list[choice_of_[flow]].ambiguous = true; };
    for (std::uint32_t a = 0; a < count_a(); ++a) {
        std::span<const Edge> edges = edges_of(a);
        stop_(edges.size());
        std::int64_t own = 0;
        std::uint32_t least = 0xFFFFFFFFu;  // no exchange at the same sum has both pairs worse
        for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a) {
            least = std::min(least, flows[f].confidence);
            own = std::max(own, spare(a, flows[f].b, flows[f].confidence));
        }
        if (left_[a] > 0) least = 0;
        for (const Edge& edge : edges) {
            if (edge.confidence < least ||
                (left_[a] == 0 && own + edge.confidence - most_[a] < reach_[edge.b]))
                continue;
            for (std::uint32_t g = flows.first_of_b(edge.b); g != no_flow; g = flows[g].next_b) {
                if (flows[g].a == a) continue;
                if (left_[a] > 0 && flows[g].confidence == edge.confidence) flag(g);
                for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a) {
                    if (flows[f].b == edge.b || edge.confidence < flows[f].confidence) continue;
                    for (const Edge& other : edges_of(flows[g].a)) {
                        if (other.b != flows[f].b) continue;
                        if (std::uint64_t{edge.confidence} + other.confidence ==
                            std::uint64_t{flows[f].confidence} + flows[g].confidence) {
                            flag(f);
                            flag(g);
                        }
                        break;
                    }
                }
            }
            if (filled_[edge.b] == size_b_[edge.b]) continue;
            for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a)
                if (flows[f].b != edge.b && flows[f].confidence == edge.confidence) flag(f);
        }
    }
}

}  // namespace recon::match
