#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/rule/condition.hpp"
#include "core/rule/rule.hpp"
#include "json_text.hpp"

namespace recon::rule {
namespace {

Rule parse_text(const std::string& text) {
    return parse(test::parse_json(text));
}

std::string with_condition(const std::string& condition) {
    return R"({"match": [)" + condition + "]}";
}

struct Fault {
    const char* text;
    const char* path;
    const char* says;
    const char* hint = "";
};

void expect_fault(const std::string& text, const Fault& fault) {
    try {
        parse_text(text);
        ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
        EXPECT_STREQ(error.code(), "22023") << text;
        EXPECT_NE(error.message().find(std::string("invalid rule at ") + fault.path + ":"),
                  std::string::npos)
            << text << "\n"
            << error.message();
        EXPECT_NE(error.message().find(fault.says), std::string::npos) << error.message();
        EXPECT_NE(error.hint().find(fault.hint), std::string::npos) << error.hint();
    }
}

TEST(RuleParse, ContractExample) {
    Rule rule = parse_text(R"({ "cardinality": "1:N",
      "match": [
        {"field": "currency",  "op": "equal"},
        {"field": "amount",    "op": "within", "abs": 0.01, "pct": 0.5, "weight": 3},
        {"field": "transaction_date", "op": "within", "business_days": 3, "calendar": "TARGET"},
        {"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.85,
         "normalize": ["upper", "alnum"], "weight": 2},
        {"a": "description", "b": "reference", "op": "contains", "optional": true}
      ],
      "threshold": 0.8, "approve_at": 0.95, "ambiguous": "skip",
      "group_by": ["counterparty"], "same": ["transaction_date"], "max_group": 5,
      "fees": {"fixed": 0.30, "pct": 1.5} })");
    EXPECT_EQ(rule.cardinality, Cardinality::one_to_many);
    ASSERT_EQ(rule.match.size(), 5u);
    EXPECT_EQ(rule.match[0].path, "$.match[0]");
    EXPECT_EQ(field::to_text(*rule.match[1].abs), "0.01");
    EXPECT_EQ(field::to_text(*rule.match[1].pct), "0.5");
    EXPECT_EQ(rule.match[1].weight, 3);
    EXPECT_EQ(rule.match[2].days_low, -3);
    EXPECT_EQ(rule.match[2].days_high, 3);
    EXPECT_TRUE(rule.match[2].business);
    EXPECT_EQ(rule.match[2].calendar, "TARGET");
    EXPECT_EQ(rule.match[3].algorithm, Algorithm::jaro_winkler);
    EXPECT_EQ(rule.match[3].normalize.size(), 2u);
    EXPECT_EQ(rule.match[4].a, "description");
    EXPECT_EQ(rule.match[4].b, "reference");
    EXPECT_TRUE(rule.match[4].optional);
    EXPECT_EQ(rule.threshold, 0.8);
    EXPECT_EQ(rule.approve_at, 0.95);
    EXPECT_EQ(rule.ambiguous, Ambiguous::skip);
    EXPECT_EQ(rule.group_by, std::vector<std::string>{"counterparty"});
    EXPECT_EQ(rule.max_group, 5);
    EXPECT_EQ(field::to_text(rule.fees->fixed), "0.30");
}

TEST(RuleParse, Defaults) {
    Rule rule = parse_text(with_condition(R"({"field": "amount", "op": "within", "abs": 1})"));
    EXPECT_EQ(rule.cardinality, Cardinality::one_to_one);
    EXPECT_EQ(rule.threshold, 0);
    EXPECT_EQ(rule.approve_at, 1);
    EXPECT_EQ(rule.ambiguous, Ambiguous::propose);
    EXPECT_EQ(rule.match[0].edge, 0.5);
    EXPECT_EQ(rule.match[0].weight, 1);
    EXPECT_FALSE(rule.match[0].optional);
}

TEST(RuleParse, Normalize) {
    Rule rule = parse_text(with_condition(
        R"({"field": "reference", "op": "equal", "normalize": ["trim", "strip_prefixes", "left"],
            "left": 6, "prefixes": ["INV-", "REF"]})"));
    ASSERT_EQ(rule.match[0].normalize.size(), 3u);
    EXPECT_EQ(rule.match[0].normalize[1].prefixes.size(), 2u);
    EXPECT_EQ(rule.match[0].normalize[2].left, 6);
}

TEST(RuleParse, FaultsOfTheWhole) {
    const char* good = R"({"field": "amount", "op": "equal"})";
    std::string tail = std::string(R"("match": [)") + good + "]}";
    expect_fault("[]", {"", "$", "expected an object, got an array"});
    expect_fault("{}", {"", "$", "key \"match\" is missing"});
    expect_fault(R"({"match": 1})", {"", "$.match", "expected an array, got a number"});
    expect_fault(R"({"match": []})", {"", "$.match", "between 1 and 64"});
    expect_fault(R"({"match": [1]})", {"", "$.match[0]", "expected an object"});
    expect_fault(R"({"matches": [], )" + tail, {"", "$.matches", "unknown key", "\"match\""});
    expect_fault(R"({"threshold": 1.1, )" + tail, {"", "$.threshold", "between 0 and 1"});
    expect_fault(R"({"threshold": "1", )" + tail,
                 {"", "$.threshold", "expected a number, got a string"});
    expect_fault(R"({"approve_at": -0.1, )" + tail, {"", "$.approve_at", "between 0 and 1"});
    expect_fault(R"({"ambiguous": "skipp", )" + tail,
                 {"", "$.ambiguous", "unknown value \"skipp\"", "\"skip\""});
    expect_fault(R"({"cardinality": "1-1", )" + tail,
                 {"", "$.cardinality", "unknown cardinality", "\"1:1\""});
    expect_fault(R"({"group_by": ["x"], )" + tail,
                 {"", "$.group_by", "does not go with cardinality \"1:1\""});
    expect_fault(R"({"max_group": 3, )" + tail, {"", "$.max_group", "does not go with"});
    expect_fault(R"({"cardinality": "1:N", "max_group": 65, )" + tail,
                 {"", "$.max_group", "between 1 and 64"});
    expect_fault(R"({"cardinality": "1:N", "group_by": ["x", "x"], )" + tail,
                 {"", "$.group_by[1]", "named twice"});
    expect_fault(R"({"cardinality": "1:N", "match": [{"field": "x", "op": "equal"}]})",
                 {"", "$.match", "needs a condition on \"amount\" that is not optional"});
    expect_fault(R"({"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"},
                     {"a": "amount", "b": "net", "op": "equal"}]})",
                 {"", "$.match[1]", "must be on the same fields"});
    expect_fault(R"({"cardinality": "N:M", )" + tail, {"", "$", "needs \"group_by\""});
    expect_fault(R"({"cardinality": "1:N", "fees": {}, )" + tail,
                 {"", "$.fees", "\"fixed\" or \"pct\""});
    expect_fault(R"({"cardinality": "1:N", "fees": {"pct": 101}, )" + tail,
                 {"", "$.fees.pct", "between 0 and 100"});
    expect_fault(R"({"cardinality": "1:N", "fees": {"pct": 1, "rounding": "half_odd"}, )" + tail,
                 {"", "$.fees.rounding", "unknown rounding", "half_even"});
    expect_fault(R"({"cardinality": "1:N", "fees": {"pct": 1, "decimals": 19}, )" + tail,
                 {"", "$.fees.decimals", "between 0 and 18"});
    expect_fault(with_condition(R"({"field": "amount", "op": "equal", "optional": true})"),
                 {"", "$.match", "at least one condition"});
    std::string many;
    for (int i = 0; i < 65; ++i) many += std::string(i > 0 ? "," : "") + good;
    expect_fault(with_condition(many), {"", "$.match", "between 1 and 64"});
    expect_fault(
        with_condition(R"({"field": ")" + std::string(300000, 'x') + R"(", "op": "equal"})"),
        {"", "$", "larger than 256 kB"});
}

