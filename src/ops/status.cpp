// recon.pool_status and recon.worker_status.
#include "jobs/queue.hpp"
#include "ops/pools.hpp"
#include "ops/visits.hpp"
#include "pg/function.hpp"
#include "pg/processes.hpp"

using namespace recon;

namespace {

pg::Value time(TimestampTz at) {
    return at == 0 ? pg::Value() : pg::Value::raw(TimestampTzGetDatum(at));
}
pg::Value number_of(int pid) {
    return pid == 0 ? pg::Value() : pg::Value(pid);
}

// Of a database; NULL where it was dropped and the launcher has not seen that yet.
pg::Value or_null(const std::string& name) {
    return name.empty() ? pg::Value() : pg::Value(name);
}

const char* state_text(jobs::queue::State state) {
    switch (state) {
        case jobs::queue::State::free:
        case jobs::queue::State::waiting:
            return "waiting";
        case jobs::queue::State::starting:
            return "starting";
        case jobs::queue::State::running:
            return "running";
        case jobs::queue::State::ended:
            return "ending";
        case jobs::queue::State::unstartable:
            return "failed to start";
    }
    return "";
}

}  // namespace

RECON_FUNCTION(recon_get_pool_status) {
    pg::ResultSet rows(fcinfo);
    for (const ops::Pool& pool : ops::pools())
        rows.add({pool.name, pool.used, pool.capacity, pool.utilization(), pool.warning});
    return 0;
}

RECON_FUNCTION(recon_get_worker_status) {
    pg::ResultSet rows(fcinfo);
    const pg::Value none;
    if (!jobs::queue::available()) return 0;
    int launcher = jobs::queue::launcher_pid();
    rows.add({"launcher", none, launcher == 0 ? "not running" : "running", number_of(launcher),
              none, none, none, none, none, none});
    for (const ops::visits::Database& database : ops::visits::databases()) {
        std::string name = pg::database_name(database.oid);
        rows.add({"cleanup", or_null(name), database.pid == 0 ? "waiting" : "running",
                  number_of(database.pid), none, none, none, time(database.cleaned_at),
                  database.cleaned_at == 0 ? none : pg::Value(database.removed),
                  database.cleaned_at == 0 ? none : pg::Value(database.result)});
    }
    for (const jobs::queue::Entry& entry : jobs::queue::entries()) {
        std::string name = pg::database_name(entry.database);
        const char* wait = jobs::queue::wait_text(entry.wait);
        rows.add({"job", or_null(name), state_text(entry.state), number_of(entry.pid), entry.job_id,
                  wait == nullptr ? none : pg::Value(wait), time(entry.next_try_at), none, none,
                  none});
    }
    return 0;
}
