// The pairs of classes that a rule allows, with their confidences.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/match/pair_scorer.hpp"

namespace recon::match {

struct Candidate {
    std::uint32_t a, b;        // classes
    std::uint32_t confidence;  // billionths: fits, as they are at most 10^9
};

// Takes the candidates at or above the threshold; those of a class of A come one after the other.
class CandidateSink {
  public:
    virtual ~CandidateSink() = default;
    virtual void add(std::span<const Candidate> candidates) = 0;
};

class CandidateSearch {
  public:
    // One for each worker. Writes to nothing but `sink` and `below`.
    CandidateSearch(const Plan& plan, const Index& index, CandidateSink& sink, Below& below,
                    Reservation& memory, StopToken& stop);
    ~CandidateSearch();
    CandidateSearch(const CandidateSearch&) = delete;
    CandidateSearch& operator=(const CandidateSearch&) = delete;

    // Compares the classes [begin, end) of A with what they can go with.
    void run(std::size_t begin, std::size_t end);
    std::uint64_t compared() const;  // pairs so far
    // What the conditions left of these, in their order.
    const std::vector<Scored>& scored() const;

  private:
    class Search;
    std::unique_ptr<Search> search_;
};

}  // namespace recon::match
