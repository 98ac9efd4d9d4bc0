// The candidates of a rule as a bipartite graph of classes, component by component.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/match/buffer.hpp"
#include "core/match/edge_file.hpp"
#include "core/match/reservation.hpp"
#include "core/match/union_find.hpp"

namespace recon::match {

// A candidate as its class of A sees it.
struct Edge {
    std::uint32_t b;           // class; once its component was given back, its place there
    std::uint32_t confidence;  // billionths
};

// A connected component: its classes ascending, and how many candidates it has.
struct Component {
    std::span<const std::uint32_t> a, b;
    std::uint64_t candidates = 0;
};

// Takes candidates, joins their classes, and gives them back component by component. Holds 8 bytes
// a candidate, taken from the budget as they come, and 12 bytes a class of A, 4 a class of B; from
// finish() on also 12 a class that has candidates. Where there are files for them, candidates
// beyond a share of the budget go there, and come back for some components at a time, of which the
// largest must fit.
class EdgeStore {
  public:
    EdgeStore(std::size_t classes_a, std::size_t classes_b, MemoryBudget& budget,
              ScratchFiles* files = nullptr);

    // All candidates of a class of A come one after the other.
    void add(std::uint32_t a, std::uint32_t b, std::uint32_t confidence) {
        if (a != last_) begin_class(a);
        if (edges_.size() == edges_.capacity()) grow();
        edges_.push_back({b, confidence});
        ++size_;
        zeros_ = zeros_ || confidence == 0;
    }

    // Ends adding: finds the components. Then next() gives one after the other, in no particular
    // order, and after the last returns false.
    void finish(StopToken& stop);  // which next() asks, too
    bool next(Component& component);

    // Candidates of a class of A.
    std::span<const Edge> of(std::uint32_t a) const {
        return {edges_.data() + (ranges_[a] >> count_bits), count(a)};
    }
    void prefetch(std::uint32_t a) const { __builtin_prefetch(&ranges_[a]); }
    std::uint64_t size() const { return size_; }
    bool has_zeros() const { return zeros_; }  // a candidate of confidence 0 was added

  private:
    struct Ends {
        std::uint32_t a = 0, b = 0;  // counts, then ends in nodes_: its classes of A, then of B
    };
    struct Long {
        std::uint32_t a, count;
    };
    static constexpr unsigned count_bits = 24;
    static constexpr std::uint64_t long_range = (1u << count_bits) - 1;

    void begin_class(std::uint32_t a);
    void end_class();
    void grow();
    void reserve(std::size_t edges);
    std::size_t count(std::uint32_t a) const {
        std::uint64_t count = ranges_[a] & long_range;
        return count == long_range ? long_count(a) : count;
    }
    std::size_t long_count(std::uint32_t a) const;
    void spill();
    void split(const LargeVector<std::uint32_t>& component_of_root, StopCheck& stop);
    void load_batch();

    std::uint32_t shift_;
    Reservation memory_;
    UnionFind joined_;
    Buffer<Edge> edges_;
    LargeVector<std::uint64_t> ranges_;  // of each class of A in edges_: begin, then count
    std::vector<Long> long_;             // counts that have no place there
    std::uint32_t last_;
    std::size_t last_begin_ = 0;
    std::uint64_t size_ = 0;
    bool zeros_ = false;

    LargeVector<std::uint32_t> nodes_;   // classes that have candidates, by component
    std::vector<Ends> ends_;             // of each component
    LargeVector<std::uint32_t> places_;  // of each class of B in its component
    std::size_t at_ = 0;
    StopToken* token_ = nullptr;

    // Consecutive components whose candidates are in memory at a time.
    struct Batch {
        std::size_t end;  // in ends_
        std::uint64_t candidates;
        std::unique_ptr<EdgeFile> file;
    };
    ScratchFiles* files_;
    std::size_t most_held_;  // candidates, where there are files
    std::unique_ptr<EdgeFile> spilled_;
    std::vector<Batch> batches_;
    std::size_t next_batch_ = 0;
};

}  // namespace recon::match
