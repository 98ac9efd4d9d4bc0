// What a record is known by: its external_id, or without one its content.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ingest/batch.hpp"

namespace recon::ingest {

// XXH3 (128 bits): of the external_id, or of the content. Two records of one source with the same
// key are the same record, or, without an external_id, further occurrences of the same content.
struct RecordKey {
    std::uint64_t high = 0, low = 0;
    std::uint64_t content =
        0;  // XXH3 (64 bits) of the rest of the record; 0 without an external_id

    bool has_external_id = false;
};

// The content is the values, not the bytes: equal numbers are equal however they are written, an
// attribute that is null does not count, and the order of the columns does not matter.
class KeyMaker {
  public:
    // `attribute_keys` as Engine::attribute_keys() has them once the columns are known.
    explicit KeyMaker(std::span<const std::string> attribute_keys);

    RecordKey operator()(const Record& record);
    static RecordKey of_external_id(std::string_view id);  // without content

  private:
    void reserve(const Record& record);
    void append(const void* bytes, std::size_t size) {
        if (size > 0) std::memcpy(end_, bytes, size);
        end_ += size;
    }
    void append(const Cell& cell);
    void append_attributes(const Record& record);

    std::span<const std::string> names_;
    std::vector<std::uint32_t> rank_;  // of each key in the order of the names
    std::vector<const Attribute*> ordered_;
    std::vector<char> buffer_;
    char* end_ = nullptr;  // of what is in the buffer
};

}  // namespace recon::ingest
