// It connects as a superuser, does all with the rights of the owner of recon's tables, and ends; so
// no database is kept open. Each step is a transaction, short enough for DROP DATABASE to wait for.
#include "ops/visit.hpp"

#include "jobs/recover.hpp"
#include "ops/cleanup.hpp"
#include "ops/visits.hpp"
#include "pg/owner.hpp"
#include "pg/processes.hpp"

using namespace recon;

namespace {

constexpr pg::WorkerKind kind{"recon_visit", "recon cleanup"};

constexpr char lock_timeout[] = "1s";  // the databases that come next are not to wait for long

// The name of the database, where it has the extension.
std::optional<std::string> find_extension(bool& read_only) {
    std::optional<std::string> name;
    pg::in_transaction([&] {
        if (pg::has_extension()) name = pg::database_name();
        read_only = pg::is_read_only();
    });
    return name;
}

// In batches, each a transaction of its own.
std::uint64_t clean(ops::CleanupTask& task) {
    std::uint64_t removed = 0;
    for (bool more = true; more;) {
        more = false;
        std::uint64_t of_batch = 0;
        std::optional<pg::Failure> failure = pg::in_transaction([&] {
            if (!pg::has_extension()) return;
            Oid user = GetUserId();
            pg::OwnerScope owner;
            pg::Spi spi;
            of_batch = task.step(spi, user, more);
        });
        if (failure) {
            if (!pg::extension_exists()) break;
            pg::log(std::string("recon cleanup failed in its task \"") + task.name() +
                    "\": " + failure->message);
            break;
        }
        removed += of_batch;
        pg::serve_interrupts();
    }
    return removed;
}

void clean_all(const std::string& database) {
    std::int64_t total = 0;
    bool worth_a_line = false;
    std::string result;
    for (const std::unique_ptr<ops::CleanupTask>& task : ops::cleanup_tasks()) {
        std::uint64_t removed = clean(*task);
        if (removed == 0) continue;
        total += static_cast<std::int64_t>(removed);
        worth_a_line = worth_a_line || task->removes();
        result += (result.empty() ? "" : ", ") + std::string(task->name()) + ": " +
                  std::to_string(removed);
    }
    ops::visits::cleaned(total, result.empty() ? "nothing" : result);
    if (worth_a_line) pg::log("recon cleanup in database \"" + database + "\" removed " + result);
}

}  // namespace

namespace recon::ops {

std::optional<pg::WorkerHandle> start_visit(Oid database, bool with_cleanup) {
    pg::WorkerArguments arguments{{static_cast<std::int64_t>(database), with_cleanup ? 1 : 0}};
    return pg::start_worker(kind, kind.type, arguments);
}

}  // namespace recon::ops

RECON_WORKER(recon_visit) {
    const auto arguments = pg::worker_arguments().values;
    pg::connect_to_maintain(static_cast<Oid>(arguments[0]), lock_timeout);
    bool read_only = false;
    std::optional<std::string> database = find_extension(read_only);
    if (!database) {
        ops::visits::remove(MyDatabaseId);
        return;
    }
    std::uint32_t asked = ops::visits::begin();
    // Where its owner wants nothing to be written (default_transaction_read_only), nothing is.
    if (!read_only && !jobs::recover(*database)) return;
    ops::visits::answer(asked);
    if (read_only) return;
    if (arguments[1] != 0) clean_all(*database);
}
