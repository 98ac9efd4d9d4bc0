// What each family of algorithms makes of many texts.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/similarity/prepared_texts.hpp"

namespace recon::similarity {

class PreparedMeasure {
  public:
    virtual ~PreparedMeasure() = default;
    // Of two texts with different numbers; -1 where it is below `bound`, which is at least the
    // measure's `min` and at most 1.
    virtual double score(std::uint32_t a, std::uint32_t b, double bound) const = 0;
    virtual std::size_t bytes() const = 0;
};

using Texts = std::span<const std::string_view>;
using Prepared = std::unique_ptr<const PreparedMeasure>;

Prepared prepare_edits(const Measure& measure, Texts texts, StopToken& stop);
Prepared prepare_jaro(const Measure& measure, Texts texts, StopToken& stop);
Prepared prepare_token_sets(const Measure& measure, Texts texts, StopToken& stop);
Prepared prepare_token_set_ratio(const Measure& measure, Texts texts, StopToken& stop);
Prepared prepare_codes(const Measure& measure, Texts texts, StopToken& stop);

}  // namespace recon::similarity
