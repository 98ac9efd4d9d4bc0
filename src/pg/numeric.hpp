// numeric to and from the core's decimals.
#pragma once

#include "core/field/decimal.hpp"
#include "pg/server.hpp"

namespace recon::pg {

// Both run inside call().
Datum numeric_datum(const field::Decimal& value);

// False where the value is NaN, infinite or out of the core's bounds.
bool read_numeric(Datum numeric, field::Decimal& value);

}  // namespace recon::pg
