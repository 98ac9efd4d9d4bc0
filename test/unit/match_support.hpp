// Tables and rules from short texts, for the tests of the matching engine.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/match/engine.hpp"
#include "json_text.hpp"

namespace recon::match::test_support {

using Cell = std::optional<std::string>;
inline const Cell null = std::nullopt;

struct Spec {
    std::string name;
    Type type;
};

inline field::Day day(const std::string& iso) {
    return *field::day_from(std::stoi(iso.substr(0, 4)), std::stoi(iso.substr(5, 2)),
                            std::stoi(iso.substr(8, 2)));
}

// Dates as 2024-01-31, timestamps as microseconds.
inline Table table(const std::vector<Spec>& specs, const std::vector<std::vector<Cell>>& rows) {
    // Any two tables of a test can be matched with one another.
    static const std::shared_ptr<Texts> texts = std::make_shared<Texts>();
    Table result(texts);
    for (const Spec& spec : specs) result.add_column(spec.name, spec.type);
    for (const std::vector<Cell>& row : rows) {
        result.record_ids.push_back(static_cast<std::int64_t>(result.record_ids.size()) + 1);
        for (std::size_t i = 0; i < specs.size(); ++i) {
            Column& column = result.columns[i];
            const Cell& cell = row[i];
            if (!cell) {
                column.add_null();
                continue;
            }
            switch (column.type) {
                case Type::text:
                    column.add_text(*cell);
                    break;
                case Type::decimal:
                    column.add_decimal(field::parse_decimal(*cell).value);
                    break;
                case Type::date:
                    column.add_day(day(*cell));
                    break;
                case Type::timestamp:
                    column.add_micros(std::stoll(*cell));
                    break;
            }
        }
    }
    return result;
}

inline rule::Rule rule_of(const std::string& text) {
    return rule::parse(recon::test::parse_json(text));
}

class FakeCalendars : public Calendars {
  public:
    std::map<std::string, std::vector<field::Day>> known;
    const std::vector<field::Day>& holidays(const std::string& calendar) override {
        auto found = known.find(calendar);
        if (found == known.end())
            throw Error(sqlstate::invalid_parameter_value,
                        "calendar \"" + calendar + "\" does not exist");
        return found->second;
    }
};

class StopAfter : public StopToken {
  public:
    explicit StopAfter(long polls = std::numeric_limits<long>::max()) : polls_(polls) {}
    bool should_stop() override { return --polls_ < 0; }

  private:
    long polls_;
};

inline Result run_parsed(const Table& a, const Table& b, const std::vector<rule::Rule>& rules,
                         const Limits& limits = {}, CandidateFinder* finder = nullptr) {
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop;
    RowsInOrder order;
    NoProgress progress;
    Context context{calendars, order, budget, stop, progress, limits, finder};
    Result result = run(a, b, rules, context);
    if (budget.used() != 0) throw Error(sqlstate::internal_error, "memory is still taken");
    return result;
}

inline Result run_rules(const Table& a, const Table& b, const std::vector<std::string>& rules,
                        const Limits& limits = {}, CandidateFinder* finder = nullptr) {
    std::vector<rule::Rule> parsed;
    for (const std::string& text : rules) parsed.push_back(rule_of(text));
    return run_parsed(a, b, parsed, limits, finder);
}

// The column of rule::keep_period_closed(), last.
inline void add_period(Table& table, bool of_a, const std::vector<bool>& closed) {
    Column& column = table.add_column(
        std::string(of_a ? rule::period_field_a : rule::period_field_b), Type::date);
    for (bool one : closed) column.add_day(rule::period_day(of_a, one));
}

}  // namespace recon::match::test_support
