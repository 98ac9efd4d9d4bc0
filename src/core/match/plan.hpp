// A rule bound to the columns of two tables: every name found, every type checked, every bound
// brought to the scale of its column.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/field/calendar.hpp"
#include "core/match/engine.hpp"

namespace recon::match {

inline constexpr char datatype_mismatch[] = "42804";

enum class CheckKind : std::uint8_t { equal, decimal, days, micros, levenshtein, jaro_winkler };

// One condition on the columns of two tables.
struct Check {
    const rule::Condition* condition = nullptr;
    std::size_t column_a = 0, column_b = 0;
    Type type = Type::text;
    CheckKind kind = CheckKind::equal;
    bool guarded = false;               // on an amount: currencies known on both sides must agree
    int scale = 0;                      // decimals of both sides are brought to it
    std::optional<field::uint128> abs;  // at `scale`
    field::uint128 pct = 0, pct_whole = 0;  // a share pct / pct_whole; none where pct_whole is 0
    std::int64_t low = 0, high = 0;         // days
    std::optional<field::BusinessCalendar> calendar;
    std::uint64_t micros = 0;

    bool required() const { return !condition->optional; }
    bool is_range() const {
        return kind == CheckKind::decimal || kind == CheckKind::days || kind == CheckKind::micros;
    }
};

struct Plan {
    const rule::Rule* rule = nullptr;
    std::vector<Check> checks;             // in order of the rule
    int currency_a = -1, currency_b = -1;  // columns for guarded checks; -1 where none is guarded
    Billionths threshold = 0, approve_at = one;
};

// Refuses what does not fit the tables or is not supported. The rule must outlive the plan.
Plan make_plan(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars);

// Refuses a rule that would have to compare every record with every other.
void check_selective(const Plan& plan);

}  // namespace recon::match
