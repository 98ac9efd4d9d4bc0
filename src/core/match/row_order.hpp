// The contract's order of records: external_id (C collation, NULLs last), then the content of all
// fields. Tables come in any order; this one is asked for only where it decides, and then for all
// rows concerned at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace recon::match {

class RowOrder {
  public:
    virtual ~RowOrder() = default;
    // Sorts rows of side A or B. Records that are equal in everything come in order of their ids.
    virtual void sort_a(std::vector<std::uint32_t>& rows) = 0;
    virtual void sort_b(std::vector<std::uint32_t>& rows) = 0;
};

// Tables whose rows are in order.
class RowsInOrder final : public RowOrder {
  public:
    void sort_a(std::vector<std::uint32_t>& rows) override { std::sort(rows.begin(), rows.end()); }
    void sort_b(std::vector<std::uint32_t>& rows) override { std::sort(rows.begin(), rows.end()); }
};

}  // namespace recon::match
