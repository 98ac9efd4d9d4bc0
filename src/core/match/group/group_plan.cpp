#include "core/match/group/group_plan.hpp"

#include <algorithm>
#include <limits>

#include "core/match/group/subset_search.hpp"

namespace recon::match::group {

namespace {

using field::int128;
using field::uint128;
using rule::Cardinality;

// Beyond every sum.
constexpr int128 unbounded = int128{1} << 125;

[[noreturn]] void no_field(const std::string& field, const std::string& path, char side,
                           const Table& table) {
    std::string meant = json::nearest(field, table.names);
    throw Error(sqlstate::undefined_column,
                "field \"" + field + "\" at " + path + " does not exist on side " + side, {},
                meant.empty() ? std::string() : "Perhaps you meant \"" + meant + "\".");
}

std::vector<std::size_t> find_same(const Table& table, const rule::Rule& rule, char side) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < rule.same.size(); ++i) {
        int found = table.find(rule.same[i]);
        if (found < 0) no_field(rule.same[i], "$.same[" + std::to_string(i) + "]", side, table);
        columns.push_back(static_cast<std::size_t>(found));
    }
    return columns;
}

// a * b / c of numbers from 0 on, rounded down; where the product has more than 128 bits, by the
// greatest q with q * c <= a * b.
uint128 muldiv(uint128 a, uint128 b, uint128 c) {
    uint128 product = 0;
    if (!__builtin_mul_overflow(a, b, &product)) return product / c;
    uint128 quotient = 0;
    for (int bit = 126; bit >= 0; --bit) {
        uint128 tried = quotient | uint128{1} << bit;
        if (field::product_at_most(tried, c, a, b)) quotient = tried;
    }
    return quotient;
}

bool divides(uint128 a, uint128 b, uint128 c, uint128 quotient) {
    return field::product_at_most(a, b, quotient, c);
}

// Sums s with |amount - s| <= p max(|amount|, |s|), p = pct / whole: for amounts from 0 on, from
// amount (1 - p) to amount / (1 - p).
Interval share_of(int128 amount, uint128 pct, uint128 whole) {
    uint128 size = field::magnitude(amount);
    Interval result{0, 0};
    if (pct >= whole) {
        result.high = unbounded;
        if (amount == 0) result.low = -unbounded;
    } else {
        uint128 rest = whole - pct, inner = muldiv(size, rest, whole);
        if (!divides(size, rest, whole, inner)) ++inner;
        uint128 outer =
            std::min<uint128>(muldiv(size, whole, rest), static_cast<uint128>(unbounded));
        result = {static_cast<int128>(inner), static_cast<int128>(outer)};
    }
    return amount < 0 ? Interval{-result.high, -result.low} : result;
}

Interval interval_of(const Check& check, int128 amount) {
    Interval result{amount, amount};
    if (check.kind == CheckKind::equal) return result;
    if (check.abs) {
        int128 abs = static_cast<int128>(
            std::min<uint128>(*check.abs, static_cast<uint128>(unbounded) >> 1));
        result = {amount - abs, amount + abs};
    }
    if (check.pct_whole != 0) {
        Interval share = share_of(amount, check.pct, check.pct_whole);
        result = {std::min(result.low, share.low), std::max(result.high, share.high)};
    }
    return result;
}

int128 rounded(uint128 value, uint128 unit, rule::Rounding rounding) {
    uint128 whole = value / unit, rest = value % unit;
    bool up = false;
    switch (rounding) {
        case rule::Rounding::half_even:
            up = rest > unit - rest || (rest == unit - rest && whole % 2 == 1);
            break;
        case rule::Rounding::half_up:
            up = rest >= unit - rest && rest != 0;
            break;
        case rule::Rounding::up:
            up = rest != 0;
            break;
        case rule::Rounding::down:
            break;
    }
    return static_cast<int128>(whole + (up ? 1 : 0));
}

}  // namespace

