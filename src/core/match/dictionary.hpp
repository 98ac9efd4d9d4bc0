// Values to small numbers: equal values, and no others, get the same number.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

#include "core/field/decimal.hpp"

namespace recon::match {

inline constexpr std::uint32_t no_id = 0xFFFFFFFFu;

// Murmur3's finaliser (A. Appleby): every bit of the input reaches every bit of the hash.
inline std::uint64_t mix(std::uint64_t h) {
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDu;
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53u;
    return h ^ (h >> 33);
}

// Open addressing with linear probing; knows hashes and numbers only, the caller compares the
// values.
class IdTable {
  public:
    explicit IdTable(std::size_t expected = 0) { resize(expected); }

    template <class Same>
    std::uint32_t find(std::uint64_t hash, Same same) const {
        auto tag = static_cast<std::uint32_t>(hash);
        for (std::size_t at = tag & mask_;; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            if (slot.id == no_id) return no_id;
            if (slot.tag == tag && same(slot.id)) return slot.id;
        }
    }

    // The number of the equal value that is there, or `id`, which is then there.
    template <class Same>
    std::uint32_t find_or_insert(std::uint64_t hash, std::uint32_t id, Same same) {
        auto tag = static_cast<std::uint32_t>(hash);
        std::size_t at = tag & mask_;
        for (; slots_[at].id != no_id; at = (at + 1) & mask_)
            if (slots_[at].tag == tag && same(slots_[at].id)) return slots_[at].id;
        slots_[at] = {tag, id};
        if (++count_ * 2 > slots_.size()) resize(count_);
        return id;
    }

    void prefetch(std::uint64_t hash) const {
        __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hash) & mask_]);
    }
    std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

  private:
    struct Slot {
        std::uint32_t tag = 0, id = no_id;
    };
    void resize(std::size_t expected);

    std::vector<Slot> slots_;
    std::size_t mask_ = 0, count_ = 0;
};

// Texts; numbers count from 1, so that 0 is free for NULL.
class TextDictionary {
  public:
    explicit TextDictionary(std::size_t expected) : table_(expected) {}

    static std::uint64_t hash(std::string_view text);
    void prefetch(std::uint64_t hash) const { table_.prefetch(hash); }
    // The bytes are copied where they do not outlive the dictionary.
    std::uint32_t intern(std::string_view text, std::uint64_t hash, bool copy);

    std::string_view text(std::uint32_t id) const { return texts_[id - 1]; }
    std::size_t bytes() const {
        return table_.bytes() + texts_.capacity() * sizeof(std::string_view) + copied_;
    }

  private:
    IdTable table_;
    std::vector<std::string_view> texts_;
    std::pmr::monotonic_buffer_resource arena_;
    std::size_t copied_ = 0;
};

// Numbers up to 128 bits; as above, counted from 1.
class NumberDictionary {
  public:
    explicit NumberDictionary(std::size_t expected) : table_(expected) {}

    std::uint32_t intern(field::int128 value);
    std::size_t bytes() const {
        return table_.bytes() + values_.capacity() * sizeof(field::int128);
    }

  private:
    IdTable table_;
    std::vector<field::int128> values_;
};

}  // namespace recon::match
