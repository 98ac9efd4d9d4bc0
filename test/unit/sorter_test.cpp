#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "core/sorter.hpp"

namespace recon::test {
namespace {

class MemoryFile : public ScratchFile {
  public:
    void append(const void* bytes, std::size_t size) override {
        const char* from = static_cast<const char*>(bytes);
        data.insert(data.end(), from, from + size);
    }
    void read(std::uint64_t offset, void* bytes, std::size_t size) override {
        ASSERT_LE(offset + size, data.size());
        if (size > 0) std::memcpy(bytes, data.data() + offset, size);
    }
    std::vector<char> data;
};

struct Pair {
    std::uint64_t key, value;
    bool operator<(const Pair& other) const {
        return key != other.key ? key < other.key : value < other.value;
    }
};

struct Plain : Pair {};

// Sorted by the first byte at first.
struct Hashed : Pair {
    std::uint64_t radix() const { return key; }
};

template <class Entry>
void check(std::size_t count, std::size_t held, std::uint64_t spread = 1) {
    std::mt19937_64 random(count * 31 + held);
    MemoryFile file;
    Sorter<Entry> sorter(file, held);
    std::vector<Entry> wanted;
    for (std::size_t i = 0; i < count; ++i) {
        Entry pair{{random() % (count / 3 + 1) * spread, i}};
        wanted.push_back(pair);
        sorter.add(pair);
    }
    std::sort(wanted.begin(), wanted.end());
    sorter.sort();
    for (int pass = 0; pass < 2; ++pass) {
        Entry pair;
        for (const Entry& expected : wanted) {
            ASSERT_TRUE(sorter.next(pair));
            ASSERT_EQ(pair.key, expected.key);
            ASSERT_EQ(pair.value, expected.value);
        }
        ASSERT_FALSE(sorter.next(pair));
        sorter.rewind();
    }
    EXPECT_EQ(sorter.count(), count);
}

TEST(Sorter, OfAnySize) {
    for (std::size_t count : {0, 1, 2, 9, 10, 11, 99, 1000, 5000}) check<Plain>(count, 10);
    check<Plain>(5000, 5000);
    check<Plain>(20000, 7);  // more runs than are merged at once
}

TEST(Sorter, ByRadix) {
    check<Hashed>(100, 1000);
    check<Hashed>(100000, 30000, UINT64_MAX / 40000);  // all first bytes
    check<Hashed>(20000, 20000, UINT64_MAX / 7000 / 3);
    check<Hashed>(20000, 9000);  // one first byte for all
}

}  // namespace
}  // namespace recon::test
