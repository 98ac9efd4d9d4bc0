// token_set over prepared texts: sets of words numbered in their order.
#pragma once

#include <tuple>
#include <vector>

#include "core/similarity/prepared_measure.hpp"
#include "core/similarity/sequences.hpp"

namespace recon::similarity {

class PreparedTokenSetRatio final : public PreparedMeasure {
  public:
    PreparedTokenSetRatio(const Measure& measure, Texts texts, StopToken& stop);

    double score(std::uint32_t a, std::uint32_t b, double bound) const override;
    std::size_t bytes() const override {
        return words_->bytes() + (tokens_.capacity() + begins_.capacity()) * sizeof(std::uint32_t);
    }

  private:
    using Tokens = std::vector<std::uint32_t>;
    // Words are numbered from 0, each text's in ascending order.
    std::span<const std::uint32_t> tokens(std::uint32_t i) const {
        return {tokens_.data() + begins_[i], begins_[i + 1] - begins_[i]};
    }
    template <class Char>
    std::size_t distance(std::size_t cutoff) const;

    std::unique_ptr<Sequences> words_;
    Tokens tokens_, begins_;
    std::uint32_t token_count_ = 0;
    bool is_wide_ = false;
    StopToken& stop_;
    template <class Char>
    struct Joined {
        std::vector<Char> a, b;
    };
    mutable Tokens rest_a_, rest_b_;
    mutable std::tuple<Joined<Byte>, Joined<char32_t>> joined_;
};

}  // namespace recon::similarity
