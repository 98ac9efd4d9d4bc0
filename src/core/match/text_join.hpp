// A join of texts by their similarity alone: finds the pairs that can reach a measure's bound
// without comparing all of them.
//
//   edit distances    segments: G. Li et al., "Pass-Join: a partition-based method for similarity
//   joins"
//                     (2011), with segments cut by how much they tell; short texts and low bounds
//                     by a scan of lengths and bags of characters
//   jaro(_winkler)    the scan
//   sets of tokens    prefixes, rare tokens first: S. Chaudhuri et al., "A primitive operator for
//                     similarity joins in data cleaning" (2006)
//   phonetic codes    equal codes
//   token_set         all pairs
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "core/limits.hpp"
#include "core/match/reservation.hpp"
#include "core/similarity/prepared_texts.hpp"

namespace recon::match {

using TextNumbers = std::span<const std::uint32_t>;

class TextJoin {
  public:
    using Each = std::function<void(std::uint32_t a, std::uint32_t b)>;

    virtual ~TextJoin() = default;
    // How many pairs run() will look at, from the lengths of lists or, where these are not to be
    // had, a sample of A.
    virtual std::uint64_t comparisons() const = 0;
    // Calls `each` once for every pair whose score can be at or above the measure's bound, and for
    // some others; the same pairs in the same order each time.
    virtual void run(const Each& each) = 0;
};

// `a` and `b` are different numbers of prepared texts each, and outlive the join, as do the texts.
// Takes the memory of its index from `memory` (53400).
std::unique_ptr<TextJoin> join_texts(const similarity::PreparedTexts& texts, TextNumbers a,
                                     TextNumbers b, Reservation& memory, StopToken& stop);

}  // namespace recon::match
