// A record as CSV in the default dialect, so that the reader gives the same fields back.
#pragma once

#include <span>
#include <string>

#include "core/csv/reader.hpp"

namespace recon::csv {

// Appends it without a line end. A field is quoted where it says so or where its text must be.
void append_record(std::string& to, std::span<const Field> fields);

}  // namespace recon::csv
