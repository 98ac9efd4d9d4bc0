// The rule language of the contract: parsed once, checked whole, then compiled to a plan by match/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/field/decimal.hpp"
#include "core/json.hpp"
#include "core/similarity/algorithm.hpp"

namespace recon::rule {

enum class Cardinality : std::uint8_t { one_to_one, one_to_many, many_to_one, many_to_many };
enum class Op : std::uint8_t { equal, within, similar, contains, starts_with };
enum class Ambiguous : std::uint8_t { propose, skip, take };
using similarity::Algorithm;

enum class StepKind : std::uint8_t {
    trim,
    upper,
    lower,
    alnum,
    digits,
    unaccent,
    squash,
    left,
    strip_prefixes
};
struct Step {
    StepKind kind;
    int left = 0;                       // left: characters kept
    std::vector<std::string> prefixes;  // strip_prefixes
};

struct Condition {
    std::string path;  // "$.match[2]", for messages
    std::string a, b;  // field names; equal where the rule says "field"
    Op op = Op::equal;
    std::vector<Step> normalize;
    // within
    std::optional<field::Decimal> abs, pct;
    std::optional<std::int64_t> days_low, days_high;  // B's date less A's
    bool business = false;                            // the window counts business days
    std::string calendar;                             // "" for week-ends only
    std::optional<double> seconds;
    double edge = 0.5;
    // similar
    Algorithm algorithm = Algorithm::levenshtein;
    std::optional<double> min;
    std::optional<int> max_distance;
    bool word_tokens = false;
    // starts_with
    int min_length = 3;

    bool optional = false;
    double weight = 1;
    bool summed = false;  // see pair_rule()
    bool period = false;  // see keep_period_closed()
};

enum class Rounding : std::uint8_t { half_even, half_up, up, down };

// Taken off each member of a group: fixed + pct % of the amount without its sign, at most `cap`,
// rounded to so many decimals. A fee is never negative.
struct Fees {
    field::Decimal fixed, pct;
    std::optional<field::Decimal> cap;
    int decimals = 2;
    Rounding rounding = Rounding::half_even;
};

struct Rule {
    Cardinality cardinality = Cardinality::one_to_one;
    std::vector<Condition> match;
    double threshold = 0, approve_at = 1;
    Ambiguous ambiguous = Ambiguous::propose;
    std::vector<std::string> group_by, same;
    int max_group = 8;
    std::optional<Fees> fees;
};

// The whole language is checked here, with the JSON path of the first fault (22023), also what no
// engine runs yet.
Rule parse(const json::Value& spec);

// Whether the condition is one on an amount: of a group, it holds for the sum of the members.
inline bool is_on_amount(const Condition& condition) {
    return condition.a == "amount" || condition.b == "amount";
}

// What a group rule asks of each record with each member: its conditions, those on an amount
// `summed`, which hold for any known amounts of one currency, and with score 1; then equality in
// each field of "group_by", with weight 0. Confidences are then what a group can have at most.
Rule pair_rule(const Rule& group);

// For a project with a closed period: no two records of a pair may both be of it. The condition is
// one on two fields that no source has, weight 0, and of the rule's own kinds: of a record, the
// field of its side is period_day(), and B's is no day more than A's only where both are closed.
void keep_period_closed(Rule& rule);
bool keeps_period_closed(const Rule& rule);
inline constexpr std::string_view period_field_a{"\0period A", 9}, period_field_b{"\0period B", 9};
constexpr std::int32_t period_day(bool of_a, bool closed) {
    if (closed) return 0;
    return of_a ? -1 : 1;
}
inline bool is_period_field(std::string_view field) {
    return field == period_field_a || field == period_field_b;
}

const char* op_name(Op op);
const char* algorithm_name(Algorithm algorithm);
const char* cardinality_name(Cardinality cardinality);  // "1:1", ...

}  // namespace recon::rule
