// What a source knows a record by: its key, and the content that it had.
#pragma once

#include <bit>
#include <cstdint>

namespace recon::ingest {

struct KeyEntry {
    std::uint64_t high = 0, low = 0;
    std::uint64_t content = 0;  // 0: the key is of the content
    std::int64_t record_id = 0;

    bool same_key(const KeyEntry& other) const { return high == other.high && low == other.low; }
    bool key_before(const KeyEntry& other) const {
        return high != other.high ? high < other.high : low < other.low;
    }
    bool operator<(const KeyEntry& other) const {
        return same_key(other) ? record_id < other.record_id : key_before(other);
    }
    bool by_content() const { return content == 0; }

    // In the place of record_id: an external_id that a rejected row has. It comes before its
    // record.
    static constexpr std::int64_t no_record = 0;
    // Added to the record_id of a load's record that is dated in the closed period. So it comes
    // after the load's others of its key, which it cannot be compared with.
    static constexpr std::int64_t closed = std::int64_t{1} << 62;
    bool is_closed() const { return (record_id & closed) != 0; }
    std::int64_t staged_id() const { return record_id & ~closed; }
    bool is_note() const { return record_id == no_record; }
    std::uint64_t radix() const { return high; }  // orders as operator< does, ties aside
};

// As it is stored: the same on every machine, and in the order of its bytes. Its own inverse.
inline KeyEntry big_endian(const KeyEntry& entry) {
    if constexpr (std::endian::native == std::endian::big) return entry;
    return {
        __builtin_bswap64(entry.high), __builtin_bswap64(entry.low),
        __builtin_bswap64(entry.content),
        static_cast<std::int64_t>(__builtin_bswap64(static_cast<std::uint64_t>(entry.record_id)))};
}

// Where entries go, in ascending order.
class KeyOutput {
  public:
    virtual ~KeyOutput() = default;
    virtual void add(const KeyEntry& entry) = 0;
};

}  // namespace recon::ingest
