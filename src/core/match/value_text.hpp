// Values of columns for people.
#pragma once

#include <string>

#include "core/match/engine.hpp"
#include "core/match/table.hpp"

namespace recon::match {

// As PostgreSQL writes them, dates in ISO form and times in UTC; "" for NULL.
std::string value_text(const Column& column, std::size_t row);

// A condition of rule::keep_period_closed(), by the values of its fields.
void show_period(ConditionResult& line, field::Day a, field::Day b);

}  // namespace recon::match
