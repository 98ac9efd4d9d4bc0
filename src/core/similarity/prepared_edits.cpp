#include "core/similarity/prepared_edits.hpp"

#include <cstring>

#include "core/similarity/indel.hpp"
#include "core/similarity/token_ratios.hpp"

namespace recon::similarity {

PreparedEdits::PreparedEdits(const Measure& measure, Texts texts, StopToken& stop)
    : algorithm_(measure.algorithm),
      min_(measure.min.value_or(0)),
      most_(measure.max_distance ? static_cast<std::size_t>(*measure.max_distance) : no_cutoff),
      stop_(stop),
      sequences_(algorithm_ == Algorithm::token_sort ? sort_words(texts, stop)
                                                     : Sequences(texts, stop)) {
    for (std::size_t length = 0; length < cutoffs_.size(); ++length)
        cutoffs_[length] = static_cast<std::uint16_t>(cutoff_of(length, min_));
}

Sequences PreparedEdits::sort_words(Texts texts, StopToken& stop) {
    StopCheck check(stop);
    std::vector<std::string_view> sorted;
    sorted.reserve(texts.size());
    for (std::string_view text : texts) {
        check();
        std::string words = sorted_words(text, &stop);
        auto* copy = static_cast<char*>(arena_.allocate(words.size() + 1, 1));
        std::memcpy(copy, words.data(), words.size());
        copied_ += words.size() + 1;
        sorted.emplace_back(copy, words.size());
    }
    return Sequences(sorted, stop);
}

std::size_t PreparedEdits::cutoff(std::size_t length_a, std::size_t length_b) const {
    return cutoff_at(most_edits(length_a, length_b), min_);
}

double PreparedEdits::score(std::uint32_t a, std::uint32_t b, double bound) const {
    const Sequence &x = sequences_[a], &y = sequences_[b];
    std::size_t length = most_edits(x.length, y.length);
    std::size_t cutoff = cutoff_at(length, bound);
    std::size_t longer = x.length > y.length ? x.length - y.length : y.length - x.length;
    if (longer > cutoff) return -1;
    auto [only_a, only_b] = difference(x.bag, y.bag);
    if ((is_indel() ? only_a + only_b : std::max(only_a, only_b)) > cutoff) return -1;
    std::size_t distance = sequences_.compare(
        x, y, [&]<class Char>(Text<Char> p, Text<Char> q, PatternBits<Char>& bits) {
            switch (algorithm_) {
                case Algorithm::damerau_levenshtein:
                    return damerau_distance(p, q, cutoff, bits, rows_, &stop_);
                case Algorithm::token_sort:
                    return indel_distance(p, q, cutoff, bits, &stop_);
                default:
                    return levenshtein_distance(p, q, cutoff, bits, &stop_);
            }
        });
    return distance > cutoff ? -1 : Edits{distance, length}.similarity();
}

Prepared prepare_edits(const Measure& measure, Texts texts, StopToken& stop) {
    return std::make_unique<PreparedEdits>(measure, texts, stop);
}

}  // namespace recon::similarity
