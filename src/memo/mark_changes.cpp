// The triggers of the tables whose rows memoized values are: they mark what a statement changed,
// whoever ran it.
#include "memo/marks.hpp"
#include "pg/trigger.hpp"

using namespace recon;

namespace {

struct Marked {
    const char* table;
    std::initializer_list<memo::Kind> of_project;
    std::initializer_list<memo::Kind> of_all;  // of project 0
    bool by_others = false;                    // recon's own statements change no answer
};

constexpr Marked marked_tables[] = {
    {"projects", {memo::Kind::project, memo::Kind::stats}, {memo::Kind::projects}},
    {"project_members", {memo::Kind::members}, {}},
    {"jobs", {memo::Kind::jobs}, {}},
    {"data_sources", {memo::Kind::sources}, {}},
    {"users", {}, {memo::Kind::users}},
    {"audit_log", {memo::Kind::stats}, {}},
    {"stats_base", {memo::Kind::stats}, {}, true},
    {"stats_deltas", {memo::Kind::stats}, {}, true},
};

}  // namespace

namespace {

// The projects of the rows that the statement, or the row that the trigger is for, has changed.
std::vector<std::int64_t> changed_projects(const pg::TriggerCall& trigger) {
    if (trigger.is_for_row()) return trigger.bigints_of_row("project_id");
    constexpr const char* sql[] = {
        "SELECT DISTINCT project_id FROM added",
        "SELECT project_id FROM added UNION SELECT project_id FROM removed",
        "SELECT DISTINCT project_id FROM removed"};
    pg::Spi spi;
    trigger.show_rows(spi);
    pg::Rows rows = spi.query(sql[static_cast<int>(trigger.event())]);
    std::vector<std::int64_t> projects(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); ++i) projects[i] = rows.bigint(i, 0);
    return projects;
}

}  // namespace

RECON_FUNCTION(recon_mark_changes) {
    using Event = pg::TriggerCall::Event;
    pg::TriggerCall trigger(fcinfo, pg::TriggerCall::Moments::all);
    if (!memo::slots::available()) return 0;
    if (trigger.event() == Event::truncate) {
        memo::mark_all();
        return 0;
    }
    if (trigger.is_before()) {
        memo::begin_statement();
        return 0;
    }
    if (!trigger.is_for_row()) memo::end_statement();
    for (const Marked& marked : marked_tables) {
        if (trigger.table() != std::string_view(marked.table)) continue;
        if (marked.by_others && pg::fired_by_own_statement()) continue;
        for (memo::Kind kind : marked.of_all) memo::mark(kind, 0);
        if (marked.of_project.size() == 0) continue;
        for (std::int64_t project_id : changed_projects(trigger))
            for (memo::Kind kind : marked.of_project) memo::mark(kind, project_id);
    }
    return 0;
}
