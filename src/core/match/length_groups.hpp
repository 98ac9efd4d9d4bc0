// Texts sorted by their length.
#pragma once

#include <algorithm>
#include <vector>

#include "core/match/text_join.hpp"
#include "core/similarity/sequences.hpp"

namespace recon::match {

struct LengthGroup {
    std::size_t length, begin, end;  // of the sorted texts
    std::size_t size() const { return end - begin; }
};

class LengthGroups {
  public:
    LengthGroups(const similarity::Sequences& sequences, TextNumbers texts, Reservation& memory) {
        memory.take(texts.size() * sizeof(std::uint32_t));
        sorted_.assign(texts.begin(), texts.end());
        auto length = [&](std::uint32_t text) -> std::size_t { return sequences[text].length; };
        std::stable_sort(sorted_.begin(), sorted_.end(),
                         [&](std::uint32_t x, std::uint32_t y) { return length(x) < length(y); });
        for (std::size_t at = 0; at < sorted_.size(); ++at) {
            if (groups_.empty() || groups_.back().length != length(sorted_[at]))
                groups_.push_back({length(sorted_[at]), at, at});
            groups_.back().end = at + 1;
        }
    }

    const std::vector<LengthGroup>& groups() const { return groups_; }
    std::span<const std::uint32_t> texts(const LengthGroup& group) const {
        return std::span(sorted_).subspan(group.begin, group.size());
    }

  private:
    std::vector<std::uint32_t> sorted_;
    std::vector<LengthGroup> groups_;
};

}  // namespace recon::match
