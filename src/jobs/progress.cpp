// get_running_jobs and get_job_progress.
#include "jobs/progress.hpp"

#include <csignal>

#include "access/membership.hpp"
#include "pg/clock.hpp"
#include "pg/owner.hpp"
#include "pg/progress_slots.hpp"
#include "pg/shared_lock.hpp"
#include "pg/worker.hpp"

namespace recon::jobs {

namespace {

struct Shown {
    std::int64_t job_id, project_id;
    double share;  // of the run, 0 to 1
    std::uint64_t records, processed, matched;
    TimestampTz started_at, updated_at;
    Oid database;
    std::int32_t pid;
    char phase[64];
};

constinit pg::ProgressSlots<Shown> slots("recon jobs");

// Who signals a run holds it, so that the run is not over before it is signalled.
constinit pg::SharedArea end_of_run{"recon end of a run", [] { return sizeof(pg::SharedLock); },
                                    [](void* memory) {
                                        auto* lock = ::new (memory) pg::SharedLock();
                                        lock->initialize("ReconJobEnd");
                                    }};

pg::SharedLock& end_lock() {
    return *static_cast<pg::SharedLock*>(end_of_run.memory);
}

constexpr std::int64_t interval_ms = 50;

// Shares of the time of a run, as measured with some rules over a million records a side.
constexpr double reading_share = 0.3, matching_share = 0.4;
constexpr double candidates_share = 0.7;  // of a rule

bool is(const char* phase, std::string_view name) {
    return phase == name;
}

}  // namespace

void reserve_progress() {
    slots.reserve();
    end_of_run.reserve();
}

RunProgress::RunProgress(std::int64_t project_id, std::int64_t job_id)
    : project_id_(project_id), job_id_(job_id), started_at_(GetCurrentTimestamp()) {
    in_slot_ = slots.take();
}

RunProgress::~RunProgress() {
    if (!in_slot_) return;
    pg::SharedLock::Holder holder(end_lock());
    slots.clear();
}

RunProgress::Span RunProgress::span_of(const char* phase) const {
    if (is(phase, "reading")) return {0, reading_share};
    if (rule_ == 0) return {reading_share + matching_share, 1};
    double width = matching_share / rules_, from = reading_share + width * (rule_ - 1);
    double middle = from + width * candidates_share;
    return is(phase, "candidates") ? Span{from, middle} : Span{middle, from + width};
}

double RunProgress::share() const {
    double part = steps_ == 0 ? 0 : static_cast<double>(done_) / static_cast<double>(steps_);
    return span_.from + (span_.to - span_.from) * std::min(part, 1.0);
}

// Matched records count whole, open ones by the share of the rules that have seen them.
std::uint64_t RunProgress::processed() const {
    if (rules_ == 0) return 0;
    std::uint64_t seen = rule_ == 0 ? rules_ : rule_ - 1;
    return matched_ + (records_ - std::min(records_, matched_)) * seen / rules_;
}

void RunProgress::read(std::uint64_t records) {
    records_ = records;
    publish();
}

void RunProgress::rule(std::uint32_t number, std::uint32_t rules) {
    rule_ = number;
    rules_ = rules;
}

void RunProgress::begin(const char* phase, std::uint64_t steps) {
    if (is(phase, "storing")) rule_ = 0;
    phase_ = phase;
    if (rule_ != 0)
        phase_ = "rule " + std::to_string(rule_) + " of " + std::to_string(rules_) + ": " + phase_;
    span_ = span_of(phase);
    steps_ = steps;
    done_ = 0;
    publish();
}

void RunProgress::advance(std::uint64_t done) {
    done_ = done;
    publish_in_time();
}

void RunProgress::matched(std::uint64_t records) {
    matched_ = records;
    publish_in_time();
}

bool RunProgress::should_stop() {
    interrupts_.should_stop();
    publish_in_time();
    return false;
}

void RunProgress::publish_in_time() {
    if (in_slot_ && pg::coarse_milliseconds() - published_ms_ >= interval_ms) publish();
}

void RunProgress::publish() {
    if (!in_slot_) return;
    pg::end_without_server();
    published_ms_ = pg::coarse_milliseconds();
    Shown shown{};
    shown.job_id = job_id_;
    shown.project_id = project_id_;
    shown.share = share();
    shown.records = records_;
    shown.processed = processed();
    shown.matched = matched_;
    shown.started_at = started_at_;
    shown.updated_at = GetCurrentTimestamp();
    shown.database = MyDatabaseId;
    shown.pid = MyProcPid;
    std::memcpy(shown.phase, phase_.data(), std::min(phase_.size(), sizeof shown.phase - 1));
    slots.show(shown);
}

namespace {

std::vector<Shown> running_jobs() {
    std::vector<Shown> jobs = slots.shown();
    std::ranges::sort(jobs, {}, [](const Shown& shown) { return shown.job_id; });
    return jobs;
}

std::optional<int> process_of(std::int64_t job_id) {
    for (const Shown& shown : slots.shown())
        if (shown.job_id == job_id) return shown.pid;
    return std::nullopt;
}

// By the share that is done and the time that it took; NULL while that says little.
pg::Value estimated_completion(const Shown& shown) {
    if (shown.share < 0.01) return {};
    auto elapsed = static_cast<double>(shown.updated_at - shown.started_at);
    return pg::Value::raw(
        TimestampTzGetDatum(shown.started_at + static_cast<std::int64_t>(elapsed / shown.share)));
}

}  // namespace

bool is_running(std::int64_t job_id) {
    return process_of(job_id).has_value();
}

bool cancel_run(std::int64_t job_id) {
    std::optional<int> pid = process_of(job_id);
    if (!pid) return false;
    pg::SharedLock::Holder holder(end_lock());
    if (!slots.shows(*pid, [&](const Shown& shown) { return shown.job_id == job_id; }))
        return false;
    return kill(*pid, SIGINT) == 0;
}

}  // namespace recon::jobs

using namespace recon;

// Row-level security does not reach shared memory: the caller's membership is asked here.
RECON_FUNCTION(recon_get_running_jobs) {
    pg::ResultSet rows(fcinfo);
    for (const jobs::Shown& shown : jobs::running_jobs()) {
        if (access::level_of(shown.project_id, GetUserId()) == access::Level::none) continue;
        rows.add({shown.job_id, shown.project_id, shown.pid, shown.phase, shown.share * 100,
                  shown.records, shown.processed, shown.matched,
                  pg::Value::raw(TimestampTzGetDatum(shown.started_at)),
                  pg::Value::raw(TimestampTzGetDatum(shown.updated_at)),
                  jobs::estimated_completion(shown)});
    }
    return 0;
}

RECON_FUNCTION(recon_get_job_progress) {
    pg::Arguments args(fcinfo);
    std::int64_t job_id = args.bigint(0, "job_id");
    std::int64_t project_id = 0;
    {
        Oid user = GetUserId();
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        project_id =
            access::require_object(spi, access::Object::job, job_id, user, access::Level::viewer);
    }
    // As the caller, with the search_path of the caller: nothing is looked up by it.
    pg::Spi spi(pg::Spi::read_only);
    pg::Rows row = spi.query(
        "SELECT * FROM recon.job_progress WHERE project_id OPERATOR(pg_catalog.=) $1 "
        "AND job_id OPERATOR(pg_catalog.=) $2",
        {pg::bigint(project_id), pg::bigint(job_id)});
    if (row.empty()) throw Error("42704", "job " + std::to_string(job_id) + " does not exist");
    return row.result(fcinfo, 0);
}
