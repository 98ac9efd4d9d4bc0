#include "stats/counted_tables.hpp"

#include "pg/snapshot.hpp"

namespace recon::stats {

namespace {

using Event = pg::TriggerCall::Event;

// How the rows of another table are seen that are part of the same figure. Where a statement
// changes both tables, one must be counted by what the other was before, and the other by what the
// one is.
enum class Others { none, as_they_were, as_they_are };

struct Counted {
    const char* table;
    // Columns of the statements, after the project; none where only who changed is to be known.
    std::vector<std::int64_t Delta::*> figures;
    std::array<pg::Prepared, 4> sql;  // by Event
    Others others = Others::none;
};

// `n` is how often a row counts. `added` and `removed`: so the triggers name the rows of a
// statement.
#define RECON_ADDED "SELECT 1 AS n, * FROM added"
#define RECON_REMOVED "SELECT -1 AS n, * FROM removed"
#define RECON_BOTH RECON_ADDED " UNION ALL " RECON_REMOVED
#define RECON_COUNT(rows, figures)                          \
    pg::Prepared("SELECT project_id" figures " FROM (" rows \
                 ") c GROUP BY project_id ORDER BY project_id")
#define RECON_COUNTS(table, figures, figures_of_all)                           \
    {                                                                          \
        RECON_COUNT(RECON_ADDED, figures), RECON_COUNT(RECON_BOTH, figures),   \
            RECON_COUNT(RECON_REMOVED, figures),                               \
            RECON_COUNT("SELECT -1 AS n, * FROM recon." table, figures_of_all) \
    }

#define RECON_FILES ", sum(n), sum(n * bytes)::bigint"
#define RECON_JOBS                                           \
    ", sum(n), sum(n) FILTER (WHERE status = 'completed'), " \
    "sum(n) FILTER (WHERE status = 'failed'), sum(n) FILTER (WHERE status = 'running')"
#define RECON_OF_LIVE(sum) \
    "(sum(" sum ") FILTER (WHERE status IN ('proposed', 'approved')))::bigint"
#define RECON_MATCHES                                                             \
    ", sum(n) FILTER (WHERE status = 'proposed'), sum(n) FILTER (WHERE status = " \
    "'approved'), " RECON_OF_LIVE("n * round(confidence * 1e9)::bigint") ", "
#define RECON_PAIR "CASE cardinality WHEN '1:1' THEN 2 ELSE 0 END"
#define RECON_MEMBERS                                                                             \
    "(SELECT count(*) FROM recon.match_members x WHERE x.match_id = c.match_id AND x.project_id " \
    "= c.project_id)"
#define RECON_IN_LIVE                                                                    \
    ", sum(n * (SELECT count(*) FROM recon.matches m WHERE m.match_id = c.match_id AND " \
    "m.project_id = c.project_id AND m.status IN ('proposed', 'approved')))::bigint"

Counted counted_tables[] = {
    {"records", {&Delta::records}, RECON_COUNTS("records", ", sum(n)", ", sum(n)")},
    {"files", {&Delta::files, &Delta::bytes}, RECON_COUNTS("files", RECON_FILES, RECON_FILES)},
    {"jobs",
     {&Delta::jobs, &Delta::completed_jobs, &Delta::failed_jobs, &Delta::running_jobs},
     RECON_COUNTS("jobs", RECON_JOBS, RECON_JOBS)},
    // All matches go with all members, which are counted by their own table.
    {"matches",
     {&Delta::proposed_matches, &Delta::approved_matches, &Delta::confidence,
      &Delta::matched_records},
     RECON_COUNTS("matches",
                  RECON_MATCHES RECON_OF_LIVE("n * (" RECON_PAIR " + " RECON_MEMBERS ")"),
                  RECON_MATCHES RECON_OF_LIVE("n * " RECON_PAIR)),
     Others::as_they_are},
    {"match_members",
     {&Delta::matched_records},
     RECON_COUNTS("match_members", RECON_IN_LIVE, RECON_IN_LIVE),
     Others::as_they_were},
};

// Whether a match is live and what its members are is one figure: nobody changes the match until
// the end of a transaction that changes its members.
#define RECON_LOCK(rows)                                                                      \
    pg::Prepared(                                                                             \
        "SELECT count(*) FROM (SELECT FROM (SELECT DISTINCT match_id, project_id FROM (" rows \
        ") r ORDER BY 1) c JOIN recon.matches m ON m.match_id = c.match_id AND "              \
        "m.project_id = c.project_id FOR SHARE OF m) locked")
pg::Prepared lock_matches[] = {RECON_LOCK(RECON_ADDED), RECON_LOCK(RECON_BOTH),
                               RECON_LOCK(RECON_REMOVED)};

void lock(const pg::TriggerCall& trigger) {
    pg::Spi spi;
    trigger.show_rows(spi);
    spi.query(lock_matches[static_cast<int>(trigger.event())]);
}

std::vector<Change> count(const pg::TriggerCall& trigger, Counted& counted,
                          pg::SnapshotScope::Of snapshot) {
    pg::SnapshotScope scope(snapshot);
    pg::Spi spi(pg::Spi::read_only);
    if (trigger.event() != Event::truncate) trigger.show_rows(spi);
    pg::Rows rows = spi.query(counted.sql[static_cast<std::size_t>(trigger.event())]);
    std::vector<Change> changes;
    for (std::uint64_t row = 0; row < rows.size(); ++row) {
        Change change{rows.bigint(row, 0), {}};
        int column = 1;
        for (std::int64_t Delta::*figure : counted.figures)
            change.delta.*figure = rows.bigint(row, column++);
        changes.push_back(change);
    }
    return changes;
}

}  // namespace

std::vector<Change> count_changes(const pg::TriggerCall& trigger) {
    using pg::SnapshotScope;
    auto* counted = std::find_if(
        std::begin(counted_tables), std::end(counted_tables),
        [&](const Counted& c) { return trigger.table() == std::string_view(c.table); });
    if (counted == std::end(counted_tables)) return {};
    // Also what came after the snapshot of the transaction.
    if (trigger.event() == Event::truncate) return count(trigger, *counted, SnapshotScope::latest);
    if (counted->others == Others::as_they_were) {
        lock(trigger);
        return count(trigger, *counted, SnapshotScope::before_statement);
    }
    std::vector<Change> changes = count(trigger, *counted, SnapshotScope::transaction);
    if (counted->others == Others::as_they_are && pg::has_fixed_snapshot() &&
        count(trigger, *counted, SnapshotScope::latest) != changes)
        throw Error("40001", "could not serialize access due to concurrent update");
    return changes;
}

}  // namespace recon::stats
