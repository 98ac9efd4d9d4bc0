// A setting of the server that has another value for a while.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// Set back on the way out; an error does it by the abort. `by`: whose right it is to set it.
class SettingScope {
  public:
    SettingScope(const char* name, const char* value, GucContext by = PGC_USERSET) {
        level_ = call([&] {
            int level = NewGUCNestLevel();
            (void)set_config_option(name, value, by, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                                    false);
            return level;
        });
    }
    ~SettingScope() {
        if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(true, level_);
    }
    SettingScope(const SettingScope&) = delete;
    SettingScope& operator=(const SettingScope&) = delete;

  private:
    int level_ = 0;
    int exceptions_ = std::uncaught_exceptions();
};

}  // namespace recon::pg
