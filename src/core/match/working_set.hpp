// The open records of a job's two sides: in memory where they leave enough of it for matching, else
// in scratch files, of which matching reads parts.
#pragma once

#include <memory>

#include "core/match/reservation.hpp"
#include "core/match/row_file.hpp"

namespace recon::match {

class WorkingSet {
  public:
    WorkingSet(MemoryBudget& budget, ScratchFiles& files);

    // One side.
    class Part {
      public:
        // To be filled; its columns are added before the first row.
        Table& filling() { return rows_; }
        // Of all rows, at least what is always in memory: their record ids.
        const Table& records() const { return file_ ? kept_ : rows_; }
        std::size_t size() const { return records().rows(); }
        const Table& table() const { return rows_; }  // all rows, where they are in memory
        // Where they are not: a file of at least those that are open, numbered as all are.
        const RowFile& file() const { return open_ ? *open_ : *file_; }
        Table shape(std::shared_ptr<Texts> texts) const;  // a table without rows for such rows

      private:
        friend class WorkingSet;
        void move_to_file(ScratchFiles& files, StopToken& stop);
        void forget(std::shared_ptr<Texts> texts);

        Table rows_, kept_;
        std::unique_ptr<RowFile> file_, open_;
    };
    Part a, b;

    // To be called after some rows were added: takes their memory from the budget, or moves them
    // out of it.
    void settle(StopToken& stop);
    // Ends filling.
    void finish(StopToken& stop);

    bool in_memory() const { return a.file_ == nullptr; }
    void move_to_files(StopToken& stop);  // also later, where matching finds no memory

    // Where most rows of a part in a file are matched, they are not read again: its file is then
    // one of the others.
    void leave_out(Part& part, const std::vector<std::uint8_t>& matched, StopToken& stop);

    // Of all rows of a part, at the end: ids, and the column "amount" where there is one.
    Table take_records(Part& part, StopToken& stop);

  private:
    std::size_t held() const;

    ScratchFiles& files_;
    Reservation memory_;
    std::size_t limit_, taken_ = 0;
};

}  // namespace recon::match
