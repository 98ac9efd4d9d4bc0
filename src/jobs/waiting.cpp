// get_waiting_jobs, and the bar of job_progress.
#include "access/membership.hpp"
#include "jobs/queue.hpp"
#include "pg/function.hpp"

using namespace recon;

// Row-level security does not reach shared memory: the caller's membership is asked here.
RECON_FUNCTION(recon_get_waiting_jobs) {
    pg::ResultSet rows(fcinfo);
    for (const jobs::queue::Entry& entry : jobs::queue::entries()) {
        if (entry.database != MyDatabaseId || entry.state != jobs::queue::State::waiting) continue;
        if (access::level_of(entry.project_id, GetUserId()) == access::Level::none) continue;
        const char* wait = jobs::queue::wait_text(entry.wait);
        rows.add({entry.job_id, entry.project_id, wait == nullptr ? pg::Value() : pg::Value(wait),
                  entry.tries,
                  entry.next_try_at == 0 ? pg::Value()
                                         : pg::Value::raw(TimestampTzGetDatum(entry.next_try_at))});
    }
    return 0;
}

RECON_FUNCTION(recon_progress_bar) {
    pg::Arguments args(fcinfo);
    if (args.is_null(0) || args.is_null(1))
        throw Error("22004", "progress and width must not be NULL");
    double percent = DatumGetFloat8(args.datum(0));
    std::int32_t width = args.integer(1, "width");
    if (!(percent >= 0 && percent <= 100))
        throw Error(sqlstate::invalid_parameter_value, "progress must be between 0 and 100");
    if (width < 1 || width > 200)
        throw Error(sqlstate::invalid_parameter_value, "width must be between 1 and 200");
    auto filled = static_cast<std::size_t>(percent / 100 * width);
    char number[8];
    std::snprintf(number, sizeof number, " %3d %%", static_cast<int>(percent));
    return pg::make_text("[" + std::string(filled, '#') +
                         std::string(static_cast<std::size_t>(width) - filled, '.') + "]" + number);
}
