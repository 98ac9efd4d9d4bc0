// The rows that a rule is to compare: in order, and how each group of them is compared.
#pragma once

#include "core/match/candidates.hpp"
#include "core/match/edge_store.hpp"
#include "core/match/ways.hpp"

namespace recon::match {

// Takes the memory of the texts that conditions derive.
class TextsGrowth {
  public:
    TextsGrowth(const Texts& texts, Reservation& memory)
        : texts_(texts), memory_(memory), before_(texts.bytes()) {}
    void count() {
        std::size_t now = texts_.bytes();
        memory_.take(now - before_);
        before_ = now;
    }

  private:
    const Texts& texts_;
    Reservation& memory_;
    std::size_t before_;
};

struct Compared {
    Index index;
    double of_cut = 0;  // pairs that its cut leaves, about
    Ways ways;
    double comparisons() const { return ways.comparisons(of_cut); }
};

// Takes the blocks' memory over.
Compared prepare(const Plan& plan, Operands& operands, Blocks blocks, TextsGrowth& growth,
                 Reservation& memory, Context& context);

// The candidates among them; by the context's finder, where there is one.
void find_candidates(const Plan& plan, const Compared& compared, CandidateSink& sink, Below& below,
                     Reservation& memory, Context& context);

// Candidates that go straight to the assignment.
class EdgeSink final : public CandidateSink {
  public:
    explicit EdgeSink(EdgeStore& edges) : edges_(edges) {}
    void add(std::span<const Candidate> candidates) override {
        for (const Candidate& candidate : candidates)
            edges_.add(candidate.a, candidate.b, candidate.confidence);
    }

  private:
    EdgeStore& edges_;
};

}  // namespace recon::match
