// The join of sets of tokens. With n tokens to be shared, the first x - n + 1 of a set of x tokens
// must have one in common with those of the other, in whatever order all sets are: rare tokens
// stand first.
#pragma once

#include <optional>
#include <vector>

#include "core/match/postings.hpp"
#include "core/match/text_join.hpp"
#include "core/similarity/prepared_token_sets.hpp"

namespace recon::match {

class TokenJoin final : public TextJoin {
  public:
    // `min` is above 0.
    TokenJoin(const similarity::PreparedTokenSets& prepared, double min, TextNumbers a,
              TextNumbers b, Reservation& memory, StopToken& stop);

    std::uint64_t comparisons() const override { return comparisons_; }
    void run(const Each& each) override;

  private:
    // The tokens of a text that must hit, by rank.
    std::span<const std::uint32_t> prefix(std::uint32_t text);
    // The fewest tokens that a set of this size shares with any that it can match.
    std::size_t least_shared(std::size_t size);

    const similarity::PreparedTokenSets& prepared_;
    double min_;
    TextNumbers a_, b_;
    MemoryBudget& budget_;
    StopToken& stop_;
    std::vector<std::uint32_t> ranks_, scratch_;
    std::vector<std::size_t> least_shared_;  // by size; 0 is not known yet
    std::optional<Postings> postings_;       // places in B by rank
    std::uint64_t comparisons_ = 0;
};

}  // namespace recon::match