void check_fields(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars) {
    for (const rule::Condition& condition : rule.match) {
        if (!rule::is_on_amount(condition)) continue;
        Check check = bind(condition, a, b, calendars);
        if (check.type != Type::decimal)
            throw Error(datatype_mismatch, "rule at " + condition.path +
                                               ": the sum of a group needs a field of type " +
                                               type_name(Type::decimal) + ", \"" + condition.a +
                                               "\" is of type " + type_name(check.type));
    }
    if (many_on(true, rule.cardinality)) find_same(a, rule, 'A');
    if (many_on(false, rule.cardinality)) find_same(b, rule, 'B');
}

bool many_on(bool of_a, Cardinality cardinality) {
    return cardinality == Cardinality::many_to_many ||
           cardinality == (of_a ? Cardinality::many_to_one : Cardinality::one_to_many);
}

SumChecks::SumChecks(std::vector<Check> checks, int scale) : checks_(std::move(checks)) {
    for (Check& check : checks_)
        if (check.abs) *check.abs *= field::power_of_ten(scale - check.scale);
}

Interval SumChecks::interval(int128 amount) const {
    Interval result{-unbounded, unbounded};
    for (const Check& check : checks_) {
        if (!check.required()) continue;
        Interval own = interval_of(check, amount);
        result = {std::max(result.low, own.low), std::min(result.high, own.high)};
    }
    return result;
}

double SumChecks::score(std::size_t n, int128 amount, int128 sum) const {
    const Check& check = checks_[n];
    if (check.kind == CheckKind::equal) return amount == sum ? 1 : not_held;
    return score_decimal(check, amount, sum);
}

bool SumChecks::hold(int128 amount, int128 sum) const {
    for (std::size_t n = 0; n < checks_.size(); ++n)
        if (checks_[n].required() && score(n, amount, sum) == not_held) return false;
    return true;
}

int128 SumChecks::slack(int128 greatest) const {
    int128 least = unbounded;
    for (const Check& check : checks_) {
        if (!check.required()) continue;
        int128 own = 0;
        if (check.kind == CheckKind::decimal && check.abs)
            own =
                static_cast<int128>(std::min<uint128>(*check.abs, static_cast<uint128>(unbounded)));
        if (check.kind == CheckKind::decimal && check.pct_whole != 0)
            own = std::max(own, static_cast<int128>(muldiv(static_cast<uint128>(greatest),
                                                           check.pct, check.pct_whole)));
        least = std::min(least, own);
    }
    return least;
}

std::uint32_t ScoreTable::add(std::span<const double> scores) {
    std::uint64_t hash = width_;
    for (double score : scores)
        hash = mix(hash ^ static_cast<std::uint64_t>(score * 9007199254740992.0));
    auto [first, last] = numbers_.equal_range(hash);
    for (; first != last; ++first) {
        std::span<const double> known = of(first->second);
        if (std::equal(scores.begin(), scores.end(), known.begin())) return first->second;
    }
    constexpr std::size_t entry = 64;  // of the map, about
    memory_.take(width_ * sizeof(double) + entry);
    auto number = static_cast<std::uint32_t>(numbers_.size());
    scores_.insert(scores_.end(), scores.begin(), scores.end());
    numbers_.emplace(hash, number);
    return number;
}

Billionths Weighing::confidence(int128 amount, int128 sum, std::span<const double> least) const {
    double total = 0;
    for (const Condition& condition : conditions) {
        double score = 1;
        if (condition.source == Source::sum)
            score = std::max(sums.score(condition.n, amount, sum), 0.0);
        else if (condition.source == Source::pair)
            score = least[condition.n];
        total += condition.weight * score;
    }
    return confidence_of(total, weights);
}

SumChecks GroupPlan::sum_checks(const Plan& pairs, Calendars& calendars, int& scale) {
    std::vector<Check> checks;
    scale = pairs.rule->fees ? pairs.rule->fees->decimals : 0;
    for (const rule::Condition& condition : pairs.rule->match) {
        if (!rule::is_on_amount(condition)) continue;
        checks.push_back(bind(condition, *pairs.a, *pairs.b, calendars));
        scale = std::max(scale, checks.back().scale);
    }
    return SumChecks(std::move(checks), scale);
}

