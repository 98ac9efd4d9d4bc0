// The mapping in its JSON form, from what was found out about the columns.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/detect/column.hpp"
#include "core/detect/table.hpp"
#include "core/json.hpp"

namespace recon::detect {

struct MappingGuess {
    json::Value mapping;                                     // null where there is no column
    std::vector<std::pair<std::string, double>> confidence;  // of each canonical field mapped
    std::vector<std::string> notes;                          // what to look at
};

MappingGuess build_mapping(const Table& table, const std::vector<Column>& columns);

}  // namespace recon::detect
