// A rule as it is stored.
#pragma once

#include "core/rule/rule.hpp"
#include "pg/server.hpp"

namespace recon::match {

// Of a value of type jsonb; what it compares texts with is in UTF-8 then, as they are.
rule::Rule read_rule(Datum spec);

}  // namespace recon::match
