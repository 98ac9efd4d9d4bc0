// The databases that have the extension, in shared memory: each is visited now and then by a
// background worker, which ends when it is done. So none is kept open, and the launcher, which has
// no connection, learns what is to be done there.
//
// Each is visited once a minute at least: what got lost on the way to the launcher is found then.
// A database becomes known by the first call of a function of recon in it, and to a launcher that
// has just started because it visits all.
#pragma once

#include "pg/guard.hpp"

namespace recon::ops::visits {

struct Database {
    Oid oid = InvalidOid;
    std::int32_t pid = 0;        // of the worker that is there
    std::uint32_t asked = 0;     // visits asked for
    std::uint32_t answered = 0;  // by the last one that came to its end
    std::int32_t failed = 0;     // visits since then
    TimestampTz not_before = 0;
    TimestampTz visited_at = 0;  // the begin of the last visit
    TimestampTz began_at = 0;    // the last cleanup
    TimestampTz cleaned_at = 0;  // its end
    std::int64_t removed = 0;    // by it
    char result[104] = {};       // what it removed, in words
    TimestampTz called_at = 0;   // run_cleanup() by somebody
};
constexpr std::size_t capacity = 1024;

void reserve();  // from _PG_init: its shared memory
bool available();

void note_database();           // this one has the extension
void visit_soon(Oid database);  // whether it has the extension or not
void remove(Oid database);
std::vector<Database> databases();

// For the launcher: the database whose turn it is, with recon.cleanup_interval in seconds, 0 for
// none. None where there is none yet; then `next` is the time when there will be one, if ever.
struct Visit {
    Oid database;
    bool with_cleanup;
};
std::optional<Visit> due(TimestampTz now, int interval, std::optional<TimestampTz>& next);
void started(const Visit& visit, TimestampTz now);
void postpone(Oid database, TimestampTz to);

// For the visit of this database: to what it answers, and that it has. One that does not is made up
// for.
std::uint32_t begin();
void answer(std::uint32_t asked);
void cleaned(std::int64_t removed, const std::string& result);

void note_call_at_commit();  // of run_cleanup() in this database

}  // namespace recon::ops::visits
