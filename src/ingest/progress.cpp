#include "ingest/progress.hpp"

#include "access/membership.hpp"
#include "pg/clock.hpp"
#include "pg/function.hpp"
#include "pg/owner.hpp"
#include "pg/progress_slots.hpp"
#include "pg/table.hpp"

namespace recon::ingest {

namespace {

struct Shown {
    Progress::Identity load;
    Progress::Figures figures;
    std::int64_t bytes_total;
    TimestampTz started_at, updated_at;
    Oid database;
    std::int32_t pid;
    Phase phase;
    char unused[7];
};

constinit pg::ProgressSlots<Shown> slots("recon loads");

constexpr std::int64_t interval_ms = 50;

pg::CopyProgress::Type copy_type(Door door) {
    switch (door) {
        case Door::file:
            return pg::CopyProgress::Type::file;
        case Door::copy:
            return pg::CopyProgress::Type::pipe;
        default:
            return pg::CopyProgress::Type::callback;
    }
}

const char* phase_name(Phase phase) {
    switch (phase) {
        case Phase::reading:
            return "reading";
        case Phase::waiting:
            return "waiting";
        case Phase::resolving:
            return "resolving";
        case Phase::storing:
            return "storing";
    }
    return "";
}

}  // namespace

void reserve_progress() {
    slots.reserve();
}

void Progress::begin(std::function<Figures()> figures) {
    figures_ = std::move(figures);
    copy_.start(pg::table_oid("records"), copy_type(identity_.door));
    in_slot_ = in_slot_ || slots.take();
    publish();
}

Progress::~Progress() {
    if (in_slot_) slots.clear();
    copy_.end();
}

void Progress::expect(std::uint64_t bytes) {
    bytes_total_ = static_cast<std::int64_t>(bytes);
    copy_.expect(bytes);
    publish();
}

void Progress::enter(Phase phase) {
    phase_ = phase;
    publish();
}

bool Progress::should_stop() {
    interrupts_.should_stop();
    if (pg::coarse_milliseconds() - published_ms_ >= interval_ms) publish();
    return false;
}

void Progress::publish() {
    if (!figures_) return;
    published_ms_ = pg::coarse_milliseconds();
    Figures figures = figures_();
    copy_.update(figures.bytes, figures.read - std::min(figures.read, figures.rejected),
                 figures.rejected);
    if (!in_slot_) return;
    Shown shown{};
    shown.load = identity_;
    shown.figures = figures;
    shown.bytes_total = bytes_total_;
    shown.started_at = started_at_;
    shown.updated_at = GetCurrentTimestamp();
    shown.database = MyDatabaseId;
    shown.pid = MyProcPid;
    shown.phase = phase_;
    slots.show(shown);
}

namespace {

std::vector<Shown> running_loads() {
    std::vector<Shown> loads = slots.shown();
    std::ranges::sort(loads, {}, [](const Shown& shown) { return shown.load.ingestion_id; });
    return loads;
}

}  // namespace

}  // namespace recon::ingest

using namespace recon;

// Row-level security does not reach shared memory: the caller's membership is asked here.
RECON_FUNCTION(recon_get_ingestion_progress) {
    if (!ingest::slots.available())
        throw pg::not_preloaded("The progress of loads is kept in shared memory.",
                                "View pg_stat_progress_copy also works without it.");
    pg::ResultSet rows(fcinfo);
    for (const ingest::Shown& shown : ingest::running_loads()) {
        if (access::level_of(shown.load.project_id, GetUserId()) == access::Level::none) continue;
        std::string user = pg::role_name(shown.load.user);
        std::optional<std::int64_t> total;
        if (shown.bytes_total >= 0) total = shown.bytes_total;
        rows.add({shown.load.ingestion_id, shown.load.project_id, shown.load.source_id,
                  ingest::door_name(shown.load.door), shown.pid, user,
                  ingest::phase_name(shown.phase), shown.figures.bytes, total, shown.figures.read,
                  shown.figures.loaded, shown.figures.rejected,
                  pg::Value::raw(TimestampTzGetDatum(shown.started_at)),
                  pg::Value::raw(TimestampTzGetDatum(shown.updated_at))});
    }
    return 0;
}
