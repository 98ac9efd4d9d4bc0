// The rule as a whole; its conditions are read in condition.cpp.
#include <algorithm>

#include "core/rule/condition.hpp"
#include "core/rule/names.hpp"
#include "core/rule/rule.hpp"

namespace recon::rule {

namespace {

constexpr std::size_t most_conditions = 64, most_group_fields = 16, most_bytes = 256 * 1024;

// The size of the rule's texts; not recursive, as nesting may be deep.
void check_size(const json::Value& spec) {
    std::size_t bytes = 0;
    std::vector<const json::Value*> open{&spec};
    while (!open.empty()) {
        const json::Value* value = open.back();
        open.pop_back();
        bytes += value->text.size() + 1;
        for (const json::Value& item : value->items) open.push_back(&item);
        for (const auto& [key, member] : value->members) {
            bytes += key.size();
            open.push_back(&member);
        }
    }
    if (bytes > most_bytes) json::fail("$", "rule", "larger than 256 kB");
}

std::vector<std::string> group_fields(json::ObjectReader& reader, const char* key) {
    std::vector<std::string> fields = reader.strings(key);
    std::string path = reader.path(key);
    if (fields.size() > most_group_fields)
        json::fail(path, "rule",
                   "at most " + std::to_string(most_group_fields) + " fields are possible");
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::string at = path + "[" + std::to_string(i) + "]";
        if (fields[i].empty()) json::fail(at, "rule", "a field name cannot be empty");
        if (std::find(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(i), fields[i]) !=
            fields.begin() + static_cast<std::ptrdiff_t>(i))
            json::fail(at, "rule", "field \"" + fields[i] + "\" is named twice");
    }
    return fields;
}

Fees read_fees(const json::Value& value, const std::string& path) {
    json::ObjectReader reader(value, path, "rule");
    field::Decimal most{static_cast<field::int128>(field::power_of_ten(20)) - 1, 0};
    const json::Value* fixed = reader.get("fixed");
    const json::Value* pct = reader.get("pct");
    const json::Value* cap = reader.get("cap");
    const json::Value* rounding = reader.get("rounding");
    Fees fees;
    fees.decimals = static_cast<int>(reader.integer("decimals", 2, 0, field::max_scale));
    reader.finish();
    if (fixed == nullptr && pct == nullptr) json::fail(path, "rule", "needs \"fixed\" or \"pct\"");
    if (fixed != nullptr) fees.fixed = parse_bound(*fixed, reader.path("fixed"), most);
    if (pct != nullptr) fees.pct = parse_bound(*pct, reader.path("pct"), {100, 0});
    if (cap != nullptr) fees.cap = parse_bound(*cap, reader.path("cap"), most);
    if (rounding != nullptr)
        fees.rounding = look_up(rounding_names(), *rounding, reader.path("rounding"), "rounding");
    return fees;
}

void read_group_keys(json::ObjectReader& reader, Rule& rule) {
    static constexpr const char* keys[] = {"group_by", "same", "max_group", "fees"};
    if (rule.cardinality == Cardinality::one_to_one) {
        for (const char* key : keys)
            if (reader.get(key) != nullptr)
                json::fail(reader.path(key), "rule",
                           std::string("key \"") + key + "\" does not go with cardinality \"1:1\"");
        return;
    }
    rule.group_by = group_fields(reader, "group_by");
    rule.same = group_fields(reader, "same");
    rule.max_group = static_cast<int>(reader.integer("max_group", 8, 1, 64));
    if (const json::Value* fees = reader.get("fees"))
        rule.fees = read_fees(*fees, reader.path("fees"));
    if (rule.cardinality == Cardinality::many_to_many && rule.group_by.empty())
        json::fail("$", "rule", "cardinality \"N:M\" needs \"group_by\"");
}

// Sums need a bound, and one field on each side.
void check_group_sums(const Rule& rule, const std::string& path) {
    const Condition* first = nullptr;
    bool bounded = false;
    for (const Condition& condition : rule.match) {
        if (!is_on_amount(condition)) continue;
        if (first != nullptr && (condition.a != first->a || condition.b != first->b))
            json::fail(condition.path, "rule",
                       "the conditions on the sum of a group must be on the same fields");
        first = &condition;
        bounded = bounded || !condition.optional;
    }
    if (!bounded)
        json::fail(path, "rule",
                   std::string("cardinality \"") + cardinality_name(rule.cardinality) +
                       "\" needs a condition on \"amount\" that is not optional");
}

}  // namespace

Rule parse(const json::Value& spec) {
    check_size(spec);
    json::ObjectReader reader(spec, "$", "rule");
    reader.expect({"cardinality", "match", "threshold", "approve_at", "ambiguous", "group_by",
                   "same", "max_group", "fees"});
    Rule rule;
    const json::Value* cardinality = reader.get("cardinality");
    const json::Value& match = reader.require("match");
    const json::Value* ambiguous = reader.get("ambiguous");
    if (cardinality != nullptr)
        rule.cardinality =
            look_up(cardinality_names(), *cardinality, reader.path("cardinality"), "cardinality");
    rule.threshold = reader.number("threshold", 0, 0, 1);
    rule.approve_at = reader.number("approve_at", 1, 0, 1);
    if (ambiguous != nullptr)
        rule.ambiguous = look_up(ambiguous_names(), *ambiguous, reader.path("ambiguous"), "value");
    read_group_keys(reader, rule);

    std::string path = reader.path("match");
    if (match.kind != json::Kind::array)
        json::fail(path, "rule",
                   std::string("expected an array, got ") + json::kind_name(match.kind));
    if (match.items.empty() || match.items.size() > most_conditions)
        json::fail(path, "rule",
                   "between 1 and " + std::to_string(most_conditions) + " conditions are possible");
    bool required = false;
    for (std::size_t i = 0; i < match.items.size(); ++i) {
        rule.match.push_back(parse_condition(match.items[i], path + "[" + std::to_string(i) + "]"));
        required = required || !rule.match.back().optional;
    }
    if (!required) json::fail(path, "rule", "at least one condition must not be optional");
    if (rule.cardinality != Cardinality::one_to_one) check_group_sums(rule, path);
    return rule;
}

Rule pair_rule(const Rule& group) {
    Rule rule = group;
    for (Condition& condition : rule.match) {
        if (!is_on_amount(condition)) continue;
        condition.summed = true;
        condition.op = Op::within;
        condition.normalize.clear();
        condition.abs = field::Decimal{};
        condition.pct.reset();
        condition.edge = 1;
    }
    for (std::size_t i = 0; i < group.group_by.size(); ++i) {
        Condition condition;
        condition.path = "$.group_by[" + std::to_string(i) + "]";
        condition.a = condition.b = group.group_by[i];
        condition.weight = 0;
        rule.match.push_back(std::move(condition));
    }
    return rule;
}

}  // namespace recon::rule
