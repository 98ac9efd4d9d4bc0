// The best other partner that a matched record could have had.
#pragma once

#include "match/explained.hpp"

namespace recon::match {

// When and by what a match was made.
struct Made {
    std::int64_t project_id = 0, match_id = 0, rule_id = 0;
};

struct RunnerUp {
    std::int64_t record_id = 0;
    Billionths confidence = 0;
};

// Of the records that the rule allows for `record` beside `partner`, the one of the highest
// confidence, then the lowest id: among those of the partner's source that are open now or were
// matched when the match was made or later, by its own rule or one after it. The threshold does not
// count. nullopt where there is none.
std::optional<RunnerUp> find_runner_up(Explaining& context, const Made& made,
                                       const Explained& record, const Explained& partner,
                                       const rule::Rule& rule);

}  // namespace recon::match
