// Values to small numbers: equal values, and no others, get the same number.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/match/buffer.hpp"

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
        if (++count_ * 4 > slots_.size() * 3) resize(count_ + count_ / 4);
        return id;
    }

    void prefetch(std::uint64_t hash) const {
        __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hash) & mask_]);
    }
    // The number in the first slot of the hash, to prefetch what it is compared with.
    std::uint32_t first(std::uint64_t hash) const {
        return slots_[static_cast<std::uint32_t>(hash) & mask_].id;
    }
    std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }
    static std::size_t bytes_for(std::size_t expected);

  private:
    struct Slot {
        std::uint32_t tag = 0, id = no_id;
    };
    void resize(std::size_t expected);

    std::vector<Slot> slots_;
    std::size_t mask_ = 0, count_ = 0;
};

// Distinct texts, each stored once; shared by the two tables of a job, so that the numbers of any
// two columns can be compared. Numbers count from 1; 0 is NULL. A text is addressed by 32 bits in
// units of four bytes: 16 GiB of distinct texts are possible (54000 beyond).
class Texts {
  public:
    static std::uint64_t hash(std::string_view text);

    std::uint32_t add(std::string_view text) { return add(text, hash(text)); }
    std::uint32_t add(std::string_view text, std::uint64_t hash);
    void prefetch(std::uint64_t hash) const { table_.prefetch(hash); }

    std::string_view view(std::uint32_t id) const;
    std::size_t size() const { return places_.size(); }  // numbers are 1 to size()
    std::size_t bytes() const;

    // What another process needs to view them: the places, and the chunks, which it may have end to
    // end.
    static constexpr std::size_t unit = 4, chunk_units = 1 << 14, chunk_bytes = unit * chunk_units;
    std::span<const std::uint32_t> places() const { return {places_.data(), places_.size()}; }
    std::span<char* const> chunks() const { return chunks_; }
    // Texts that lie elsewhere, only to be viewed.
    void view_of(std::span<const std::uint32_t> places, const char* chunks, std::size_t count);

  private:
    char* allocate(std::size_t bytes, std::uint32_t& place);

    IdTable table_;
    Buffer<std::uint32_t> places_;  // in units, of a length (base 128) and the bytes
    std::vector<char*> chunks_;     // a text that is larger than a chunk takes several in a row
    std::vector<std::unique_ptr<char[]>> owned_;
    std::size_t used_ = chunk_units;  // of the last chunk, in units
};

}  // namespace recon::match
