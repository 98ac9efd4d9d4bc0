#include "core/similarity/prepared_texts.hpp"

#include "core/similarity/prepared_measure.hpp"

namespace recon::similarity {

namespace {

Prepared prepare(const Measure& measure, Texts texts, StopToken& stop) {
    switch (measure.algorithm) {
        case Algorithm::levenshtein:
        case Algorithm::damerau_levenshtein:
        case Algorithm::token_sort:
            return prepare_edits(measure, texts, stop);
        case Algorithm::jaro:
        case Algorithm::jaro_winkler:
            return prepare_jaro(measure, texts, stop);
        case Algorithm::jaccard:
        case Algorithm::cosine:
        case Algorithm::dice:
            return prepare_token_sets(measure, texts, stop);
        case Algorithm::token_set:
            return prepare_token_set_ratio(measure, texts, stop);
        case Algorithm::soundex:
        case Algorithm::metaphone:
        case Algorithm::double_metaphone:
            break;
    }
    return prepare_codes(measure, texts, stop);
}

}  // namespace

PreparedTexts::PreparedTexts(const Measure& measure, Texts texts, StopToken& stop)
    : measure_(measure), min_(measure.min.value_or(0)), prepared_(prepare(measure, texts, stop)) {}
PreparedTexts::~PreparedTexts() = default;
PreparedTexts::PreparedTexts(PreparedTexts&&) noexcept = default;
PreparedTexts& PreparedTexts::operator=(PreparedTexts&&) noexcept = default;

double PreparedTexts::score(std::uint32_t a, std::uint32_t b, double least) const {
    double bound = std::max(min_, least);
    if (bound > 1) return -1;
    return a == b ? 1 : prepared_->score(a, b, bound);
}

std::size_t PreparedTexts::bytes() const {
    return prepared_->bytes();
}

}  // namespace recon::similarity
