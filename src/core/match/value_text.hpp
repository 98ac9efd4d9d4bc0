// Values of columns for people.
#pragma once

#include <string>

#include "core/match/table.hpp"

namespace recon::match {

// As PostgreSQL writes them, dates in ISO form and times in UTC; "" for NULL.
std::string value_text(const Column& column, std::size_t row);

}  // namespace recon::match
