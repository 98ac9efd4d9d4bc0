// Scores of pairs of rows one by one, without the preparation that pays for many.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/match/score.hpp"

namespace recon::match {

inline constexpr std::size_t long_text = 4096;  // bytes; beyond it a stop is asked for first

class RowScorer {
  public:
    // The plan and its tables must outlive it.
    RowScorer(const Plan& plan, StopToken& stop)
        : plan_(plan),
          stop_(stop),
          currencies_(currency_columns(*plan.a, *plan.b)),
          shares_texts_(plan.a->shared_texts() == plan.b->shared_texts()),
          texts_a_(plan.checks.size()),
          texts_b_(plan.checks.size()) {}

    // not_held where the condition does not hold or a value is NULL.
    double score(std::size_t check, std::size_t row_a, std::size_t row_b);

    // One of the tables has a single row, A or B: adds 1 to held[k] where the check holds for it
    // and row from + k of the other.
    void count_held(std::size_t check, bool single_a, std::size_t from,
                    std::span<std::uint8_t> held);

  private:
    // The text of the row that was asked for last, after the condition's steps.
    struct Text {
        std::size_t row = static_cast<std::size_t>(-1);
        std::string text;
    };
    const std::string& text_of(const Check& check, const Column& column, std::size_t row,
                               Text& last) const;
    double score_texts(const Check& check, const std::string& a, const std::string& b) const;

    bool same_currency(std::size_t row_a, std::size_t row_b) const;

    const Plan& plan_;
    StopToken& stop_;
    CurrencyColumns currencies_;
    bool shares_texts_;
    std::vector<Text> texts_a_, texts_b_;  // of each check
};

}  // namespace recon::match
