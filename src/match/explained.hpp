// What explain_match and explain_record share.
#pragma once

#include "match/records.hpp"
#include "pg/settings.hpp"

namespace recon::match {

struct Explaining {
    explicit Explaining(pg::Spi& connection)
        : spi(connection),
          calendars(connection),
          budget(static_cast<std::size_t>(pg::settings::work_mem) * 1024, "recon.work_mem") {}
    pg::Spi& spi;
    HolidayCalendars calendars;
    MemoryBudget budget;
    pg::Interrupts interrupts;
    std::shared_ptr<Texts> texts = std::make_shared<Texts>();  // of all tables
};

// One record as a table, with what it takes to read others of its source.
struct Explained {
    std::int64_t record_id = 0;
    Side side = Side::a;
    SourceFields source;
    std::vector<std::string> fields;
    Table table;
};
Explained read_explained(Explaining& context, std::int64_t project_id, std::int64_t record_id,
                         Side side, const std::vector<rule::Rule>& rules);

// field, value_a, value_b, op, score, weight, passed: NULL for a value that is not known.
// The row refers to the condition, whose values are now in the database's encoding.
void append_condition(std::vector<pg::Value>& row, ConditionResult& condition);

}  // namespace recon::match
