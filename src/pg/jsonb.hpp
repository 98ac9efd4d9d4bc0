// jsonb to the core's JSON tree.
#pragma once

#include "core/json.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

// Raises 54000 where values are nested deeper than 32 levels.
json::Value read_jsonb(Datum jsonb);

std::string jsonb_text(Datum jsonb);  // as jsonb_out writes it

}  // namespace recon::pg
