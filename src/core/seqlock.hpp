// A value in shared memory with one writer at a time and any number of readers, and no lock: a
// reader that meets the writer at work tries again (a sequence lock). Memory of zeros is a value of
// zeros.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace recon {

template <class Value>
class Seqlock {
    static_assert(std::is_trivially_copyable_v<Value>);
    using Word = std::uint64_t;
    static_assert(sizeof(Value) % sizeof(Word) == 0);
    static_assert(std::atomic<Word>::is_always_lock_free);  // also between processes
    static constexpr std::size_t size = sizeof(Value) / sizeof(Word);

  public:
    void write(const Value& value) noexcept {
        std::array<Word, size> words;
        std::memcpy(words.data(), &value, sizeof value);
        std::uint64_t version = version_.load(std::memory_order_relaxed);
        version_.store(version + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        for (std::size_t i = 0; i < size; ++i) words_[i].store(words[i], std::memory_order_relaxed);
        version_.store(version + 2, std::memory_order_release);
    }

    // False where it was being written meanwhile.
    [[nodiscard]] bool try_read(Value& value) const noexcept {
        std::array<Word, size> words;
        std::uint64_t version = version_.load(std::memory_order_acquire);
        if ((version & 1) != 0) return false;
        for (std::size_t i = 0; i < size; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (version_.load(std::memory_order_relaxed) != version) return false;
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
        return true;
    }

  private:
    std::atomic<std::uint64_t> version_{0};  // odd while it is being written
    std::array<std::atomic<Word>, size> words_{};
};

}  // namespace recon
