// Read-only work in numbered pieces, shared with PostgreSQL's parallel workers (access/parallel.h).
// Workers inherit the transaction with what it wrote, the snapshot, the user with his security
// context, and the settings. The leader takes part; where no workers can be had it does all alone.
//
//   RECON_PARALLEL(recon_read_pieces) {              // in each worker
//       Reader reader(share.input());
//       while (auto piece = share.next()) share.deliver(*piece, reader.read(*piece).parts());
//   }
//
//   pg::ParallelPieces pieces("recon_read_pieces", count, input, workers, budget);
//   while (auto piece = pieces.next()) own[*piece] = reader.read(*piece);    // in the leader
//   ... pieces.result(i), in the order of the pieces: so the outcome is the same whoever did what
//
// While a ParallelPieces with workers lives nothing can be written and no subtransaction begun. An
// error in a worker arrives in the leader, with SQLSTATE, DETAIL and HINT, where that serves
// interrupts; the abort, of a subtransaction too, ends workers and frees the shared memory. A
// worker asks its own pg::Interrupts, as the leader does.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "access/parallel.h"
#include "utils/dsa.h"
}

// Defines what a worker runs for the pieces of that name: `share` is its WorkerShare.
#define RECON_PARALLEL(name)                                   \
    static void name##_body(recon::pg::WorkerShare& share);    \
    extern "C" {                                               \
    PGDLLEXPORT void name(dsm_segment* segment, shm_toc* toc); \
    void name(dsm_segment* segment, shm_toc* toc) {            \
        recon::pg::enter_worker(segment, toc, name##_body);    \
    }                                                          \
    }                                                          \
    static void name##_body([[maybe_unused]] recon::pg::WorkerShare& share)

namespace recon::pg {

// Bytes of trivially copyable things; parts of an input or a result begin at multiples of 16.
using Bytes = std::span<const std::byte>;

template <class T>
Bytes bytes_of_items(const T& items) {
    return std::as_bytes(std::span(items));
}
template <class T>
std::span<const T> items_of(Bytes bytes) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

struct ParallelState;  // in the shared memory of one ParallelPieces

class WorkerShare {
  public:
    WorkerShare(ParallelState* state, dsa_area* area, Bytes input);

    const std::vector<Bytes>& input() const { return input_; }
    MemoryBudget& budget() { return budget_; }  // the leader's: both count in it

    std::uint32_t pieces() const;

    // The next piece that nobody has taken.
    std::optional<std::uint32_t> next();

    // Copies the result of a piece for the leader. Where shared memory or the budget is too short
    // for it, the leader does that piece again.
    void deliver(std::uint32_t piece, std::span<const Bytes> parts);

  private:
    ParallelState* state_;
    dsa_area* area_;
    std::vector<Bytes> input_;
    MemoryBudget budget_;
};

using WorkerBody = void (*)(WorkerShare& share);
void enter_worker(dsm_segment* segment, shm_toc* toc, WorkerBody body);

class ParallelPieces {
  public:
    // `input` is copied for the workers, where there are any; `workers` is the most that are asked
    // for, none where shared memory or the budget is too short. The copy and results count in
    // `budget` until this ends.
    ParallelPieces(const char* entry, std::uint32_t pieces, std::span<const Bytes> input,
                   int workers, MemoryBudget& budget);
    ~ParallelPieces();
    ParallelPieces(const ParallelPieces&) = delete;
    ParallelPieces& operator=(const ParallelPieces&) = delete;

    // The next piece that nobody has taken. After the last, waits for the workers, and gives out
    // what they could not deliver.
    std::optional<std::uint32_t> next();

    // Pieces taken so far, by anybody.
    std::uint32_t taken() const;

    // Once next() has given out all: what a worker delivered, until it is released or this ends;
    // empty for pieces of the leader.
    std::vector<Bytes> result(std::uint32_t piece) const;
    void release(std::uint32_t piece);

    int workers() const { return context_ == nullptr ? 0 : context_->nworkers_launched; }

  private:
    void launch(const char* entry, std::span<const Bytes> input, int workers);

    std::uint32_t pieces_, next_ = 0;
    std::vector<bool> own_;
    MemoryBudget& budget_;
    std::size_t input_size_ = 0;
    bool in_parallel_mode_ = false, finished_ = false;
    ParallelContext* context_ = nullptr;
    ParallelState* state_ = nullptr;
    dsa_area* area_ = nullptr;
    int exceptions_ = std::uncaught_exceptions();
};

// How many workers to ask for: recon.parallel_workers, as far as max_parallel_workers and the
// processors of the machine go; 0 within parallel work.
int parallel_workers();

}  // namespace recon::pg
