// The contract's order of stored records, asked of the server: what it takes to tell two records
// apart is more than the rules read.
#pragma once

#include "core/limits.hpp"
#include "core/match/row_order.hpp"
#include "core/match/table.hpp"
#include "pg/spi.hpp"

namespace recon::match {

class StoredOrder final : public RowOrder {
  public:
    // The tables hold records of the project; all must outlive this. Sorting takes 16 bytes a row
    // from the budget for its time.
    StoredOrder(pg::Spi& spi, std::int64_t project_id, const Table& a, const Table& b,
                MemoryBudget& budget)
        : spi_(spi), project_id_(project_id), a_(a), b_(b), budget_(budget) {}

    void sort_a(std::vector<std::uint32_t>& rows) override { sort(a_, rows); }
    void sort_b(std::vector<std::uint32_t>& rows) override { sort(b_, rows); }

  private:
    void sort(const Table& table, std::vector<std::uint32_t>& rows);

    pg::Spi& spi_;
    std::int64_t project_id_;
    const Table &a_, &b_;
    MemoryBudget& budget_;
};

}  // namespace recon::match
