// ageing_bucket: which of a project's ranges of days an age is in.
#include "core/json.hpp"
#include "pg/function.hpp"
#include "pg/jsonb.hpp"

using namespace recon;

namespace {

constexpr std::int64_t usual_buckets[] = {7, 30, 60, 90};  // the last day of each

std::string bucket_of(std::int64_t age, std::span<const std::int64_t> last_days) {
    std::int64_t first = 0;
    for (std::int64_t last : last_days) {
        if (age <= last) {
            if (first == last) return std::to_string(last);
            return std::to_string(first) + "-" + std::to_string(last);
        }
        first = last + 1;
    }
    return ">" + std::to_string(last_days.back());
}

}  // namespace

RECON_FUNCTION(recon_ageing_bucket) {
    pg::Arguments args(fcinfo);
    if (args.is_null(0)) {
        fcinfo->isnull = true;
        return 0;
    }
    std::int64_t age = args.integer(0, "age_days");
    if (args.is_null(1)) return pg::make_text(bucket_of(age, usual_buckets));
    json::Value given = pg::read_jsonb(args.datum(1));
    std::vector<std::int64_t> last_days;
    for (const json::Value& item : given.items)
        last_days.push_back(json::as_integer(item, "$", "ageing buckets", 0, INT_MAX));
    if (last_days.empty())
        throw Error(sqlstate::invalid_parameter_value, "ageing buckets must be an array of days");
    return pg::make_text(bucket_of(age, last_days));
}
