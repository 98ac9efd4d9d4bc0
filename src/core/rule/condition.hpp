// One element of a rule's "match".
#pragma once

#include <string>

#include "core/json.hpp"
#include "core/rule/rule.hpp"

namespace recon::rule {

// What the name of a field says about its type: an attribute's is known only when its values are.
enum class FieldType : std::uint8_t { text, decimal, date, attribute };
FieldType field_type(const std::string& field);

Condition parse_condition(const json::Value& value, const std::string& path);

// A number of the rule as an exact decimal, at least 0 and at most `highest`.
field::Decimal parse_bound(const json::Value& value, const std::string& path,
                           const field::Decimal& highest);

// The condition's op with its parameters, for people: "within 0.01 or 0.5 %".
std::string describe(const Condition& condition);

}  // namespace recon::rule
