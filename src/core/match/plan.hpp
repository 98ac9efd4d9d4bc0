// A rule bound to the columns of two tables: every name found, every type checked, every bound
// brought to the scale of its column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/field/calendar.hpp"
#include "core/match/engine.hpp"

namespace recon::match {

inline constexpr char datatype_mismatch[] = "42804";

enum class CheckKind : std::uint8_t {
    equal,
    decimal,
    days,
    micros,
    similar,
    contains,
    starts_with
};

// How the values of a check are held: numbers of texts, or 64 or 128 bits of dates, times and
// coefficients.
enum class Form : std::uint8_t { ids, numbers, wide };

// One condition on the columns of two tables.
struct Check {
    const rule::Condition* condition = nullptr;
    std::size_t column_a = 0, column_b = 0;
    Type type = Type::text;
    CheckKind kind = CheckKind::equal;
    Form form = Form::ids;
    bool on_amount = false;                 // holds only where currencies known on both sides agree
    bool guarded = false;                   // the same, where no other condition sees to it
    int scale = 0;                          // decimals of both sides are brought to it
    std::optional<field::uint128> abs;      // at `scale`
    field::uint128 pct = 0, pct_whole = 0;  // a share pct / pct_whole; none where pct_whole is 0
    std::int64_t low = 0, high = 0;         // days
    std::optional<field::BusinessCalendar> calendar;
    std::uint64_t micros = 0;

    bool required() const { return !condition->optional; }
    bool is_range() const {  // one that leaves much out
        return (kind == CheckKind::decimal && !condition->summed) ||
               (kind == CheckKind::days && !condition->period) || kind == CheckKind::micros;
    }
};

struct Plan {
    const rule::Rule* rule = nullptr;
    // Of a group rule: the rule of its pairs, which then has the conditions of the checks.
    std::shared_ptr<const rule::Rule> of_pairs;
    const Table* a = nullptr;
    const Table* b = nullptr;
    std::vector<Check> checks;             // in order of the rule
    int currency_a = -1, currency_b = -1;  // columns for guarded checks; -1 where none is guarded
    Billionths threshold = 0, approve_at = one;

    // Nothing but equalities that must hold: pairs are what agrees in all of them.
    bool is_exact() const;
    // A condition that must hold makes blocks or cuts them, so that not all pairs are looked at.
    bool is_selective() const;
    bool has_keys() const;  // pairs must agree in something, be it how a text begins
};

inline bool is_group_rule(const Plan& plan) {
    return plan.of_pairs != nullptr;
}

// A condition by which records are hashed: the pairs of a block agree in it.
inline bool is_key(const Check& check) {
    return check.required() && check.kind == CheckKind::equal;
}
// True where it then holds, with score 1, for every pair of a block.
inline bool is_implied(const Check& check) {
    return is_key(check) && !check.guarded;
}
// A condition by whose texts' first characters, those of the shortest that can hold, records are
// hashed, too.
inline bool is_prefix_key(const Check& check) {
    return check.required() && check.kind == CheckKind::starts_with;
}

// The columns of the currencies that conditions on an amount ask for; -1 where one side has none.
struct CurrencyColumns {
    int a = -1, b = -1;
};
CurrencyColumns currency_columns(const Table& a, const Table& b);

// A condition by whose texts alone partners can be found.
inline bool joins_texts(const Check& check) {
    return check.required() && check.kind == CheckKind::similar;
}

// One condition bound to the tables.
Check bind(const rule::Condition& condition, const Table& a, const Table& b, Calendars& calendars);

// Refuses what does not fit the tables or is not supported. Tables and rule must outlive the plan.
Plan make_plan(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars);

// Refuses a rule none of whose conditions selects, where all pairs of records are more than `most`.
void check_selective(const Plan& plan, std::uint64_t rows_a, std::uint64_t rows_b,
                     std::uint64_t most);
[[noreturn]] void refuse_all_pairs(const std::string& detail);

}  // namespace recon::match
