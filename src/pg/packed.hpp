// Values in the form in which the server stores them, made without a call of the server: the short
// form of numeric (utils/adt/numeric.c), and jsonb objects of scalars (utils/jsonb.h). Both are
// on-disk formats, unchanged since PostgreSQL 9.4; sql/packed_values.sql holds them to what
// numeric_in and jsonb_in make.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/server.hpp"

namespace recon::pg {

// Bytes that grow at their end; their beginning is aligned as the server wants it.
class Bytes {
  public:
    char* extend(std::size_t size) {
        if (size > capacity_ - size_) grow(size);
        char* at = data_.get() + size_;
        size_ += size;
        return at;
    }
    void append(const void* from, std::size_t size) {
        if (size > 0) std::memcpy(extend(size), from, size);
    }
    // Zeros up to a multiple of `alignment`.
    void align(std::size_t alignment) {
        std::size_t padding = (alignment - size_ % alignment) % alignment;
        if (padding > 0) std::memset(extend(padding), 0, padding);
    }
    void resize(std::size_t size) {
        if (size > size_)
            extend(size - size_);
        else
            size_ = size;
    }
    // Lets go of a large block that one large value needed.
    void clear() {
        size_ = 0;
        if (capacity_ > largest_kept) {
            data_.reset();
            capacity_ = 0;
        }
    }
    char* data() { return data_.get(); }
    const char* data() const { return data_.get(); }
    std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t largest_kept = std::size_t{2} << 20;
    void grow(std::size_t size);

    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0, capacity_ = 0;
};

// Largest numeric that a Decimal makes, without its varlena header.
inline constexpr std::size_t largest_packed_numeric = 2 + 2 * 11;

// Writes the value at `to`, which is aligned to 2 bytes; returns its length.
std::size_t pack_numeric(const field::Decimal& value, char* to);
// The same for magnitude / 10^scale, below 10^39 / 10^scale.
std::size_t pack_numeric(field::uint128 magnitude, bool negative, int scale, char* to);

// The value of a numeric without its varlena header. False where it is not finite, or has so many
// digits that numeric_out must tell.
bool unpack_numeric(const char* from, std::size_t size, field::Decimal& value);

// jsonb objects with a fixed set of keys.
class ObjectPacker {
  public:
    explicit ObjectPacker(std::span<const std::string> keys);

    // The jsonb value without its varlena header, at the end of `out`, whose size is a multiple of
    // 4. `members` are not null, of different keys, and their texts in the server's encoding.
    // Throws Error 54000 beyond 256 MiB.
    void pack(std::span<const ingest::Attribute> members, Bytes& out);

  private:
    std::span<const std::string> keys_;
    std::vector<std::uint32_t> rank_;  // of each key in jsonb's order
    std::vector<const ingest::Attribute*> ordered_;
};

}  // namespace recon::pg
