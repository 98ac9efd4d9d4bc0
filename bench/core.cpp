// The similarity functions on their own: pairs of names, most of them unlike each other. Build by
//   cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target
//   recon_bench

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"

namespace {

constexpr std::array<std::string_view, 8> ascii = {"Northern Trading 17 GmbH",
                                                   "Nothern Trading 17 GmbH",
                                                   "Golden Steel 4 Ltd",
                                                   "Gloden Steel 4 Ltd",
                                                   "Baltic Ceramics 618 LLC",
                                                   "Summit Books 1 Inc",
                                                   "INV-1152080",
                                                   "INV-1152008"};
constexpr std::array<std::string_view, 8> wide = {
    "Müller & Söhne GmbH", "Mueller & Soehne GmbH", "Dvořák Strojírny s.r.o.",
    "DVORAK STROJIRNY",    "Société Bâtimat",       "Łukasz Wiśniewski",
    "Lukasz Wisniewski",   "Ibérica Transportes"};

template <class Function>
void pairs(benchmark::State& state, const std::array<std::string_view, 8>& texts,
           Function function) {
    for (auto _ : state) {
        for (std::string_view a : texts)
            for (std::string_view b : texts) benchmark::DoNotOptimize(function(a, b));
    }
    state.SetItemsProcessed(
        static_cast<std::int64_t>(state.iterations() * texts.size() * texts.size()));
}

double levenshtein(std::string_view a, std::string_view b) {
    return recon::similarity::levenshtein(a, b);
}
double levenshtein_cut(std::string_view a, std::string_view b) {
    return recon::similarity::levenshtein(a, b, 0.85);
}
double jaro_winkler(std::string_view a, std::string_view b) {
    return recon::similarity::jaro_winkler(a, b);
}
double jaro_winkler_cut(std::string_view a, std::string_view b) {
    return recon::similarity::jaro_winkler(a, b, 0.85);
}

}  // namespace

BENCHMARK_CAPTURE(pairs, levenshtein_ascii, ascii, levenshtein);
BENCHMARK_CAPTURE(pairs, levenshtein_utf8, wide, levenshtein);
BENCHMARK_CAPTURE(pairs, levenshtein_min_ascii, ascii, levenshtein_cut);
BENCHMARK_CAPTURE(pairs, jaro_winkler_ascii, ascii, jaro_winkler);
BENCHMARK_CAPTURE(pairs, jaro_winkler_utf8, wide, jaro_winkler);
BENCHMARK_CAPTURE(pairs, jaro_winkler_min_ascii, ascii, jaro_winkler_cut);
BENCHMARK_MAIN();
