// How a rule is answered over the records at hand, step by step, as EXPLAIN ANALYZE shows a query.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/match/engine.hpp"

namespace recon::match {

// What is left after a step: records or classes of each side, and pairs of them to look at.
struct PlanStep {
    std::string operation, detail;
    std::optional<std::uint64_t> rows_a, rows_b;
    std::optional<std::uint64_t> estimated_pairs, pairs;
};

// Finds the candidates of the rule as run() does, and assigns nothing. Refuses what run() refuses.
std::vector<PlanStep> explain_plan(const Table& a, const Table& b, const rule::Rule& rule,
                                   Context& context);

}  // namespace recon::match
