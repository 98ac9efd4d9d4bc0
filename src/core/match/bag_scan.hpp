// Pairs of texts that their lengths and bags of characters leave possible: all pairs of lengths
// that go together are looked at, at a few nanoseconds each.
#pragma once

#include <functional>
#include <optional>

#include "core/match/length_groups.hpp"
#include "core/match/text_join.hpp"
#include "core/similarity/prepared_jaro.hpp"

namespace recon::match {

// The most characters that one text may have more than the other.
struct BagLimit {
    std::size_t only_a, only_b, together;
};
// For two lengths; none where no texts of these lengths can match.
using BagLimitOf =
    std::function<std::optional<BagLimit>(std::size_t length_a, std::size_t length_b)>;

// The pairs of two groups that keep the limit.
class BagScan {
  public:
    BagScan(const similarity::Sequences& sequences, const LengthGroups& a, const LengthGroups& b,
            StopToken& stop)
        : sequences_(sequences), a_(a), b_(b), stop_(stop) {}
    void run(const LengthGroup& group_a, const LengthGroup& group_b, const BagLimit& limit,
             const TextJoin::Each& each);

  private:
    const similarity::Sequences& sequences_;
    const LengthGroups &a_, &b_;
    StopCheck stop_;
};

class ScanJoin final : public TextJoin {
  public:
    ScanJoin(const similarity::Sequences& sequences, BagLimitOf limit_of, TextNumbers a,
             TextNumbers b, Reservation& memory, StopToken& stop);

    std::uint64_t comparisons() const override { return comparisons_; }
    void run(const Each& each) override;

  private:
    const similarity::Sequences& sequences_;
    BagLimitOf limit_of_;
    LengthGroups a_, b_;
    StopToken& stop_;
    std::uint64_t comparisons_ = 0;
};

// What jaro or jaro_winkler leave possible.
BagLimitOf jaro_limit(const similarity::PreparedJaro& prepared);

}  // namespace recon::match
