// Scores pairs of classes, many at a time: condition by condition, cheapest first, and only those
// that are left.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/match/index.hpp"
#include "core/match/score.hpp"
#include "core/similarity/prepared_texts.hpp"

namespace recon::match {

// The texts of a "similar" check; long comparisons of them ask `stop`.
std::shared_ptr<const similarity::PreparedTexts> prepare_texts(const Plan& plan, const Index& index,
                                                               std::size_t check,
                                                               Reservation& memory,
                                                               StopToken& stop);

// Classes of A and B to compare, and what became of them.
struct PairBatch {
    static constexpr std::size_t most = 1024;
    std::size_t size = 0;
    std::array<std::uint32_t, most> a, b;
    // Of the pairs that hold: which, and with what confidence.
    std::size_t held = 0;
    std::array<std::uint16_t, most> which;
    std::array<std::uint32_t, most> confidence;

    void add(std::uint32_t class_a, std::uint32_t class_b) {
        a[size] = class_a;
        b[size++] = class_b;
    }
};

// Classes with a pair that holds, but is below the threshold.
struct Below {
    std::vector<std::uint8_t> a, b;
    Below(const Index& index, Reservation& memory)
        : a((memory.take(index.a.classes() + index.b.classes()), index.a.classes())),
          b(index.b.classes()) {}
};

// A condition in the order of scoring, and how many pairs were left after it.
struct Scored {
    std::size_t check;
    std::uint64_t left = 0;
};

// One for each worker: it keeps scratch memory, and prepares the texts to be compared.
class PairScorer {
  public:
    PairScorer(const Plan& plan, const Index& index, const Below& below, Reservation& memory,
               StopToken& stop);

    // Fills `held`, `which` and `confidence`. A pair that cannot reach the threshold may be left
    // out where both classes are known to have one below it.
    void score(PairBatch& batch);
    const std::vector<Scored>& scored() const { return scored_; }

  private:
    using Scores = std::array<double, PairBatch::most>;

    // Scores of pairs of texts seen before, by a hash of their numbers.
    struct Seen {
        std::uint32_t a = 0, b = 0;
        double score = 0;
    };

    void use_texts(std::size_t check, Reservation& memory, StopToken& stop);
    void score_check(std::size_t check, PairBatch& batch, Scores& scores);
    template <class Score>
    void score_each(std::size_t check, PairBatch& batch, Scores& scores, Score score);
    template <class Values>
    void score_equal(std::size_t check, PairBatch& batch, Scores& scores, const Values& x,
                     const Values& y, typename Values::value_type null);
    void score_decimals(std::size_t check, PairBatch& batch, Scores& scores);
    void score_similar(std::size_t check, PairBatch& batch, Scores& scores);
    void score_texts(std::size_t check, PairBatch& batch, Scores& scores);
    void score_day_differences(std::size_t check, PairBatch& batch, Scores& scores);
    void start_bounds(std::size_t next, PairBatch& batch);
    double least_score(double weight, std::size_t at) const;

    const Plan& plan_;
    const Index& index_;
    const Below& below_;
    const Texts& texts_;
    std::vector<std::size_t> order_;               // required ones first, cheap ones first
    std::vector<Scored> scored_;                   // likewise
    std::vector<Scores> scores_;                   // of each check of order_
    std::vector<int> slots_;                       // in scores_, by check; -1 where it is implied
    std::vector<std::vector<double>> day_scores_;  // by difference, for narrow windows
    std::vector<std::shared_ptr<const similarity::PreparedTexts>> prepared_;  // by check
    std::vector<std::vector<Seen>> seen_;  // by check, where texts come again and again
    Scores most_;                          // the sum of weighted scores that a pair can still reach
    std::size_t bounded_ = 0;  // in order_, from where on most_ is kept; at the end if never
    double weights_ = 0, needed_ = 0;
};

}  // namespace recon::match