TEST(RuleParse, FaultsOfConditions) {
    const Fault faults[] = {
        {R"({"op": "equal"})", "$.match[0]", "\"field\" is missing"},
        {R"({"a": "x", "op": "equal"})", "$.match[0]", "key \"b\" is missing"},
        {R"({"field": "x", "b": "y", "op": "equal"})", "$.match[0].b", "not both"},
        {R"({"field": "", "op": "equal"})", "$.match[0].field", "empty"},
        {R"({"field": 1, "op": "equal"})", "$.match[0].field", "expected a string"},
        {R"({"field": "x"})", "$.match[0]", "key \"op\" is missing"},
        {R"({"field": "x", "op": "equals"})", "$.match[0].op", "unknown op \"equals\"",
         "\"equal\""},
        {R"({"field": "x", "op": "like"})", "$.match[0].op", "unknown op \"like\"",
         "Known: equal, within"},
        {R"({"field": "x", "op": "equal", "abs": 1})", "$.match[0].abs",
         "does not go with op \"equal\""},
        {R"({"field": "x", "op": "within", "days": 1, "normalize": ["upper"]})",
         "$.match[0].normalize", "does not go with op \"within\""},
        {R"({"field": "x", "op": "equal", "min": 0.5})", "$.match[0].min",
         "does not go with op \"equal\""},
        {R"({"field": "x", "op": "contains", "min_length": 2})", "$.match[0].min_length",
         "does not go with"},
        {R"({"field": "x", "op": "equal", "wieght": 2})", "$.match[0].wieght", "unknown key",
         "\"weight\""},
        {R"({"field": "x", "op": "equal", "weight": 0})", "$.match[0].weight", "above 0"},
        {R"({"field": "x", "op": "equal", "weight": 1000001})", "$.match[0].weight",
         "between 0 and"},
        {R"({"field": "x", "op": "equal", "optional": 1})", "$.match[0].optional",
         "expected a boolean"},
        {R"({"field": "x", "op": "within"})", "$.match[0]", "needs \"abs\""},
        {R"({"field": "x", "op": "within", "abs": 1, "days": 1})", "$.match[0].days",
         "do not go together"},
        {R"({"field": "x", "op": "within", "days": 1, "business_days": 1})",
         "$.match[0].business_days", "do not go together"},
        {R"({"field": "x", "op": "within", "abs": -1})", "$.match[0].abs", "between 0"},
        {R"({"field": "x", "op": "within", "abs": 1e-30})", "$.match[0].abs", "too many digits"},
        {R"({"field": "x", "op": "within", "pct": 100.5})", "$.match[0].pct", "between 0 and 100"},
        {R"({"field": "x", "op": "within", "days": 1.5})", "$.match[0].days",
         "expected an integer"},
        {R"({"field": "x", "op": "within", "days": -1})", "$.match[0].days", "between 0"},
        {R"({"field": "x", "op": "within", "days": [1]})", "$.match[0].days", "array of two"},
        {R"({"field": "x", "op": "within", "days": [2, 1]})", "$.match[0].days",
         "above the highest"},
        {R"({"field": "x", "op": "within", "days": [0, "1"]})", "$.match[0].days[1]",
         "expected a number"},
        {R"({"field": "x", "op": "within", "days": 1, "calendar": "C"})", "$.match[0].calendar",
         "needs the key \"business_days\""},
        {R"({"field": "x", "op": "within", "days": 1, "edge": 2})", "$.match[0].edge",
         "between 0 and 1"},
        {R"({"field": "reference", "op": "within", "abs": 1})", "$.match[0].abs",
         "the field \"reference\""},
        {R"({"field": "amount", "op": "within", "days": 1})", "$.match[0].days",
         "the field \"amount\""},
        {R"({"field": "value_date", "op": "within", "seconds": 1})", "$.match[0].seconds",
         "\"value_date\""},
        {R"({"field": "amount", "op": "similar", "algorithm": "jaro", "min": 0.5})",
         "$.match[0].op", "does not go with the field \"amount\""},
        {R"({"field": "amount", "op": "contains"})", "$.match[0].op", "does not go with the field"},
        {R"({"field": "amount", "op": "equal", "normalize": ["upper"]})", "$.match[0].normalize",
         "\"amount\""},
        {R"({"a": "amount", "b": "reference", "op": "equal"})", "$.match[0].b", "different types"},
        {R"({"field": "x", "op": "similar", "min": 0.5})", "$.match[0]",
         "key \"algorithm\" is missing"},
        {R"({"field": "x", "op": "similar", "algorithm": "jaro_wrinkler", "min": 0.5})",
         "$.match[0].algorithm", "unknown algorithm", "\"jaro_winkler\""},
        {R"({"field": "x", "op": "similar", "algorithm": "jaro"})", "$.match[0]", "needs \"min\""},
        {R"({"field": "x", "op": "similar", "algorithm": "jaro", "min": 2})", "$.match[0].min",
         "between 0 and 1"},
        {R"({"field": "x", "op": "similar", "algorithm": "jaro", "max_distance": 2})",
         "$.match[0].max_distance", "needs the algorithm \"levenshtein\""},
        {R"({"field": "x", "op": "similar", "algorithm": "levenshtein", "min": 0.5, "max_distance": 2})",
         "$.match[0].max_distance", "do not go together"},
        {R"({"field": "x", "op": "similar", "algorithm": "jaro", "min": 0.5, "tokens": "word"})",
         "$.match[0].tokens", "needs the algorithm"},
        {R"({"field": "x", "op": "similar", "algorithm": "dice", "min": 0.5, "tokens": "line"})",
         "$.match[0].tokens", "\"word\""},
        {R"({"field": "x", "op": "equal", "normalize": ["uper"]})", "$.match[0].normalize[0]",
         "unknown step", "\"upper\""},
        {R"({"field": "x", "op": "equal", "normalize": "upper"})", "$.match[0].normalize",
         "expected an array"},
        {R"({"field": "x", "op": "equal", "normalize": ["left"]})", "$.match[0].normalize[0]",
         "needs the key"},
        {R"({"field": "x", "op": "equal", "left": 3})", "$.match[0].left",
         "needs the step \"left\""},
        {R"({"field": "x", "op": "equal", "normalize": ["left"], "left": 0})", "$.match[0].left",
         "between 1"},
        {R"({"field": "x", "op": "equal", "normalize": ["strip_prefixes"]})",
         "$.match[0].normalize[0]", "needs the key \"prefixes\""},
        {R"({"field": "x", "op": "equal", "normalize": ["strip_prefixes"], "prefixes": []})",
         "$.match[0].prefixes", "between 1 and"},
    };
    for (const Fault& fault : faults) expect_fault(with_condition(fault.text), fault);
}

