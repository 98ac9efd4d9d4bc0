// The assignment of the highest total confidence in a component, with the dual prices that prove
// it: successive shortest augmenting paths on reduced costs (R. Jonker and A. Volgenant, "A
// shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987) after
// their augmenting row reduction, for classes of several records as a transportation problem.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/flows.hpp"
#include "core/match/index.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

// What a pair is worth: its confidence in billionths. A pair of confidence 0 is worth less than any
// billionth and more than nothing, so that it is made where it takes nothing from the sum; then all
// are scaled by more than the number of pairs that there can be.
struct Worth {
    std::int64_t scale = 1, zero = 0;
    std::int64_t operator()(std::uint32_t confidence) const {
        return static_cast<std::int64_t>(confidence) * scale + (confidence == 0 ? zero : 0);
    }
};

// Flow and prices, by class. In an optimum u, v >= 0, u[a] + v[b] >= worth for each candidate, with
// equality where there is flow, and a price is 0 where a class has records left.
struct Solution {
    Solution(const Side& a, const Side& b)
        : flows(a.classes(), b.classes()),
          u(a.classes()),
          v(b.classes()),
          left_a(a.classes()),
          left_b(b.classes()) {}
    static std::size_t bytes(const Side& a, const Side& b) {
        return Flows::bytes(a.classes(), b.classes()) +
               (a.classes() + b.classes()) * (sizeof(std::int64_t) + sizeof(std::uint32_t));
    }

    Flows flows;
    std::vector<std::int64_t> u, v;
    std::vector<std::uint32_t> left_a, left_b;  // records without a partner
    Worth worth;                                // in the current component
};

class ExactSolver {
  public:
    ExactSolver(const Side& a, const Side& b, const EdgeStore& edges, WorkCheck& stop);
    static std::size_t bytes(const Side& a, const Side& b) {
        return a.classes() * 4 * sizeof(std::uint64_t) + b.classes() * 6 * sizeof(std::uint64_t);
    }

    void solve(const Component& component, Solution& solution);

  private:
    void star_of_a(const Component& component);
    void star_of_b(const Component& component);
    void reduce(const Component& component);
    void augment(std::uint32_t a);
    bool find_path(std::uint32_t a);
    void scan(std::uint32_t a, std::int64_t distance);
    bool nearest(std::uint32_t& b);
    void pair(std::uint32_t a, const Edge& edge, std::uint32_t count);
    void apply_path(std::uint32_t a);

    const Side& a_;
    const Side& b_;
    const EdgeStore& edges_;
    WorkCheck& stop_;
    Solution* it_ = nullptr;

    // One search: `best` is the length of the best path so far, which ends at a class of B with
    // records left, or at one of A that gives a partner up.
    static constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::uint32_t search_ = 0;
    std::int64_t best_ = 0;
    std::uint32_t end_a_ = none, end_b_ = none;
    std::vector<std::uint32_t> seen_a_, seen_b_;  // search that came here
    std::vector<std::uint32_t> via_;              // flow by which it came to a class of A
    std::vector<std::int64_t> distance_a_, distance_b_;
    struct Step {
        std::uint32_t a, confidence;
    };
    std::vector<Step> from_;  // by which it came to a class of B
    std::vector<std::uint32_t> tree_a_, tree_b_, ready_;
    std::vector<std::pair<std::int64_t, std::uint32_t>> heap_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> leaves_;
};

}  // namespace recon::match
