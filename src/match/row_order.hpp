// The contract's order of stored records, asked of the server: what it takes to tell two records
// apart is more than the rules read.
#pragma once

#include <functional>

#include "core/match/row_order.hpp"
#include "match/records.hpp"

namespace recon::match {

class StoredOrder final : public RowOrder {
  public:
    // `records` gives the records of a side's source whose rows are sorted; all must outlive this.
    // Sorting takes what it needs from the budget for its time: 48 bytes a row and the bytes of the
    // external ids.
    StoredOrder(pg::Spi& spi, const SourceFields& source_a, const SourceFields& source_b,
                std::function<const Table&(Side)> records, MemoryBudget& budget)
        : spi_(spi),
          source_a_(source_a),
          source_b_(source_b),
          records_(std::move(records)),
          budget_(budget) {}

    void sort_a(std::vector<std::uint32_t>& rows) override {
        sort(source_a_, records_(Side::a), rows);
    }
    void sort_b(std::vector<std::uint32_t>& rows) override {
        sort(source_b_, records_(Side::b), rows);
    }

  private:
    void sort(const SourceFields& source, const Table& table, std::vector<std::uint32_t>& rows);

    pg::Spi& spi_;
    const SourceFields &source_a_, &source_b_;
    std::function<const Table&(Side)> records_;
    MemoryBudget& budget_;
};

}  // namespace recon::match
