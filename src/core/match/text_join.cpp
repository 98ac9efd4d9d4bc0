#include "core/match/text_join.hpp"

#include <algorithm>

#include "core/match/bag_scan.hpp"
#include "core/match/postings.hpp"
#include "core/match/segment_join.hpp"
#include "core/match/token_join.hpp"
#include "core/similarity/prepared_codes.hpp"

namespace recon::match {

namespace {

using similarity::Algorithm;

class AllPairs final : public TextJoin {
  public:
    AllPairs(TextNumbers a, TextNumbers b, StopToken& stop) : a_(a), b_(b), stop_(stop) {}
    std::uint64_t comparisons() const override { return std::uint64_t{a_.size()} * b_.size(); }
    void run(const Each& each) override {
        StopCheck stop(stop_);
        for (std::uint32_t a : a_)
            for (std::uint32_t b : b_) {
                stop();
                each(a, b);
            }
    }

  private:
    TextNumbers a_, b_;
    StopToken& stop_;
};

// By a code of either kind that they share.
class CodeJoin final : public TextJoin {
  public:
    CodeJoin(const similarity::PreparedCodes& prepared, TextNumbers a, TextNumbers b,
             Reservation& memory, StopToken& stop)
        : prepared_(prepared),
          a_(a),
          b_(b),
          budget_(memory.budget()),
          stop_(stop),
          postings_(prepared.code_count(), memory, [&](auto add) {
              StopCheck check(stop);
              for (std::uint32_t place = 0; place < b.size(); ++place) {
                  check();
                  for_each_code(b[place], [&](std::uint32_t code) { add(code, place); });
              }
          }) {
        for (std::uint32_t text : a)
            for_each_code(text,
                          [&](std::uint32_t code) { comparisons_ += postings_[code].size(); });
    }
    std::uint64_t comparisons() const override { return comparisons_; }
    void run(const Each& each) override {
        Seen seen(b_.size(), budget_);
        StopCheck stop(stop_);
        for (std::uint32_t a : a_) {
            seen.clear();
            for_each_code(a, [&](std::uint32_t code) {
                for (std::uint32_t place : postings_[code]) {
                    stop();
                    if (seen.add(place)) each(a, b_[place]);
                }
            });
        }
    }

  private:
    template <class Use>
    void for_each_code(std::uint32_t text, Use use) const {
        auto [primary, alternate] = prepared_.codes(text);
        if (primary != similarity::no_code) use(primary);
        if (alternate != primary && alternate != similarity::no_code) use(alternate);
    }

    const similarity::PreparedCodes& prepared_;
    TextNumbers a_, b_;
    MemoryBudget& budget_;
    StopToken& stop_;
    Postings postings_;
    std::uint64_t comparisons_ = 0;
};

template <class Prepared>
const Prepared& as(const similarity::PreparedTexts& texts) {
    return static_cast<const Prepared&>(texts.prepared());
}

}  // namespace

std::unique_ptr<TextJoin> join_texts(const similarity::PreparedTexts& texts, TextNumbers a,
                                     TextNumbers b, Reservation& memory, StopToken& stop) {
    const similarity::Measure& measure = texts.measure();
    double min = measure.min.value_or(0);
    if (min <= 0 && !measure.max_distance) return std::make_unique<AllPairs>(a, b, stop);
    switch (measure.algorithm) {
        case Algorithm::levenshtein:
        case Algorithm::damerau_levenshtein:
        case Algorithm::token_sort:
            return std::make_unique<SegmentJoin>(as<similarity::PreparedEdits>(texts), a, b, memory,
                                                 stop);
        case Algorithm::jaro:
        case Algorithm::jaro_winkler: {
            const auto& prepared = as<similarity::PreparedJaro>(texts);
            return std::make_unique<ScanJoin>(prepared.sequences(), jaro_limit(prepared), a, b,
                                              memory, stop);
        }
        case Algorithm::jaccard:
        case Algorithm::cosine:
        case Algorithm::dice:
            return std::make_unique<TokenJoin>(as<similarity::PreparedTokenSets>(texts), min, a, b,
                                               memory, stop);
        case Algorithm::soundex:
        case Algorithm::metaphone:
        case Algorithm::double_metaphone:
            return std::make_unique<CodeJoin>(as<similarity::PreparedCodes>(texts), a, b, memory,
                                              stop);
        case Algorithm::token_set:
            break;
    }
    return std::make_unique<AllPairs>(a, b, stop);
}

}  // namespace recon::match
