// Matches that were rejected, and are not to be made again of the same records.
//
// Records of such matches are told apart from all others by a column of their ids, NULL for the
// others: then a record that may not go with another is no longer interchangeable with those that
// may, and single pairs can be left out where they come up.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rule/rule.hpp"

namespace recon::match {

// No source has a field of this name. Its type is Type::timestamp, which is one of whole numbers.
inline constexpr std::string_view rejected_field{"\0rejected", 9};

// The rule with its 1:1 pairs told apart: it reads rejected_field, and matches as before.
void tell_rejected_apart(rule::Rule& rule);
bool reads_rejected(const rule::Rule& rule);

class Rejected {
  public:
    // The records of a rejected match, by side.
    void add(std::vector<std::int64_t> a, std::vector<std::int64_t> b);
    bool empty() const { return matches_.empty(); }
    bool has(std::vector<std::int64_t> a, std::vector<std::int64_t> b) const;
    std::vector<std::int64_t> records(bool of_a) const;  // ascending, each once

  private:
    using Match = std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>;
    std::set<Match> matches_;  // with ascending ids
};

}  // namespace recon::match
