// Many texts prepared for one measure, to be compared two by two: the engine's door to similarity.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/limits.hpp"
#include "core/similarity/algorithm.hpp"

namespace recon::similarity {

// How alike texts must be: by a least similarity, or (levenshtein) by a greatest distance.
struct Measure {
    Algorithm algorithm = Algorithm::levenshtein;
    bool word_tokens = false;  // jaccard, cosine, dice: words, not trigrams
    std::optional<double> min;
    std::optional<int> max_distance;
};

class PreparedMeasure;

// Not for several threads at once.
class PreparedTexts {
  public:
    // Text i is texts[i]; the bytes must outlive this, and so must `stop`, which long comparisons
    // ask. Memory is proportional to the texts.
    PreparedTexts(const Measure& measure, std::span<const std::string_view> texts, StopToken& stop);
    ~PreparedTexts();
    PreparedTexts(PreparedTexts&&) noexcept;
    PreparedTexts& operator=(PreparedTexts&&) noexcept;

    // What similarity() gives for texts a and b, bit for bit; -1 where it is below the measure's
    // bound or below `least`.
    double score(std::uint32_t a, std::uint32_t b, double least = 0) const;
    std::size_t bytes() const;

    const Measure& measure() const { return measure_; }
    const PreparedMeasure& prepared() const { return *prepared_; }

  private:
    Measure measure_;
    double min_;
    std::unique_ptr<const PreparedMeasure> prepared_;
};

}  // namespace recon::similarity
