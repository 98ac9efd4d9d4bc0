// The call of a trigger function.
#pragma once

#include "pg/spi.hpp"

namespace recon::pg {

class TriggerCall {
  public:
    enum class Event { insert, update, remove, truncate };

    enum class Moments { after, before_and_after };

    // 39P01 where the function was not called as a trigger for statements, at one of these moments
    // or before a TRUNCATE, on a table of recon.
    explicit TriggerCall(FunctionCallInfo fcinfo, Moments moments = Moments::after);

    Event event() const;
    bool is_before() const;
    const char* table() const;

    // Makes the rows of the statement known to what `spi` runs, by the names that CREATE TRIGGER
    // gave them.
    void show_rows(Spi& spi) const;

  private:
    TriggerData* data_;
};

// Whether what fired the trigger at hand is a statement of recon's own, within an OwnerScope; not
// one that a user's trigger ran meanwhile.
bool fired_by_own_statement();

}  // namespace recon::pg