GroupPlan::GroupPlan(const Plan& pairs, Calendars& calendars)
    : plan_(pairs), weighing_{{}, sum_checks(pairs, calendars, scale_), 0, pairs.threshold} {
    std::size_t sums = 0;
    for (std::size_t i = 0; i < pairs.checks.size(); ++i) {
        const Check& check = pairs.checks[i];
        double weight = check.condition->weight;
        weighing_.weights += weight;
        if (check.condition->summed) {
            column_a_ = check.column_a;
            column_b_ = check.column_b;
            weighing_.conditions.push_back({Weighing::Source::sum, sums++, weight});
        } else if (is_implied(check)) {
            weighing_.conditions.push_back({Weighing::Source::implied, 0, weight});
        } else {
            weighing_.conditions.push_back({Weighing::Source::pair, scored_.size(), weight});
            scored_.push_back(i);
        }
    }
    if (many_on(true, pairs.rule->cardinality)) same_a_ = find_same(*pairs.a, *pairs.rule, 'A');
    if (many_on(false, pairs.rule->cardinality)) same_b_ = find_same(*pairs.b, *pairs.rule, 'B');
}

const Column& GroupPlan::column(bool of_a) const {
    return (of_a ? plan_.a : plan_.b)->columns[of_a ? column_a_ : column_b_];
}

int128 GroupPlan::gross(bool of_a, std::uint32_t row) const {
    return field::at_scale(column(of_a).decimal(row), scale_);
}

std::optional<int128> GroupPlan::amount(bool of_a, std::uint32_t row) const {
    if (!column(of_a).is_known(row)) return std::nullopt;
    int128 amount = gross(of_a, row);
    if (field::magnitude(amount) > static_cast<uint128>(most_magnitude)) return std::nullopt;
    bool bears_fees = has_fees() && of_a == fees_on_a(plan_.rule->cardinality);
    if (!bears_fees) return amount;
    std::optional<int128> taken = fee(amount);
    if (!taken || field::magnitude(amount - *taken) > static_cast<uint128>(most_magnitude))
        return std::nullopt;
    return amount - *taken;
}

std::optional<int128> GroupPlan::fee(int128 amount) const {
    const rule::Fees& fees = *plan_.rule->fees;
    int scale = std::max({scale_ + fees.pct.scale + 2, fees.fixed.scale, fees.decimals,
                          fees.cap ? fees.cap->scale : 0});
    bool fits = true;
    auto product = [&](uint128 x, uint128 y) {
        uint128 result = 0;
        fits = !__builtin_mul_overflow(x, y, &result) && fits;
        return result;
    };
    auto scaled = [&](const field::Decimal& value) {
        return product(static_cast<uint128>(value.coefficient),
                       field::power_of_ten(scale - value.scale));
    };
    uint128 exact =
        product(product(field::magnitude(amount), static_cast<uint128>(fees.pct.coefficient)),
                field::power_of_ten(scale - scale_ - fees.pct.scale - 2));
    uint128 fixed = scaled(fees.fixed);
    fits = !__builtin_add_overflow(exact, fixed, &exact) && fits;
    if (!fits) return std::nullopt;
    // A cap that has no place is beyond the fee.
    if (fees.cap) {
        uint128 cap = scaled(*fees.cap);
        if (fits) exact = std::min(exact, cap);
    }
    int128 fee = rounded(exact, field::power_of_ten(scale - fees.decimals), fees.rounding);
    return fee * static_cast<int128>(field::power_of_ten(scale_ - fees.decimals));
}

void GroupPlan::score(RowScorer& scorer, std::uint32_t row_a, std::uint32_t row_b,
                      std::vector<double>& scores) const {
    scores.clear();
    for (std::size_t i : scored_) scores.push_back(std::max(scorer.score(i, row_a, row_b), 0.0));
}

}  // namespace recon::match::group
