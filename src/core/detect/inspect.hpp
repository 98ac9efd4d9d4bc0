// The columns of a table, each looked at with what the others tell.
#pragma once

#include <vector>

#include "core/detect/column.hpp"
#include "core/detect/table.hpp"

namespace recon::detect {

// The views of the columns are into the table's text.
std::vector<Column> inspect(const Table& table, const DialectGuess& dialect);

}  // namespace recon::detect
