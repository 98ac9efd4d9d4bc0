// The call of a trigger function.
#pragma once

#include "pg/spi.hpp"

namespace recon::pg {

class TriggerCall {
  public:
    enum class Event { insert, update, remove, truncate };

    enum class Moments { after, all };

    // 39P01 where the function was not called as a trigger on a table of recon: for statements,
    // after them or before a TRUNCATE; with all, also before any, and after each row.
    explicit TriggerCall(FunctionCallInfo fcinfo, Moments moments = Moments::after);

    Event event() const;
    bool is_before() const;
    bool is_for_row() const;
    const char* table() const;

    // Makes the rows of the statement known to what `spi` runs, by the names that CREATE TRIGGER
    // gave them.
    void show_rows(Spi& spi) const;
    // Of a trigger for rows: the column's values in the row as it was and as it is, of those there
    // are.
    std::vector<std::int64_t> bigints_of_row(const char* column) const;

  private:
    TriggerData* data_;
};

// 39P01 where the function was not called by a trigger, of any kind, on a table or view of recon.
void require_own_trigger(FunctionCallInfo fcinfo);

// Whether what fired the trigger at hand is a statement of recon's own, within an OwnerScope; not
// one that a user's trigger ran meanwhile.
bool fired_by_own_statement();

}  // namespace recon::pg
