#include "match/rule_spec.hpp"

#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"

namespace recon::match {

rule::Rule read_rule(Datum spec) {
    rule::Rule rule = rule::parse(pg::read_jsonb(spec));
    for (rule::Condition& condition : rule.match)
        for (rule::Step& step : condition.normalize)
            for (std::string& prefix : step.prefixes) prefix = pg::to_utf8(prefix);
    return rule;
}

}  // namespace recon::match
