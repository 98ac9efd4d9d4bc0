// Which column holds what: names and contents weighed together.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/detect/column.hpp"
#include "core/detect/names.hpp"
#include "core/ingest/batch.hpp"

namespace recon::detect {

struct Role {
    std::size_t column = 0;
    double confidence = 0;  // of the choice of the column, not of how its values are written
};

struct Roles {
    std::array<std::optional<Role>, ingest::field_count> fields;
    std::optional<Role> debit, credit;  // both or none, and then no amount
    std::optional<std::size_t> sign;    // a column that says debit or credit beside the amount
};

// A name's score times how well the content fits it; the best pair of column and field first. What
// no name tells is then taken from content alone, with at most 0.5 (0.8 for currency codes).
// `names` may be empty.
Roles find_roles(std::span<const Column> columns, std::span<const std::string> names);

}  // namespace recon::detect
