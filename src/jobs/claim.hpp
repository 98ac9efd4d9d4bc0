// The open rows of the records that a run has read, taken from recon.open_ranges and
// recon.open_singles, where only one transaction can delete a row. A range is taken whole: what is
// left of it comes back as single rows.
#pragma once

#include "jobs/job.hpp"

namespace recon::jobs {

// The rows of a table in order of their record ids.
class RowsById {
  public:
    explicit RowsById(const match::Table& table);

    std::size_t size() const { return ids_.size(); }
    std::size_t row(std::size_t i) const { return rows_.empty() ? i : rows_[i]; }
    std::int64_t id(std::size_t i) const { return ids_[row(i)]; }
    std::size_t count_between(std::int64_t first, std::int64_t last) const;

  private:
    std::size_t lower_bound(std::int64_t id) const;

    const std::vector<std::int64_t>& ids_;
    std::vector<std::uint32_t> rows_;  // empty where the table is in this order
};

// Statements take ids in arrays of a bounded size.
template <class F>
void for_parts(const std::vector<std::int64_t>& ids, F&& function) {
    constexpr std::size_t most = 500'000;
    for (std::size_t from = 0; from < ids.size(); from += most)
        function(std::span(ids.data() + from, std::min(most, ids.size() - from)));
}

class Claim {
  public:
    Claim(pg::Spi& spi, const Job& job) : spi_(spi), job_(job) {}

    // First the ranges that have records of the run, then the single rows of these ids.
    void take_ranges(const RowsById& a, const RowsById& b);
    void take_singles(std::vector<std::int64_t> ids);

    // Whether all of these were in the ranges taken.
    bool covers(const RowsById& rows) const;

    // Whether the run got this record, of those taken.
    bool has(std::int64_t id) const {
        return in_range(id) || std::binary_search(singles_.begin(), singles_.end(), id);
    }

    // Whether it was in a range that this run took.
    bool in_range(std::int64_t id) const {
        auto after = std::upper_bound(
            ranges_.begin(), ranges_.end(), id,
            [](std::int64_t wanted, const Range& range) { return wanted < range.first; });
        return after != ranges_.begin() && id <= std::prev(after)->last;
    }

  private:
    struct Range {
        std::int64_t first, last;
    };

    pg::Spi& spi_;
    const Job& job_;
    std::vector<Range> ranges_;          // ascending
    std::vector<std::int64_t> singles_;  // ascending
};

}  // namespace recon::jobs
