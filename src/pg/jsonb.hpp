// jsonb to the core's JSON tree.
#pragma once

#include "core/json.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

// Raises 54000 where it has more than 16 MiB, or values are nested deeper than 32 levels.
json::Value read_jsonb(Datum jsonb);

std::string jsonb_text(Datum jsonb);  // as jsonb_out writes it

// Of JSON text in UTF-8, in the current context. 22P05 where the server's encoding lacks a
// character.
Datum make_jsonb(const std::string& utf8);

}  // namespace recon::pg
