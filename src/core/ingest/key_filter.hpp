// Whether a key may have been seen before: a blocked Bloom filter of fixed size (Putze, Sanders &
// Singler 2007, "Cache-, Hash- and Space-Efficient Bloom Filters"). It never forgets a key; the
// more it holds, the more often it is wrong about one that it has not seen.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace recon::ingest {

class KeyFilter {
  public:
    // About one in a thousand unseen keys is taken for seen at a million keys, one in ten at six
    // million.
    static constexpr std::size_t bytes = std::size_t{4} << 20;
    static constexpr std::uint64_t useful_keys = 8'000'000;

    KeyFilter() : blocks_(bytes / sizeof(Block)) {}

    // Of the two halves of a well mixed hash. True where the key may have been added before.
    bool add(std::uint64_t high, std::uint64_t low) {
        Block& block = blocks_[high % blocks_.size()];
        bool seen = true;
        for (int i = 0; i < 5; ++i, low >>= 9) {
            std::uint64_t& word = block.words[(low >> 6) & 7];
            std::uint64_t bit = std::uint64_t{1} << (low & 63);
            seen = seen && (word & bit) != 0;
            word |= bit;
        }
        return seen;
    }

  private:
    struct alignas(64) Block {
        std::array<std::uint64_t, 8> words{};
    };
    std::vector<Block> blocks_;
};

}  // namespace recon::ingest
