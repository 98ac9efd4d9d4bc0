// Readers of a sequence lock see whole values only, and those in order.
#include "core/seqlock.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

struct Value {
    std::uint64_t words[12];
};

Value of(std::uint64_t n) {
    Value value;
    for (std::uint64_t& word : value.words) word = n;
    return value;
}

}  // namespace

TEST(Seqlock, BeginsWithZeros) {
    recon::Seqlock<Value> lock;
    Value value = of(7);
    ASSERT_TRUE(lock.try_read(value));
    for (std::uint64_t word : value.words) EXPECT_EQ(word, 0U);
    lock.write(of(3));
    ASSERT_TRUE(lock.try_read(value));
    for (std::uint64_t word : value.words) EXPECT_EQ(word, 3U);
}

TEST(Seqlock, NeverShowsHalfAValue) {
    constexpr std::uint64_t last = 200000;
    recon::Seqlock<Value> lock;
    std::atomic<std::uint64_t> torn = 0, backwards = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            std::uint64_t newest = 0;
            while (newest != last) {
                Value value;
                if (!lock.try_read(value)) {
                    std::this_thread::yield();
                    continue;
                }
                for (std::uint64_t word : value.words)
                    if (word != value.words[0]) ++torn;
                if (value.words[0] < newest) ++backwards;
                newest = value.words[0];
            }
        });
    for (std::uint64_t n = 1; n <= last; ++n) lock.write(of(n));
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(torn, 0U);
    EXPECT_EQ(backwards, 0U);
}
