#include "access/project_settings.hpp"

#include "core/field/decimal.hpp"

namespace recon::access {

namespace {

constexpr char what[] = "project settings";

std::string path_of(std::size_t pair) {
    return "$.pairs[" + std::to_string(pair) + "]";
}

void check_pair(const json::Value& pair, std::size_t number) {
    if (pair.kind != json::Kind::array || pair.items.size() != 2)
        json::fail(path_of(number), what, "expected a pair of source names");
    for (std::size_t side = 0; side < 2; ++side) {
        std::string path = pair_path(number, side);
        if (json::as_string(pair.items[side], path, what).empty())
            json::fail(path, what, "must not be empty");
    }
    if (pair.items[0].text == pair.items[1].text)
        json::fail(pair_path(number, 1), what, "the two sources of a pair must differ");
}

constexpr long long most_days = 36'500;

void check_buckets(const json::ObjectReader& reader, const json::Value& buckets) {
    std::string path = reader.path("ageing_buckets");
    if (buckets.kind != json::Kind::array || buckets.items.empty() || buckets.items.size() > 20)
        json::fail(path, what, "expected an array of 1 to 20 numbers of days");
    long long before = -1;
    for (std::size_t i = 0; i < buckets.items.size(); ++i) {
        std::string item = path + "[" + std::to_string(i) + "]";
        long long days = json::as_integer(buckets.items[i], item, what, 0, most_days);
        if (days <= before) json::fail(item, what, "must be more than the one before");
        before = days;
    }
}

void check_balances(const json::ObjectReader& reader, const json::Value& balances) {
    std::string path = reader.path("opening_balances");
    if (balances.kind != json::Kind::object)
        json::fail(path, what, "expected an object of source names");
    for (const auto& [source, currencies] : balances.members) {
        std::string of_source = path + "." + source;
        if (currencies.kind != json::Kind::object)
            json::fail(of_source, what, "expected an object of currencies");
        for (const auto& [currency, balance] : currencies.members) {
            std::string at = of_source + "." + currency;
            std::string text = json::as_string(balance, at, what);
            if (field::parse_decimal(text).error != field::DecimalError::none)
                json::fail(at, what, "expected a decimal number in quotes");
        }
    }
}

}  // namespace

void check_settings(const json::Value& settings) {
    check_pairs(settings);
    json::ObjectReader reader(settings, "$", what);
    reader.boolean("four_eyes", false);
    reader.integer("exception_due_days", 0, 0, most_days);
    if (const json::Value* buckets = reader.get("ageing_buckets")) check_buckets(reader, *buckets);
    if (const json::Value* balances = reader.get("opening_balances"))
        check_balances(reader, *balances);
}

bool has_four_eyes(pg::Spi& spi, std::int64_t project_id) {
    static pg::Prepared statement(
        "SELECT settings -> 'four_eyes' = 'true' FROM recon.projects WHERE project_id = $1");
    pg::Rows row = spi.query(statement, {pg::bigint(project_id)});
    return !row.empty() && !row.is_null(0, 0) && row.boolean(0, 0);
}

std::string pair_path(std::size_t pair, std::size_t side) {
    return path_of(pair) + "[" + std::to_string(side) + "]";
}

std::size_t check_pairs(const json::Value& settings) {
    json::ObjectReader reader(settings, "$", what);
    const json::Value* pairs = reader.get("pairs");
    if (pairs == nullptr) return 0;
    if (pairs->kind != json::Kind::array || pairs->items.empty())
        json::fail(reader.path("pairs"), what, "expected an array of pairs of source names");
    for (std::size_t i = 0; i < pairs->items.size(); ++i) check_pair(pairs->items[i], i);
    return pairs->items.size();
}

}  // namespace recon::access
