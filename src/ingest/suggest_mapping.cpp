// suggest_mapping: a sample's dialect and mapping, guessed.
#include "core/detect/suggest.hpp"
#include "pg/function.hpp"
#include "pg/jsonb.hpp"

using namespace recon;

RECON_FUNCTION(recon_suggest_mapping) {
    pg::Arguments args(fcinfo);
    return pg::make_jsonb(json::to_text(detect::suggest(pg::bytes_of(args.datum(0)))));
}