TEST(RuleDescribe, NamesOpAndParameters) {
    auto text = [](const char* condition) {
        return describe(parse_text(with_condition(condition)).match[0]);
    };
    EXPECT_EQ(text(R"({"field": "x", "op": "equal"})"), "equal");
    EXPECT_EQ(text(R"({"field": "x", "op": "equal", "normalize": ["upper", "alnum"]})"),
              "equal after upper, alnum");
    EXPECT_EQ(text(R"({"field": "x", "op": "within", "abs": 0.01})"), "within 0.01");
    EXPECT_EQ(text(R"({"field": "x", "op": "within", "abs": 0.01, "pct": 0.5})"),
              "within 0.01 or 0.5 %");
    EXPECT_EQ(text(R"({"field": "x", "op": "within", "days": 3})"), "within 3 days");
    EXPECT_EQ(text(R"({"field": "x", "op": "within", "business_days": [-1, 2], "calendar": "T"})"),
              "within -1 to 2 business days (T)");
    EXPECT_EQ(text(R"({"field": "x", "op": "within", "seconds": 1.5})"), "within 1.5 seconds");
    EXPECT_EQ(text(R"({"field": "x", "op": "similar", "algorithm": "jaro_winkler", "min": 0.85})"),
              "similar jaro_winkler >= 0.85");
    EXPECT_EQ(
        text(R"({"field": "x", "op": "similar", "algorithm": "levenshtein", "max_distance": 2})"),
        "similar levenshtein distance <= 2");
}

}  // namespace
}  // namespace recon::rule
