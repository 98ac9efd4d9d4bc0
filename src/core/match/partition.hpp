// Rows of both sides, too many for memory, split into parts that are matched one after the other.
#pragma once

#include <memory>
#include <vector>

#include "core/match/plan.hpp"
#include "core/match/working_set.hpp"

namespace recon::match {

// What splitting needs to know: the rule, the shape of the rows, and which of them are matched
// already and so are left out.
struct Splitting {
    const rule::Rule& rule;
    const WorkingSet& set;
    const std::vector<std::uint8_t>&matched_a, &matched_b;
    Context& context;
};

struct FilePart {
    std::unique_ptr<RowFile> a, b;
};

// By a hash of what the pairs of a rule must agree in (Plan's keys): each pair's records are in one
// part, and so is each connected component. Rows that lack such a value are in none. Another `salt`
// splits otherwise. Empty where the rule has no keys.
std::vector<FilePart> split_by_keys(const Splitting& how, const RowFile& a, const RowFile& b,
                                    std::size_t parts, std::uint64_t salt);

// By a range that pairs must be within: a row of A is in one part, one of B in each that has a row
// of A within reach. Every pair is in one part, but a connected component may be in several. Empty
// where the rule has no range that must hold.
std::vector<FilePart> split_by_range(const Splitting& how, const RowFile& a, const RowFile& b,
                                     std::size_t parts);

// Reads a part's rows that are not matched into a table; `numbers` are theirs.
Table read_part(const Splitting& how, bool is_a, const RowFile& file, std::shared_ptr<Texts> texts,
                std::vector<std::uint32_t>& numbers, Reservation& memory);

}  // namespace recon::match
