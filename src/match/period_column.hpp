// Which records are of the project's closed period, as the engine's column for
// rule::keep_period_closed().
#pragma once

#include "match/records.hpp"
#include "pg/values.hpp"

namespace recon::match {

class PeriodColumn {
  public:
    // Of a source whose project has a closed period; both outlive it.
    PeriodColumn(pg::Spi& spi, const SourceFields& source, bool of_a)
        : spi_(spi), source_(source), of_a_(of_a) {}

    // Fills the table's last column for the rows added last, whose ids are there. date(row, 0) is
    // their transaction_date, date(row, 1) their value_date.
    template <class F>
    void add(Table& table, std::size_t rows, F&& date) {
        undated_.clear();
        std::size_t first = table.rows() - rows;
        Column& column = table.columns.back();
        for (std::size_t row = 0; row < rows; ++row) {
            const pg::RawValue& own = date(row, 0);
            const pg::RawValue& dated = own.null ? date(row, 1) : own;
            if (dated.null) undated_.push_back(table.record_ids[first + row]);
            column.add_day(day(!dated.null && dated.day <= *source_.closed_until));
        }
        if (!undated_.empty()) add_undated(table, first);
    }

  private:
    field::Day day(bool closed) const { return rule::period_day(of_a_, closed); }
    void add_undated(Table& table, std::size_t first);

    pg::Spi& spi_;
    const SourceFields& source_;
    bool of_a_;
    std::vector<std::int64_t> undated_;
};

}  // namespace recon::match
