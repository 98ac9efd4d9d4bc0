#include "core/match/token_join.hpp"

#include <algorithm>
#include <numeric>

#include "core/similarity/token_sets.hpp"

namespace recon::match {

TokenJoin::TokenJoin(const similarity::PreparedTokenSets& prepared, double min, TextNumbers a,
                     TextNumbers b, Reservation& memory, StopToken& stop)
    : prepared_(prepared), min_(min), a_(a), b_(b), budget_(memory.budget()), stop_(stop) {
    StopCheck check(stop);
    std::size_t tokens = prepared.token_count();
    memory.take(3 * tokens * sizeof(std::uint32_t));
    std::vector<std::uint32_t> counts(tokens), order(tokens);
    for (TextNumbers texts : {a, b})
        for (std::uint32_t text : texts) {
            check();
            for (std::uint32_t token : prepared.tokens(text)) ++counts[token];
        }
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
        check();
        return counts[x] != counts[y] ? counts[x] < counts[y] : x < y;
    });
    ranks_.resize(tokens);
    for (std::uint32_t rank = 0; rank < tokens; ++rank) ranks_[order[rank]] = rank;
    postings_.emplace(tokens, memory, [&](auto add) {
        for (std::uint32_t place = 0; place < b_.size(); ++place) {
            check();
            for (std::uint32_t rank : prefix(b_[place])) add(rank, place);
        }
    });
    for (std::uint32_t text : a_) {
        check();
        for (std::uint32_t rank : prefix(text)) comparisons_ += (*postings_)[rank].size();
    }
}

std::size_t TokenJoin::least_shared(std::size_t size) {
    if (size >= least_shared_.size()) least_shared_.resize(size + 1, 0);
    std::size_t& least = least_shared_[size];
    // A set that holds no other tokens needs the fewest shared.
    if (least == 0)
        for (least = 1; least < size; ++least)
            if (set_similarity(prepared_.algorithm(), least, size, least) >= min_) break;
    return least;
}

std::span<const std::uint32_t> TokenJoin::prefix(std::uint32_t text) {
    std::span<const std::uint32_t> tokens = prepared_.tokens(text);
    scratch_.clear();
    for (std::uint32_t token : tokens) scratch_.push_back(ranks_[token]);
    std::size_t length = tokens.size() - least_shared(tokens.size()) + 1;
    auto end = scratch_.begin() + static_cast<std::ptrdiff_t>(length);
    std::partial_sort(scratch_.begin(), end, scratch_.end());
    return std::span(scratch_).first(length);
}

void TokenJoin::run(const Each& each) {
    Seen seen(b_.size(), budget_);
    StopCheck stop(stop_);
    for (std::uint32_t a : a_) {
        seen.clear();
        std::size_t size = prepared_.tokens(a).size();
        for (std::uint32_t rank : prefix(a))
            for (std::uint32_t place : (*postings_)[rank]) {
                stop();
                std::uint32_t b = b_[place];
                std::size_t size_b = prepared_.tokens(b).size();
                if (seen.add(place) && set_similarity(prepared_.algorithm(), std::min(size, size_b),
                                                      size, size_b) >= min_)
                    each(a, b);
            }
    }
}

}  // namespace recon::match
