// get_project_stats and stats_verify.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "memo/memo.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"
#include "stats/recount.hpp"

using namespace recon;
using access::Level;

namespace {

// The same bits in whatever order the matches came: the sum is exact.
std::optional<double> mean(std::int64_t billionths, std::int64_t count) {
    if (count == 0) return std::nullopt;
    auto whole = static_cast<double>(billionths / count);
    auto rest = static_cast<double>(billionths % count) / static_cast<double>(count);
    return (whole + rest) / 1e9;
}

std::string to_json(const stats::Delta& values) {
    std::string text = "{";
    for (const stats::Figure& figure : stats::figures) {
        if (text.size() > 1) text += ", ";
        text += std::string("\"") + figure.column + "\": " + std::to_string(values.*figure.field);
    }
    return text + "}";
}

}  // namespace

namespace {

// As the memo keeps them.
struct Figures {
    stats::Delta kept;
    std::int64_t last_activity = 0;
    std::int64_t is_active = 0;  // whether there is a last activity
};
static_assert(std::is_trivially_copyable_v<Figures>);

Figures read_figures_of(std::int64_t project_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    access::require(spi, project_id, user, Level::viewer);
    stats::Reading reading = stats::read(spi, project_id);
    return {reading.figures, reading.last_activity.value_or(0), reading.last_activity ? 1 : 0};
}

}  // namespace

RECON_FUNCTION(recon_get_project_stats) {
    std::int64_t project_id = pg::Arguments(fcinfo).bigint(0, "project_id");
    Oid user = GetUserId();
    if (access::level_of(project_id, user) == Level::none) access::project_is_missing(project_id);
    memo::Lookup lookup({memo::Function::stats,
                         fcinfo->flinfo->fn_oid,
                         {memo::Kind::stats, project_id},
                         0,
                         pg::settings::ttl_stats});
    Figures figures;
    if (lookup.hit()) {
        std::memcpy(static_cast<void*>(&figures), lookup.words().data(), sizeof figures);
    } else {
        figures = read_figures_of(project_id, user);
        lookup.store(std::as_bytes(std::span(&figures, 1)));
    }
    const stats::Delta& kept = figures.kept;
    std::int64_t live = kept.proposed_matches + kept.approved_matches;
    std::optional<double> confidence = mean(kept.confidence, live);
    const std::array<Datum, 15> values = {Int64GetDatum(project_id),
                                          Int64GetDatum(kept.jobs),
                                          Int64GetDatum(kept.completed_jobs),
                                          Int64GetDatum(kept.failed_jobs),
                                          Int64GetDatum(kept.running_jobs),
                                          Int64GetDatum(kept.records),
                                          Int64GetDatum(kept.matched_records),
                                          Int64GetDatum(kept.records - kept.matched_records),
                                          Int64GetDatum(live),
                                          Int64GetDatum(kept.proposed_matches),
                                          Int64GetDatum(kept.approved_matches),
                                          Float8GetDatum(confidence.value_or(0)),
                                          Int64GetDatum(kept.files),
                                          Int64GetDatum(kept.bytes),
                                          TimestampTzGetDatum(figures.last_activity)};
    std::array<bool, 15> nulls{};
    nulls[11] = !confidence;
    nulls[14] = figures.is_active == 0;
    return pg::form_row(fcinfo, values, nulls);
}

RECON_FUNCTION(recon_stats_verify) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    pg::ResultSet result(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi;
    access::require(spi, project_id, user, Level::owner);
    spi.query("SELECT FROM recon.projects WHERE project_id = $1 FOR KEY SHARE",
              {pg::bigint(project_id)});
    access::require(spi, project_id, user, Level::owner);  // it may have been dropped meanwhile
    stats::Recount recount = stats::recount(spi, project_id);
    const stats::Delta &kept = recount.kept, &counted = recount.counted;
    // Where nothing was kept, nothing was wrong: get_project_stats counted, too.
    if (!recount.any || kept == counted) return 0;
    for (const stats::Figure& figure : stats::figures)
        if (kept.*figure.field != counted.*figure.field)
            result.add({figure.column, kept.*figure.field, counted.*figure.field});
    access::audit(spi, user, project_id, "repair", "stats", std::nullopt, to_json(kept),
                  to_json(counted));
    return 0;
}
