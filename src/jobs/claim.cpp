#include "jobs/claim.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "match/open_records.hpp"

namespace recon::jobs {

namespace {

constexpr std::uint64_t sparse = 4;  // ids of a span, for each that is there

}  // namespace

// The ids of a source are dense, as a rule: then a row's place is that of its id.
RowsById::RowsById(const match::Table& table) : ids_(table.record_ids) {
    if (std::is_sorted(ids_.begin(), ids_.end())) return;
    auto [least, most] = std::minmax_element(ids_.begin(), ids_.end());
    auto span = static_cast<std::uint64_t>(*most) - static_cast<std::uint64_t>(*least);
    if (span / sparse < ids_.size()) {
        constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
        rows_.assign(span + 1, none);
        for (std::uint32_t row = 0; row < ids_.size(); ++row)
            rows_[static_cast<std::size_t>(ids_[row] - *least)] = row;
        rows_.erase(std::remove(rows_.begin(), rows_.end(), none), rows_.end());
        return;
    }
    rows_.resize(ids_.size());
    std::iota(rows_.begin(), rows_.end(), 0u);
    std::sort(rows_.begin(), rows_.end(),
              [&](std::uint32_t x, std::uint32_t y) { return ids_[x] < ids_[y]; });
}

// The first of them with this id or a higher one.
std::size_t RowsById::lower_bound(std::int64_t wanted) const {
    std::size_t low = 0, high = size();
    while (low < high) {
        std::size_t middle = low + (high - low) / 2;
        if (id(middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

std::size_t RowsById::count_between(std::int64_t first, std::int64_t last) const {
    return lower_bound(last + 1) - lower_bound(first);
}

bool Claim::covers(const RowsById& rows) const {
    std::size_t covered = 0;
    for (const Range& range : ranges_) covered += rows.count_between(range.first, range.last);
    return covered == rows.size();
}

void Claim::take_ranges(const RowsById& a, const RowsById& b) {
    std::vector<std::int64_t> wanted;
    pg::Rows rows = spi_.query(
        "SELECT first_id, last_id FROM recon.open_ranges WHERE project_id = $1 AND source_id IN "
        "($2, $3)",
        {pg::bigint(job_.project_id), pg::bigint(job_.source_a), pg::bigint(job_.source_b)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        // One that came after the run had read is none of its business.
        std::int64_t first = rows.bigint(i, 0), last = rows.bigint(i, 1);
        if (a.count_between(first, last) + b.count_between(first, last) > 0)
            wanted.push_back(first);
    }
    spi_.free(rows);
    for_parts(wanted, [&](std::span<const std::int64_t> some) {
        pg::Rows taken = spi_.query(
            "DELETE FROM recon.open_ranges WHERE project_id = $1 AND first_id = ANY ($2) "
            "RETURNING first_id, last_id",
            {pg::bigint(job_.project_id), pg::bigints(some)});
        for (std::uint64_t i = 0; i < taken.size(); ++i)
            ranges_.push_back({taken.bigint(i, 0), taken.bigint(i, 1)});
        spi_.free(taken);
    });
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& x, const Range& y) { return x.first < y.first; });
}

void Claim::take_singles(std::vector<std::int64_t> ids) {
    std::sort(ids.begin(), ids.end());
    for_parts(ids, [&](std::span<const std::int64_t> some) {
        match::take_open_singles(spi_, job_.project_id, some, singles_);
    });
    std::sort(singles_.begin(), singles_.end());
}

}  // namespace recon::jobs
