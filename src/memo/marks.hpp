// Which keys the transaction at hand has changed.
#pragma once

#include "memo/keys.hpp"
#include "memo/slots.hpp"

namespace recon::memo {

// To be called by whoever changes what a key stands for, before or after, in the same transaction.
// A rollback to a savepoint does not take it back. Does nothing without the memo.
void mark(Kind kind, std::int64_t project_id);
void mark_all();

// Between the two, a statement changes rows that nobody has marked yet.
void begin_statement();
void end_statement();

bool is_marked(slots::Place place);

}  // namespace recon::memo
