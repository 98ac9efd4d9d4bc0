// Memoized values, in shared memory of a fixed size. They are read without a lock: what is being
// written meanwhile is a miss.
#pragma once

#include <vector>

#include "core/memo/versions.hpp"
#include "memo/keys.hpp"

namespace recon::memo::entries {

// What a value answers. Equal ones have equal bytes.
struct Question {
    Oid database = InvalidOid, function = InvalidOid;
    std::int64_t argument = 0;
    std::uint64_t shape = 0;  // of its rows
    bool operator==(const Question&) const = default;
};

struct Entry {
    Version version;
    std::int64_t stored_ms = 0;  // by pg::coarse_milliseconds()
    std::vector<std::uint64_t> words;
    std::uint32_t bytes = 0;  // of these
};

constexpr std::size_t largest = 64 * 1024;  // bytes of a value

void reserve();  // from _PG_init: its shared memory
bool available();

// False where there is none.
bool read(const Question& question, Entry& entry);
// In place of one whose snapshot saw no more; others give way where there is no room. Returns how
// many did. Neither waits for a reader.
std::uint32_t write(const Question& question, const Entry& entry) noexcept;

// Values stored before are no more read.
void reset() noexcept;
std::uint64_t epoch() noexcept;  // how often that was done

struct Usage {
    std::uint64_t entries = 0, bytes = 0;
};
Usage usage(Oid function);                  // in this database
std::uint64_t bytes_used(), bytes_limit();  // of the memory for values, in all

}  // namespace recon::memo::entries
