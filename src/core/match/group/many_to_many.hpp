// Groups of both sides whose sums agree.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/group/group_side.hpp"
#include "core/match/group/row_sets.hpp"
#include "core/match/group/subset_search.hpp"

namespace recon::match::group {

// Records of both sides that share "group_by", and those of a side "same", and of which the rule
// allows every pair, are a group where their sums agree and neither side has more than max_group:
// all of them, or else the largest part, found by leaving out the fewest. What is left may be a
// group again. Where another part is as large, or "same" leaves several groups of the other side to
// choose from, it is ambiguous; of several parts the one that is made then has the best confidence,
// and of such its records come first in order.
class ManyToMany {
  public:
    ManyToMany(const rule::Rule& rule, const Weighing& weighing, const ScoreTable& scores,
               const GroupSide& a, const GroupSide& b, Context& context);
    void run(EdgeStore& edges, ClassGroups& groups, RuleResult& result);
    // Instead: the largest groups of records with the key of this row of A or of B.
    GroupAnswers answers(EdgeStore& edges, bool of_a, std::uint32_t row, std::uint64_t most,
                         int scale);

  private:
    // Classes of one side that share "same", by place in the component.
    using Bag = std::vector<std::uint32_t>;
    // What is left of each class of a component.
    struct Left {
        std::vector<std::uint32_t> a, b;
    };
    // A part of two bags: what it has of each class, by place in the component.
    struct Cut {
        std::vector<SetPart> a, b;
        field::int128 sum_a = 0, sum_b = 0;
        Billionths confidence = 0;
    };
    // The largest parts of two bags.
    struct Answer {
        std::uint32_t bag_a, bag_b;
        std::vector<Cut> cuts;  // of one size
        std::uint64_t records = 0;
        bool spent = false;  // the budget did not suffice
    };
    class Cuts;
    class Ordered;

    void begin(const Component& component, const EdgeStore& edges);
    void solve(const Component& component, EdgeStore& edges);
    std::vector<Bag> bags_of(const GroupSide& side, std::span<const std::uint32_t> classes) const;
    Answer find(const Component& component, const Bag& a, const Bag& b, std::size_t most);
    bool weigh(const Component& component, Cut& cut) const;
    bool make_best(const Component& component, std::vector<Answer>& answers);
    void make(const Component& component, const Cut& cut, bool ambiguous);
    void leave(const Component& component, const Bag& a, const Bag& b, Reason reason);
    std::uint32_t kind(std::uint32_t a, std::uint32_t b) const { return kinds_[a * width_ + b]; }

    const rule::Rule& rule_;
    const Weighing& weighing_;
    const ScoreTable& scores_;
    const GroupSide &a_, &b_;
    Context& context_;
    SubsetSearch search_;
    Reservation memory_;
    std::size_t held_ = 0;

    ClassGroups* groups_ = nullptr;
    RuleResult* result_ = nullptr;
    Left left_;
    std::vector<Bag> bags_a_, bags_b_;
    std::vector<std::uint32_t> kinds_;  // of each pair of classes, no_id where the rule forbids it
    std::size_t width_ = 0;
};

}  // namespace recon::match::group
