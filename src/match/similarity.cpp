// similarity: the rule language's algorithms as one SQL function.
#include "core/similarity/similarity.hpp"
#include "core/rule/names.hpp"
#include "pg/function.hpp"

using namespace recon;

namespace {

similarity::Algorithm algorithm_of(std::string_view given) {
    for (const rule::Name<rule::Algorithm>& name : rule::algorithm_names())
        if (given == name.text) return name.value;
    throw Error(sqlstate::invalid_parameter_value,
                "unknown algorithm \"" + std::string(given) + "\"", {},
                rule::hint_for(given, rule::algorithm_names()));
}

}  // namespace

RECON_FUNCTION(recon_similarity) {
    pg::Arguments args(fcinfo);
    similarity::Algorithm algorithm = algorithm_of(pg::bytes_of(args.datum(2)));
    pg::Interrupts interrupts;
    return Float8GetDatum(similarity::similarity(algorithm, pg::utf8_of(args.datum(0)),
                                                 pg::utf8_of(args.datum(1)), false, &interrupts));
}
