// Planner support for a function of a bigint column of recon's tables that is true only for the ids
// of a set: so that an index on the column finds the rows, instead of the function being asked for
// each row of the table.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

struct IdSet {
    const char* array_function;  // recon.<name>(), which returns the ids as bigint[]
    // How many there are, for the estimates; none where the function is true for every id.
    std::optional<std::size_t> (*size)();
};

// The body of the support function.
Datum support_id_set(FunctionCallInfo fcinfo, const IdSet& set);

}  // namespace recon::pg
