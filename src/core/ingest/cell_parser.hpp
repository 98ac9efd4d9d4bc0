// One text to one typed cell.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/field/date_format.hpp"
#include "core/field/number.hpp"
#include "core/ingest/batch.hpp"
#include "core/ingest/mapping.hpp"

namespace recon::ingest {

enum class CellError : std::uint8_t { none, syntax, range };

// A cell of type text views `text` itself.
CellError parse_cell(ValueType type, const field::DateFormat& format,
                     const field::NumberFormat& number, std::string_view text, Cell& cell);

}  // namespace recon::ingest
