// The contract's order of stored records, asked of the server: what it takes to tell two records
// apart is more than the rules read.
#pragma once

#include "core/match/row_order.hpp"
#include "match/records.hpp"

namespace recon::match {

class StoredOrder final : public RowOrder {
  public:
    // The set holds records of the sources; all must outlive this. Sorting takes what it needs
    // from the budget for its time: 48 bytes a row and the bytes of the external ids.
    StoredOrder(pg::Spi& spi, const SourceFields& source_a, const SourceFields& source_b,
                const WorkingSet& set, MemoryBudget& budget)
        : spi_(spi), source_a_(source_a), source_b_(source_b), set_(set), budget_(budget) {}

    void sort_a(std::vector<std::uint32_t>& rows) override {
        sort(source_a_, set_.a.records(), rows);
    }
    void sort_b(std::vector<std::uint32_t>& rows) override {
        sort(source_b_, set_.b.records(), rows);
    }

  private:
    void sort(const SourceFields& source, const Table& table, std::vector<std::uint32_t>& rows);

    pg::Spi& spi_;
    const SourceFields &source_a_, &source_b_;
    const WorkingSet& set_;
    MemoryBudget& budget_;
};

}  // namespace recon::match
