// Classes that have a candidate, in order of their first one.
#pragma once

#include <cstdint>
#include <span>

#include "core/match/index.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

inline std::span<const std::uint32_t> rows_of(const Side& side, std::size_t c) {
    return std::span(side.rows).subspan(side.begins[c], side.size(c));
}

// Classes of a part get their numbers among those of all parts when they are first in a candidate.
class Numbering {
  public:
    // `numbers`: those of the part's rows; empty where they are the rows themselves.
    Numbering(Side& all, const Side& part, std::span<const std::uint32_t> numbers,
              Reservation& memory)
        : all_(all), part_(part), numbers_(numbers), memory_(memory) {}

    std::uint32_t add(std::uint32_t c) {
        std::size_t before = all_.rows.capacity() + all_.begins.capacity();
        for (std::uint32_t row : rows_of(part_, c)) all_.rows.push_back(number(row));
        all_.begins.push_back(static_cast<std::uint32_t>(all_.rows.size()));
        memory_.take((all_.rows.capacity() + all_.begins.capacity() - before) *
                     sizeof(std::uint32_t));
        return static_cast<std::uint32_t>(all_.classes() - 1);
    }
    std::uint32_t first_row(std::uint32_t c) const { return number(part_row(c)); }
    std::uint32_t part_row(std::uint32_t c) const { return part_.rows[part_.begins[c]]; }

  private:
    std::uint32_t number(std::uint32_t row) const { return numbers_.empty() ? row : numbers_[row]; }

    Side& all_;
    const Side& part_;
    std::span<const std::uint32_t> numbers_;
    Reservation& memory_;
};

}  // namespace recon::match
