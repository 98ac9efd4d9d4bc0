// soundex, metaphone and double_metaphone over prepared texts: their codes, numbered.
#pragma once

#include <vector>

#include "core/similarity/prepared_measure.hpp"

namespace recon::similarity {

// Stands for no code beside another.
inline constexpr std::uint32_t no_code = 0;

class PreparedCodes final : public PreparedMeasure {
  public:
    PreparedCodes(const Measure& measure, Texts texts, StopToken& stop);

    double score(std::uint32_t a, std::uint32_t b, double bound) const override;
    std::size_t bytes() const override { return codes_.capacity() * sizeof(Codes); }

    // Equal codes have equal numbers; a text without a code has one of its own. 0 stands for no
    // code beside another. Where there is no alternate, it is the primary.
    struct Codes {
        std::uint32_t primary, alternate;
    };
    Codes codes(std::uint32_t i) const { return codes_[i]; }
    std::size_t code_count() const { return code_count_; }  // all are below

  private:
    std::vector<Codes> codes_;
    std::size_t code_count_ = 0;
};

}  // namespace recon::similarity
