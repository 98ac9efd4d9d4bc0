// Records of one source as the engine's columns.
#pragma once

#include "core/limits.hpp"
#include "core/match/engine.hpp"
#include "core/match/working_set.hpp"
#include "core/rule/rule.hpp"
#include "pg/spi.hpp"

namespace recon::match {

// The fields of a source: the canonical ones, and the attributes that its mapping or its loads have
// named.
struct SourceFields {
    std::int64_t project_id = 0, source_id = 0;
    std::string name;
    std::int64_t updates = 0;                // loads so far that changed known records
    std::optional<field::Day> closed_until;  // of the project: the last day of the closed period
    std::vector<std::pair<std::string, Type>> attributes;
    std::vector<std::int64_t> rejected;  // records told apart by rejected_field, ascending

    // 42703 with the JSON path of the condition where the source has no such field.
    void check(const std::string& field, const std::string& path) const;
};
SourceFields read_fields(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id);

enum class Side : char { a = 'A', b = 'B' };

// The rules as they hold for open records of the source: see rule::keep_period_closed().
std::vector<rule::Rule> with_closed_period(std::vector<rule::Rule> rules,
                                           const SourceFields& source);

// What the rules read of one side, checked against the source; amount and currency always belong to
// it.
std::vector<std::string> fields_read(const std::vector<rule::Rule>& rules, Side side,
                                     const SourceFields& source);

// The open records of the source or some of its records by their ids, in any order. The table's
// memory is taken from the budget; tables that are matched with one another share their texts.
Table read_open_records(pg::Spi& spi, const SourceFields& source,
                        const std::vector<std::string>& fields, MemoryBudget& budget,
                        std::shared_ptr<Texts> texts, StopToken& stop,
                        std::span<const std::int64_t> also = {});  // records that are not open
// Into one part of a job's records.
void read_open_records(pg::Spi& spi, const SourceFields& source,
                       const std::vector<std::string>& fields, MemoryBudget& budget,
                       WorkingSet& set, WorkingSet::Part& part, StopToken& stop);
Table read_records(pg::Spi& spi, const SourceFields& source,
                   std::span<const std::int64_t> record_ids, const std::vector<std::string>& fields,
                   MemoryBudget& budget, std::shared_ptr<Texts> texts, StopToken& stop);

// recon.holidays.
class HolidayCalendars final : public Calendars {
  public:
    explicit HolidayCalendars(pg::Spi& spi) : spi_(spi) {}
    // 42704 for a calendar without days.
    const std::vector<field::Day>& holidays(const std::string& calendar) override;

  private:
    pg::Spi& spi_;
    std::unordered_map<std::string, std::vector<field::Day>> known_;
};

}  // namespace recon::match
