// The mapping of a relation source, brought to the columns of a query over the relation: names in
// place of numbers, a column in place of each expression.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/ingest/mapping.hpp"

namespace recon::ingest {

// Columns by the name that the relation gives them. `name_of` gives "" for a number that it has not
// (42703).
json::Value name_columns(const json::Value& mapping,
                         const std::function<std::string(std::uint32_t)>& name_of);

// What a query gives: a column of the relation by its name, or an expression.
struct SelectedColumn {
    std::string text;
    bool is_expression = false;

    // As the mapping names it then; no column of a relation is likely to have that of an
    // expression.
    std::string name() const { return is_expression ? "(" + text + ")" : text; }
};

// What a mapping by names needs: each once, that of external_id first.
std::vector<SelectedColumn> selection_of(const Mapping& mapping);

// As for a file with these columns. How texts are written says nothing of values that are dates or
// numbers already (by the names of `types`): "format", "decimal" and "thousands" are left out
// there. 42703 for an expression that is not among the columns.
json::Value read_as_columns(const json::Value& mapping, std::span<const std::string> names,
                            std::span<const std::string> types);

// The options that mean something for a relation: none of those that say how a file is written.
// Known records are updated unless they say otherwise.
json::Value relation_options(const json::Value& options, const std::string& encoding);

}  // namespace recon::ingest
