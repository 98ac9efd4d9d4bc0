// The values of the open records as the conditions of one rule see them, with equal records merged
// into classes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/match/dictionary.hpp"
#include "core/match/plan.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

// One side's values for one check, by class. Which vector is filled follows from the check.
struct Operand {
    std::vector<std::uint32_t>
        ids;  // equal, similar: numbers of a dictionary of both sides; 0 is NULL
    std::vector<field::int128> decimals;  // at the check's scale
    std::vector<std::int64_t> numbers;    // (business) days, microseconds
    std::vector<std::uint8_t> known;      // beside decimals and numbers

    bool is_known(std::size_t at) const { return ids.empty() ? known[at] != 0 : ids[at] != 0; }
    std::size_t bytes() const;
};

// Records of one side that agree in every value that the rule reads form a class; classes are
// numbered by their first row.
struct Side {
    std::vector<Operand> operands;        // of each check
    std::vector<std::uint32_t> currency;  // for guarded checks; 0 is NULL
    std::vector<std::uint32_t> rows;      // class by class, ascending in each
    std::vector<std::uint32_t> begins;    // of class c: rows[begins[c] .. begins[c + 1])

    std::size_t classes() const { return begins.size() - 1; }
    std::uint32_t size(std::size_t c) const { return begins[c + 1] - begins[c]; }
};

struct Operands {
    Side a, b;
    std::vector<std::unique_ptr<TextDictionary>> texts;  // of each check, for "similar"
};

// `open_a` and `open_b`: rows in ascending order.
Operands prepare(const Plan& plan, const Table& a, std::span<const std::uint32_t> open_a,
                 const Table& b, std::span<const std::uint32_t> open_b, Reservation& memory,
                 StopToken& stop);

}  // namespace recon::match
