// get_project_stats and stats_verify.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "pg/owner.hpp"
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

RECON_FUNCTION(recon_get_project_stats) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    stats::Reading reading;
    {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        access::require(spi, project_id, user, Level::viewer);
        reading = stats::read(spi, project_id);
    }
    const stats::Delta& figures = reading.figures;
    pg::Value last_activity;
    if (reading.last_activity)
        last_activity = pg::Value::raw(TimestampTzGetDatum(*reading.last_activity));
    std::int64_t live = figures.proposed_matches + figures.approved_matches;
    return pg::make_row(fcinfo,
                        {project_id, figures.jobs, figures.completed_jobs, figures.failed_jobs,
                         figures.running_jobs, figures.records, figures.matched_records,
                         figures.records - figures.matched_records, live, figures.proposed_matches,
                         figures.approved_matches, mean(figures.confidence, live), figures.files,
                         figures.bytes, last_activity});
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
