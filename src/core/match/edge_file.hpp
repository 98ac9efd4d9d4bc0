// Candidates that memory does not hold, class by class of A, in scratch files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/match/reservation.hpp"
#include "core/match/row_file.hpp"

namespace recon::match {

struct Edge;

class EdgeFile {
  public:
    // `buffer`: bytes written or read at a time, taken from the budget.
    EdgeFile(ScratchFiles& files, std::size_t buffer, MemoryBudget& budget);

    void append(std::uint32_t a, std::span<const Edge> edges);
    void finish();  // before it is read

    // Calls each(a, count, read) in the order of appending; read(edges) must be called once, and
    // puts the candidates there.
    using Read = std::function<void(Edge*)>;
    void for_each(const std::function<void(std::uint32_t, std::uint32_t, const Read&)>& each);

  private:
    void put(const void* bytes, std::size_t size);
    void get(void* bytes, std::size_t size);

    std::unique_ptr<ScratchFile> file_;
    Reservation memory_;
    std::vector<char> buffer_;
    std::size_t used_ = 0, at_ = 0;           // of the buffer: filled, read
    std::uint64_t written_ = 0, offset_ = 0;  // of the file: bytes in it, bytes read
};

}  // namespace recon::match
