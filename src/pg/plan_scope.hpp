// What the planner may choose from, for some statements of ours: theirs are known to be better
// planned so than by statistics that may be old or missing. Set back on the way out; an error does
// it by the abort.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

class PlanScope {
  public:
    // Names of the planner's settings that are off meanwhile.
    explicit PlanScope(std::initializer_list<const char*> off) {
        call([&] {
            level_ = NewGUCNestLevel();
            for (const char* setting : off)
                (void)set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                                        true, 0, false);
        });
    }
    // For what is looked up by so many ids. A project that is new to the statistics is taken for
    // one without rows; then a nested loop over all of them for each id looks cheap.
    static PlanScope by_ids(std::size_t count) {
        constexpr std::size_t few = 1000;
        if (count > few) return PlanScope({"enable_nestloop"});
        return PlanScope({"enable_seqscan", "enable_bitmapscan"});
    }
    ~PlanScope() {
        if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(true, level_);
    }
    PlanScope(const PlanScope&) = delete;
    PlanScope& operator=(const PlanScope&) = delete;

  private:
    int level_ = 0;
    int exceptions_ = std::uncaught_exceptions();
};

}  // namespace recon::pg
