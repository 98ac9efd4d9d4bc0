// run_project: what a scheduler calls. Everything is one transaction: an error leaves it all as it
// was.
#include "access/membership.hpp"
#include "access/project_settings.hpp"
#include "ingest/sync_source.hpp"
#include "jobs/create_job.hpp"
#include "jobs/run_job.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/table.hpp"

using namespace recon;
using access::Level;

namespace {

struct Source {
    std::int64_t source_id = 0;
    std::string name;
};

struct Pair {
    Source a, b;
};

// What a call is to do, in this order.
struct Work {
    std::vector<std::int64_t> relation_sources;
    std::vector<std::int64_t> jobs;
};

// The source that the project's setting names.
Source named_source(const pg::Rows& rows, std::size_t pair, std::size_t side,
                    std::int64_t project_id) {
    std::uint64_t row = 2 * pair + side;
    Source source;
    source.name = rows.text(row, 0);
    std::string detail = "Setting of the project at " + access::pair_path(pair, side) + ".";
    if (rows.is_null(row, 1))
        throw Error("42704",
                    "source \"" + source.name + "\" does not exist in project " +
                        std::to_string(project_id),
                    detail, "Change the setting with recon.alter_project.");
    source.source_id = rows.bigint(row, 1);
    if (!rows.boolean(row, 2))
        throw Error("55000", "source \"" + source.name + "\" is disabled", detail,
                    "Set its status to \"active\" with recon.alter_source, or change the setting "
                    "with recon.alter_project.");
    return source;
}

// Those of the project's setting; none where it has none.
std::vector<Pair> named_pairs(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows settings = spi.query("SELECT settings FROM recon.projects WHERE project_id = $1",
                                  {pg::bigint(project_id)});
    std::size_t count = access::check_pairs(pg::read_jsonb(settings.datum(0, 0)));
    std::vector<Pair> pairs;
    if (count == 0) return pairs;
    std::string text = settings.text(0, 0);
    pg::Rows rows = spi.query(
        "SELECT n.name, s.source_id, s.active FROM jsonb_array_elements($2 -> 'pairs') WITH "
        "ORDINALITY p(pair, number), jsonb_array_elements_text(p.pair) WITH ORDINALITY n(name, "
        "side) LEFT JOIN recon.data_sources s ON s.project_id = $1 AND s.name = n.name "
        "ORDER BY p.number, n.side",
        {pg::bigint(project_id), pg::jsonb(text)});
    for (std::size_t i = 0; i < count; ++i)
        pairs.push_back(
            {named_source(rows, i, 0, project_id), named_source(rows, i, 1, project_id)});
    return pairs;
}

Pair only_pair(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows active = spi.query(
        "SELECT source_id, name FROM recon.data_sources WHERE project_id = $1 AND active ORDER BY "
        "source_id",
        {pg::bigint(project_id)});
    if (active.size() != 2)
        throw Error(sqlstate::invalid_parameter_value,
                    "project " + std::to_string(project_id) + " has " +
                        std::to_string(active.size()) + " active source" +
                        (active.size() == 1 ? "" : "s"),
                    "Without pairs in its settings it needs two.",
                    "Set \"pairs\" with recon.alter_project, for example "
                    "{\"settings\": {\"pairs\": [[\"bank\", \"ledger\"]]}}.");
    return {{active.bigint(0, 0), active.text(0, 1)}, {active.bigint(1, 0), active.text(1, 1)}};
}

// The job that earlier calls made for the pair, locked, or else a new one: a call a minute is no
// row a minute.
std::int64_t find_job(pg::Spi& spi, std::int64_t project_id, const Pair& pair, Oid user) {
    pg::Rows known = spi.query(
        "SELECT job_id FROM recon.jobs WHERE project_id = $1 AND source_a = $2 AND source_b = $3 "
        "AND rules IS NULL AND settings @> '{\"run_project\": true}' ORDER BY job_id LIMIT 1 FOR "
        "UPDATE",
        {pg::bigint(project_id), pg::bigint(pair.a.source_id), pg::bigint(pair.b.source_id)});
    if (!known.empty()) return known.bigint(0, 0);
    jobs::NewJob job;
    job.project_id = project_id;
    job.name = pair.a.name + " / " + pair.b.name;
    job.source_a = pair.a.source_id;
    job.source_b = pair.b.source_id;
    job.settings = "{\"run_project\": true}";
    return jobs::create_job(spi, job, user);
}

// What the call will need is locked here: later on it holds the project's lock for storing matches,
// for which those may wait who hold a source or a job.
Work prepare(std::int64_t project_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    access::require(spi, project_id, user, Level::worker);
    pg::lock_object(pg::table_oid("projects"), project_id);  // one call after another
    access::lock_active(spi, project_id, user, Level::worker);
    std::vector<Pair> pairs = named_pairs(spi, project_id);
    if (pairs.empty()) pairs.push_back(only_pair(spi, project_id));
    Work work;
    pg::Rows relations = spi.query(
        "SELECT source_id FROM recon.data_sources WHERE project_id = $1 AND active AND kind = "
        "'relation' ORDER BY source_id",
        {pg::bigint(project_id)});
    for (std::uint64_t i = 0; i < relations.size(); ++i) {
        work.relation_sources.push_back(relations.bigint(i, 0));
        ingest::lock_sync(work.relation_sources.back());
    }
    for (const Pair& pair : pairs) work.jobs.push_back(find_job(spi, project_id, pair, user));
    return work;
}

}  // namespace

RECON_FUNCTION(recon_run_project) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    pg::ResultSet rows(fcinfo);
    Work work = prepare(project_id, user);
    for (std::int64_t source_id : work.relation_sources) ingest::sync(source_id, user);
    for (std::int64_t job_id : work.jobs) rows.add(jobs::run(job_id, user).row());
    return 0;
}
