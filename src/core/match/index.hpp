// The records of both sides in the order in which they are compared: block by block, in each by
// days, then by amount or time; equal records merged into classes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/match/join.hpp"
#include "core/match/text_pairs.hpp"

namespace recon::match {

// Within a block: cut into buckets by the days of one check, sorted by the value of another; -1 for
// neither.
struct Cut {
    int bucket = -1, sweep = -1;
};

// Pairs that a cut leaves to compare, estimated from a sample of pairs at fixed distances.
struct CutChoice {
    Cut cut;
    double comparisons = 0;
};
// The cut with the fewest expected steps. All cuts find the same pairs.
CutChoice choose_cut(const Plan& plan, const Operands& operands, const Blocks& blocks);

// One check's values; which array is filled follows from its form.
struct Values {
    Buffer<std::uint32_t> ids;
    Buffer<std::int64_t> numbers;
    Buffer<field::int128> wide;

    std::size_t bytes() const { return ids.bytes() + numbers.bytes() + wide.bytes(); }
};

// Classes of one block and bucket: from `begin` to that of the next group.
struct Group {
    std::int64_t bucket;
    std::uint32_t block, begin;
};

// Records of one side that agree in every value that the rule reads form a class; classes are
// numbered in the order above.
struct Side {
    std::vector<std::uint32_t> rows;    // class by class, ascending in each
    std::vector<std::uint32_t> begins;  // of class c: rows[begins[c] .. begins[c + 1])

    std::vector<Values> values;               // of each check, by class
    Buffer<std::uint32_t> currency;           // for guarded checks, by class; 0 is NULL
    std::vector<Group> groups;                // in order, and one past the end
    std::vector<std::uint32_t> block_begins;  // in groups, by block, and one past the end

    std::size_t classes() const { return begins.size() - 1; }
    std::uint32_t size(std::size_t c) const { return begins[c + 1] - begins[c]; }
};

enum class Way : std::uint8_t { sweep, text_join, left_out };

struct Index {
    Side a, b;
    Cut cut;
    Buffer<std::int64_t> sweep_keys;  // of B's classes
    Buffer<Way> ways;                 // of the groups of A; empty where all are swept
    TextPairs text_pairs;
    // For each "similar" check, the texts that it compares. Its ids count in this list, from 1.
    std::vector<Buffer<std::uint32_t>> similar;
    // The same prepared, once something needed them so.
    std::vector<std::shared_ptr<const similarity::PreparedTexts>> prepared;
};

// Takes the blocks' memory over.
Index make_index(const Plan& plan, const Operands& operands, Blocks blocks, Cut cut,
                 Reservation& memory, StopToken& stop);

}  // namespace recon::match
