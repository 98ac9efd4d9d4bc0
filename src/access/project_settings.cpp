#include "access/project_settings.hpp"

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

}  // namespace

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
