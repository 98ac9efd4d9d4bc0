// jaccard, cosine and dice over prepared texts: sorted sets of numbered tokens, with a signature
// that bounds what two of them share.
#pragma once

#include <vector>

#include "core/similarity/prepared_measure.hpp"

namespace recon::similarity {

class PreparedTokenSets final : public PreparedMeasure {
  public:
    PreparedTokenSets(const Measure& measure, Texts texts, StopToken& stop);

    double score(std::uint32_t a, std::uint32_t b, double bound) const override;
    std::size_t bytes() const override {
        return tokens_.capacity() * sizeof(std::uint32_t) + sets_.capacity() * sizeof(Set);
    }

    // Tokens are numbered from 0, each text's in ascending order. A text without a token has one of
    // its own.
    std::span<const std::uint32_t> tokens(std::uint32_t i) const {
        return {tokens_.data() + sets_[i].begin, sets_[i].size};
    }
    std::uint32_t token_count() const { return token_count_; }
    Algorithm algorithm() const { return algorithm_; }

  private:
    struct Set {
        std::uint64_t begin;
        std::uint32_t size;
        std::uint64_t signature[2];  // a bit for each token
    };
    void add(std::vector<std::uint32_t>& set, StopToken& stop);

    Algorithm algorithm_;
    std::vector<std::uint32_t> tokens_;
    std::vector<Set> sets_;
    std::uint32_t token_count_ = 0;
};

}  // namespace recon::similarity
