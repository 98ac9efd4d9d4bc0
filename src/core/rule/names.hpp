// The words of the rule language, in one place for reading and for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/rule/rule.hpp"

namespace recon::rule {

template <class T>
struct Name {
    const char* text;
    T value;
};

std::span<const Name<Op>> op_names();
std::span<const Name<Algorithm>> algorithm_names();
std::span<const Name<Cardinality>> cardinality_names();
std::span<const Name<Ambiguous>> ambiguous_names();
std::span<const Name<StepKind>> step_names();
std::span<const Name<Rounding>> rounding_names();

// A hint for a word that is none of the names: the nearest, or all of them.
template <class T>
std::string hint_for(std::string_view given, std::span<const Name<T>> names) {
    std::vector<std::string> known;
    for (const Name<T>& name : names) known.emplace_back(name.text);
    std::string hint = json::nearest(given, known);
    if (!hint.empty()) return "Perhaps you meant \"" + hint + "\".";
    for (const std::string& name : known) hint += (hint.empty() ? "Known: " : ", ") + name;
    return hint + ".";
}

// The value that a word stands for; otherwise an Error 22023 that names the nearest word, or all of
// them.
template <class T>
T look_up(std::span<const Name<T>> names, const json::Value& value, const std::string& path,
          const char* kind) {
    const std::string& given = json::as_string(value, path, "rule");
    for (const Name<T>& name : names)
        if (given == name.text) return name.value;
    json::fail(path, "rule", std::string("unknown ") + kind + " \"" + given + "\"",
               hint_for(given, names));
}

}  // namespace recon::rule
