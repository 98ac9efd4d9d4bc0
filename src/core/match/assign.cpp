#include "core/match/assign.hpp"

#include <algorithm>
#include <tuple>

#include "core/match/ties.hpp"

namespace recon::match {

namespace {

// A level's candidates whose two ends have no other are paired straight, the rest go to the ties.
void assign_level(const std::vector<Candidate>& level, Free& free,
                  std::vector<std::uint32_t>& degrees_a, std::vector<std::uint32_t>& degrees_b,
                  std::vector<Candidate>& tied, rule::Ambiguous ambiguous, MemoryBudget& budget,
                  StopCheck& stop, Assignment& result) {
    for (const Candidate& candidate : level) {
        ++degrees_a[candidate.a];
        ++degrees_b[candidate.b];
    }
    tied.clear();
    for (const Candidate& candidate : level) {
        stop();
        if (degrees_a[candidate.a] != 1 || degrees_b[candidate.b] != 1) {
            tied.push_back(candidate);
            continue;
        }
        while (free.left_a(candidate.a) > 0 && free.left_b(candidate.b) > 0) {
            auto [row_a, row_b] = free.take(candidate.a, candidate.b);
            result.pairs.push_back({row_a, row_b, candidate.confidence, false});
        }
    }
    for (const Candidate& candidate : level) degrees_a[candidate.a] = degrees_b[candidate.b] = 0;
    if (!tied.empty()) pair_tied(tied, free, ambiguous, budget, stop, result);
}

}  // namespace

Assignment assign(const Side& a, const Side& b, std::vector<Candidate>& candidates,
                  rule::Ambiguous ambiguous, Reservation& memory, StopToken& token) {
    StopCheck stop(token);
    Assignment result;
    result.used_a.assign(a.classes(), 0);
    result.used_b.assign(b.classes(), 0);
    result.aside_a.assign(a.classes(), 0);
    result.aside_b.assign(b.classes(), 0);
    std::vector<std::uint32_t> degrees_a(a.classes()), degrees_b(b.classes());
    memory.take((a.classes() + b.classes()) * (2 * sizeof(std::uint32_t) + 1) +
                std::min(a.rows.size(), b.rows.size()) * sizeof(Pair));
    result.pairs.reserve(std::min(a.rows.size(), b.rows.size()));
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) {
        return std::tie(y.confidence, x.a, x.b) < std::tie(x.confidence, y.a, y.b);
    });

    Free free{a, b, result};
    std::vector<Candidate> level, tied;
    for (std::size_t at = 0; at < candidates.size();) {
        std::uint32_t confidence = candidates[at].confidence;
        level.clear();
        for (; at < candidates.size() && candidates[at].confidence == confidence; ++at) {
            stop();
            if (free.left_a(candidates[at].a) > 0 && free.left_b(candidates[at].b) > 0)
                level.push_back(candidates[at]);
        }
        assign_level(level, free, degrees_a, degrees_b, tied, ambiguous, memory.budget(), stop,
                     result);
    }
    return result;
}

}  // namespace recon::match
