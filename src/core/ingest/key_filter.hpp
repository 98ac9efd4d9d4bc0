// Whether a key may have been seen before: a blocked Bloom filter of fixed size (Putze, Sanders &
// Singler 2007, "Cache-, Hash- and Space-Efficient Bloom Filters"). It never forgets a key; the
// more it holds, the more often it is wrong about one that it has not seen.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace recon::ingest {

class KeyFilter {
  public:
    // About one in a thousand unseen keys is taken for seen at a million keys, one in ten at six
    // million.
    static constexpr std::size_t bytes = std::size_t{4} << 20;
    static constexpr std::uint64_t useful_keys = 8'000'000;

    // Zeroed by the system page by page, where a key falls: a small load pays for little of it.
    KeyFilter() : memory_(std::calloc(bytes + sizeof(Block), 1), std::free) {
        if (memory_ == nullptr) throw std::bad_alloc();
        void* start = memory_.get();
        std::size_t space = bytes + sizeof(Block);
        blocks_ = static_cast<Block*>(std::align(sizeof(Block), bytes, start, space));
    }

    // The key's place is asked for soon.
    void prefetch(std::uint64_t high) const { __builtin_prefetch(&block_of(high), 1); }

    // Of the two halves of a well mixed hash. True where the key may have been added before.
    bool add(std::uint64_t high, std::uint64_t low) {
        Block& block = block_of(high);
        bool seen = true;
        for (int i = 0; i < 5; ++i, low >>= 9) {
            std::uint64_t& word = block.words[(low >> 6) & 7];
            std::uint64_t bit = std::uint64_t{1} << (low & 63);
            seen = seen && (word & bit) != 0;
            word |= bit;
        }
        return seen;
    }

    void release() { memory_.reset(); }  // no key is asked for any more

  private:
    struct alignas(64) Block {
        std::array<std::uint64_t, 8> words;
    };
    Block& block_of(std::uint64_t high) const { return blocks_[high % (bytes / sizeof(Block))]; }

    std::unique_ptr<void, decltype(&std::free)> memory_;
    Block* blocks_;
};

}  // namespace recon::ingest
