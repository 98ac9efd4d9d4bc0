#include "core/rule/condition.hpp"

#include <algorithm>
#include <string_view>

#include "core/error.hpp"
#include "core/rule/names.hpp"

namespace recon::rule {

namespace {

constexpr long long most_days = 100'000;
constexpr std::size_t most_steps = 16, most_prefixes = 64;

constexpr unsigned bit(Op op) {
    return 1u << static_cast<unsigned>(op);
}
constexpr unsigned text_ops =
    bit(Op::equal) | bit(Op::similar) | bit(Op::contains) | bit(Op::starts_with);

struct OpKey {
    const char* key;
    unsigned ops;
};
constexpr OpKey op_keys[] = {
    {"normalize", text_ops},
    {"left", text_ops},
    {"prefixes", text_ops},
    {"abs", bit(Op::within)},
    {"pct", bit(Op::within)},
    {"days", bit(Op::within)},
    {"business_days", bit(Op::within)},
    {"calendar", bit(Op::within)},
    {"seconds", bit(Op::within)},
    {"edge", bit(Op::within)},
    {"algorithm", bit(Op::similar)},
    {"min", bit(Op::similar)},
    {"max_distance", bit(Op::similar)},
    {"tokens", bit(Op::similar)},
    {"min_length", bit(Op::starts_with)},
};

[[noreturn]] void fail(const std::string& path, const std::string& problem,
                       const std::string& hint = {}) {
    json::fail(path, "rule", problem, hint);
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string field_name(const json::Value& value, const std::string& path) {
    const std::string& name = json::as_string(value, path, "rule");
    if (name.empty()) fail(path, "a field name cannot be empty");
    return name;
}

void read_fields(json::ObjectReader& reader, Condition& condition) {
    const json::Value* field = reader.get("field");
    const json::Value* a = reader.get("a");
    const json::Value* b = reader.get("b");
    if (field != nullptr && (a != nullptr || b != nullptr))
        fail(reader.path(a != nullptr ? "a" : "b"),
             "either \"field\" or \"a\" and \"b\", not both");
    if (field != nullptr) {
        condition.a = condition.b = field_name(*field, reader.path("field"));
        return;
    }
    if (a == nullptr && b == nullptr)
        fail(condition.path, "key \"field\" is missing",
             "\"field\" names the same field on both sides, \"a\" and \"b\" name two.");
    if (a == nullptr || b == nullptr)
        fail(condition.path,
             std::string("key ") + (a == nullptr ? "\"a\"" : "\"b\"") + " is missing",
             "\"a\" and \"b\" go together.");
    condition.a = field_name(*a, reader.path("a"));
    condition.b = field_name(*b, reader.path("b"));
}

void check_keys_of_op(json::ObjectReader& reader, Op op) {
    for (const OpKey& known : op_keys)
        if (reader.get(known.key) != nullptr && (known.ops & bit(op)) == 0)
            fail(reader.path(known.key),
                 "key " + quoted(known.key) + " does not go with op " + quoted(op_name(op)));
}

void read_normalize(json::ObjectReader& reader, Condition& condition) {
    const json::Value* steps = reader.get("normalize");
    const json::Value* left = reader.get("left");
    const json::Value* prefixes = reader.get("prefixes");
    bool uses_left = false, uses_prefixes = false;
    if (steps != nullptr) {
        std::string path = reader.path("normalize");
        reader.strings("normalize");
        if (steps->items.size() > most_steps)
            fail(path, "at most " + std::to_string(most_steps) + " steps are possible");
        for (std::size_t i = 0; i < steps->items.size(); ++i) {
            std::string at = path + "[" + std::to_string(i) + "]";
            Step step{look_up(step_names(), steps->items[i], at, "step"), 0, {}};
            if (step.kind == StepKind::left) {
                if (left == nullptr) fail(at, "step \"left\" needs the key \"left\"");
                step.left = static_cast<int>(reader.integer("left", 0, 1, 1'000'000));
                uses_left = true;
            } else if (step.kind == StepKind::strip_prefixes) {
                if (prefixes == nullptr)
                    fail(at, "step \"strip_prefixes\" needs the key \"prefixes\"");
                step.prefixes = reader.strings("prefixes");
                if (step.prefixes.empty() || step.prefixes.size() > most_prefixes)
                    fail(reader.path("prefixes"), "between 1 and " + std::to_string(most_prefixes) +
                                                      " prefixes are possible");
                uses_prefixes = true;
            }
            condition.normalize.push_back(std::move(step));
        }
    }
    if (left != nullptr && !uses_left)
        fail(reader.path("left"), "key \"left\" needs the step \"left\" in \"normalize\"");
    if (prefixes != nullptr && !uses_prefixes)
        fail(reader.path("prefixes"),
             "key \"prefixes\" needs the step \"strip_prefixes\" in \"normalize\"");
}

void read_days(const json::Value& value, const std::string& path, Condition& condition) {
    if (value.kind != json::Kind::array) {
        condition.days_high = json::as_integer(value, path, "rule", 0, most_days);
        condition.days_low = -*condition.days_high;
        return;
    }
    if (value.items.size() != 2)
        fail(path, "expected a number or an array of two, [lowest, highest]");
    condition.days_low =
        json::as_integer(value.items[0], path + "[0]", "rule", -most_days, most_days);
    condition.days_high =
        json::as_integer(value.items[1], path + "[1]", "rule", -most_days, most_days);
    if (*condition.days_low > *condition.days_high)
        fail(path, "the lowest difference is above the highest");
}

void read_within(json::ObjectReader& reader, Condition& condition) {
    struct Family {
        const char* key;
        const char* name;
        FieldType type;
    };
    static constexpr Family families[] = {{"abs", "amount", FieldType::decimal},
                                          {"pct", "amount", FieldType::decimal},
                                          {"days", "days", FieldType::date},
                                          {"business_days", "business_days", FieldType::date},
                                          {"seconds", "seconds", FieldType::attribute}};
    const Family* chosen = nullptr;
    for (const Family& family : families) {
        const json::Value* value = reader.get(family.key);
        if (value == nullptr) continue;
        std::string path = reader.path(family.key);
        if (chosen != nullptr && std::string_view(chosen->name) != family.name)
            fail(path, "keys " + quoted(chosen->key) + " and " + quoted(family.key) +
                           " do not go together");
        chosen = &family;
        for (const std::string* field : {&condition.a, &condition.b}) {
            FieldType type = field_type(*field);
            if (type != FieldType::attribute && type != family.type)
                fail(path,
                     "key " + quoted(family.key) + " does not go with the field " + quoted(*field));
        }
        std::string_view key = family.key;
        if (key == "abs") {
            condition.abs = parse_bound(
                *value, path, {static_cast<field::int128>(field::power_of_ten(20)) - 1, 0});
        } else if (key == "pct") {
            condition.pct = parse_bound(*value, path, {100, 0});
        } else if (key == "seconds") {
            condition.seconds = json::as_number(*value, path, "rule", 0, 1e9);
        } else {
            condition.business = key == "business_days";
            read_days(*value, path, condition);
        }
    }
    if (chosen == nullptr)
        fail(condition.path,
             "op \"within\" needs \"abs\", \"pct\", \"days\", \"business_days\" or \"seconds\"");
    if (const json::Value* calendar = reader.get("calendar")) {
        if (!condition.business)
            fail(reader.path("calendar"), "key \"calendar\" needs the key \"business_days\"");
        condition.calendar = json::as_string(*calendar, reader.path("calendar"), "rule");
        if (condition.calendar.empty())
            fail(reader.path("calendar"), "a calendar's name cannot be empty");
    }
    condition.edge = reader.number("edge", 0.5, 0, 1);
}

void read_similar(json::ObjectReader& reader, Condition& condition) {
    condition.algorithm = look_up(algorithm_names(), reader.require("algorithm"),
                                  reader.path("algorithm"), "algorithm");
    bool levenshtein = condition.algorithm == Algorithm::levenshtein;
    const json::Value* min = reader.get("min");
    const json::Value* max_distance = reader.get("max_distance");
    if (max_distance != nullptr && !levenshtein)
        fail(reader.path("max_distance"),
             "key \"max_distance\" needs the algorithm \"levenshtein\"");
    if (min != nullptr && max_distance != nullptr)
        fail(reader.path("max_distance"), "keys \"min\" and \"max_distance\" do not go together");
    if (min == nullptr && max_distance == nullptr)
        fail(condition.path, std::string("op \"similar\" needs \"min\"") +
                                 (levenshtein ? " or \"max_distance\"" : ""));
    if (min != nullptr) condition.min = reader.number("min", 0, 0, 1);
    if (max_distance != nullptr)
        condition.max_distance = static_cast<int>(reader.integer("max_distance", 0, 0, 1'000'000));
    if (const json::Value* tokens = reader.get("tokens")) {
        std::string path = reader.path("tokens");
        if (condition.algorithm != Algorithm::jaccard && condition.algorithm != Algorithm::cosine &&
            condition.algorithm != Algorithm::dice)
            fail(path, "key \"tokens\" needs the algorithm \"jaccard\", \"cosine\" or \"dice\"");
        if (json::as_string(*tokens, path, "rule") != "word")
            fail(path, "the only value is \"word\"");
        condition.word_tokens = true;
    }
}

// The types that the names of canonical fields give away.
void check_types(const json::ObjectReader& reader, const Condition& condition) {
    FieldType a = field_type(condition.a), b = field_type(condition.b);
    if (a != FieldType::attribute && b != FieldType::attribute && a != b)
        fail(reader.path("b"), "fields " + quoted(condition.a) + " and " + quoted(condition.b) +
                                   " are of different types");
    if (condition.op == Op::within || (condition.op == Op::equal && condition.normalize.empty()))
        return;
    for (const std::string* field : {&condition.a, &condition.b}) {
        if (field_type(*field) == FieldType::attribute || field_type(*field) == FieldType::text)
            continue;
        if (condition.op == Op::equal)
            fail(reader.path("normalize"),
                 "key \"normalize\" does not go with the field " + quoted(*field));
        fail(reader.path("op"), "op " + quoted(op_name(condition.op)) +
                                    " does not go with the field " + quoted(*field));
    }
}

}  // namespace

FieldType field_type(const std::string& field) {
    if (field == "amount") return FieldType::decimal;
    if (field == "transaction_date" || field == "value_date") return FieldType::date;
    for (const char* text : {"external_id", "currency", "reference", "counterparty", "description"})
        if (field == text) return FieldType::text;
    return FieldType::attribute;
}

field::Decimal parse_bound(const json::Value& value, const std::string& path,
                           const field::Decimal& highest) {
    json::as_number(value, path, "rule", 0, 1e20);
    field::DecimalResult parsed = field::parse_decimal(value.text);
    if (parsed.error != field::DecimalError::none) fail(path, "too many digits");
    if (field::at_scale(parsed.value, field::max_scale) >
        field::at_scale(highest, field::max_scale))
        fail(path, "must be between 0 and " + field::to_text(highest));
    return parsed.value;
}

Condition parse_condition(const json::Value& value, const std::string& path) {
    json::ObjectReader reader(value, path, "rule");
    reader.expect({"field",         "a",        "b",         "op",   "optional",  "weight",
                   "normalize",     "left",     "prefixes",  "abs",  "pct",       "days",
                   "business_days", "calendar", "seconds",   "edge", "algorithm", "min",
                   "max_distance",  "tokens",   "min_length"});
    Condition condition;
    condition.path = path;
    read_fields(reader, condition);
    condition.op = look_up(op_names(), reader.require("op"), reader.path("op"), "op");
    check_keys_of_op(reader, condition.op);
    condition.optional = reader.boolean("optional", false);
    condition.weight = reader.number("weight", 1, 0, 1e6);
    if (condition.weight <= 0) fail(reader.path("weight"), "must be above 0");
    if (condition.op != Op::within) read_normalize(reader, condition);
    if (condition.op == Op::within) read_within(reader, condition);
    check_types(reader, condition);
    if (condition.op == Op::similar) read_similar(reader, condition);
    if (condition.op == Op::starts_with)
        condition.min_length = static_cast<int>(reader.integer("min_length", 3, 1, 1'000'000));
    return condition;
}

}  // namespace recon::rule
