// What the comparing of pairs reads under one rule, as plain bytes that another process reads where
// they lie.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/match/candidates.hpp"
#include "core/match/table.hpp"

namespace recon::match {

// Parts that begin at multiples of 16 where they are read; those of a SearchImage borrow from plan,
// index and texts.
using Bytes = std::span<const std::byte>;

class SearchImage {
  public:
    SearchImage(const Plan& plan, const Index& index);
    std::span<const Bytes> parts() const { return parts_; }

  private:
    template <class T>
    void add(const T& items) {
        parts_.push_back(std::as_bytes(std::span(items.data(), items.size())));
    }
    void add_side(const Side& side);

    std::vector<std::byte> header_, checks_;
    std::vector<Bytes> parts_;
};

// Plan and index of an image, for a CandidateSearch. The parts and the rule outlive it.
class SearchView {
  public:
    SearchView(std::span<const Bytes> parts, const rule::Rule& rule);
    SearchView(const SearchView&) = delete;
    SearchView& operator=(const SearchView&) = delete;

    const Plan& plan() const { return plan_; }
    const Index& index() const { return index_; }

  private:
    Table texts_;  // without columns
    Plan plan_;
    Index index_;
};

}  // namespace recon::match
