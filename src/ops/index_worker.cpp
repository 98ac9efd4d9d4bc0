// One statement after the other, each as a client would send it, so that it may end and begin
// transactions: CREATE INDEX CONCURRENTLY waits for nobody's lock that others would queue behind.
// What a worker left invalid that was stopped is dropped and built by the next.
#include "ops/index_worker.hpp"

#include "ops/index_builds.hpp"
#include "ops/indexes.hpp"
#include "pg/owner.hpp"
#include "pg/processes.hpp"

namespace recon::ops {

namespace {

constexpr pg::WorkerKind kind{"recon_index_worker", "recon index"};

constexpr char wait_for_ever[] = "0";
constexpr char cancelled[] = "57014";
constexpr long look_again = 200;  // milliseconds

class Builder {
  public:
    void work();

  private:
    std::vector<Index> read();
    IndexState state_behind_lock(const Index& index);
    bool run(const Index& index, const std::string& statement);
    void failed(const Index& index, const pg::Failure& failure);

    std::string database_;
    bool stop_ = false;
    std::int64_t built_ = 0, failed_ = 0;
};

std::vector<Index> Builder::read() {
    std::vector<Index> indexes;
    std::optional<pg::Failure> failure = pg::in_transaction([&] {
        if (!pg::has_extension()) return;
        database_ = pg::database_name();
        pg::OwnerScope owner;
        pg::Spi spi;
        indexes = read_indexes(spi);
    });
    if (failure && pg::extension_exists())
        pg::log("recon could not look at the indexes: " + failure->message);
    return indexes;
}

// Somebody else may be building it: who builds concurrently holds this lock until it is valid, and
// in the end waits for all who have a snapshot, so that nobody with one must wait for the lock.
IndexState Builder::state_behind_lock(const Index& index) {
    auto state = IndexState::valid;
    std::optional<pg::Failure> failure;
    do {
        failure = pg::in_transaction([&] {
            if (failure) pg::sleep(look_again);
            if (!pg::has_extension()) return;
            pg::OwnerScope owner;
            pg::Spi spi;
            spi.execute(
                ("LOCK TABLE recon." + index.table + " IN SHARE UPDATE EXCLUSIVE MODE NOWAIT")
                    .c_str());
            for (const Index& now : read_indexes(spi))
                if (now.name == index.name) state = now.state;
        });
    } while (failure && failure->sqlstate == pg::lock_not_available);
    if (failure) failed(index, *failure);
    // As which this worker itself shows it.
    return state == IndexState::building ? IndexState::invalid : state;
}

void Builder::failed(const Index& index, const pg::Failure& failure) {
    ++failed_;
    stop_ = failure.sqlstate == cancelled || !pg::extension_exists();
    index_builds::fail(index.name, failure.sqlstate, failure.message);
    pg::log("recon could not build index \"" + index.name + "\": " + failure.message,
            failure.sqlstate == cancelled
                ? "SELECT recon.build_indexes(concurrently => true) goes on."
                : failure.hint);
}

bool Builder::run(const Index& index, const std::string& statement) {
    pg::show_activity(statement);
    if (std::optional<pg::Failure> failure = pg::run_at_top_level(statement)) {
        failed(index, *failure);
        return false;
    }
    return true;
}

void Builder::work() {
    for (const Index& index : read()) {
        IndexState state = index.state;
        if (state == IndexState::valid) continue;
        index_builds::enter(index.name);
        pg::serve_interrupts();
        if (state == IndexState::invalid || state == IndexState::building)
            state = state_behind_lock(index);
        if (state == IndexState::invalid && run(index, index.drop_statement(true)))
            state = IndexState::missing;
        if (state == IndexState::missing && run(index, index.create_statement(true))) ++built_;
        if (stop_) break;
    }
    if (built_ + failed_ > 0)
        pg::log("recon built " + std::to_string(built_) + " of " +
                std::to_string(built_ + failed_) + " indexes in database \"" + database_ + "\"");
}

}  // namespace

std::optional<pg::WorkerHandle> start_index_worker() {
    return pg::start_worker(kind, kind.type, {{static_cast<std::int64_t>(MyDatabaseId)}});
}

}  // namespace recon::ops

using namespace recon;

RECON_WORKER(recon_index_worker) {
    pg::connect_to_maintain(static_cast<Oid>(pg::worker_arguments().values[0]), ops::wait_for_ever);
    pg::allow_writes();
    ops::index_builds::begin();
    ops::Builder().work();
}
