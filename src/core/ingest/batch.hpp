// What the ingest engine hands to its sink: typed records and rejects, one by one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/field/date.hpp"
#include "core/field/decimal.hpp"

namespace recon::ingest {

// The canonical fields of a record, in the order of their columns in recon.records.
enum class Field : std::uint8_t {
    external_id,
    transaction_date,
    value_date,
    amount,
    currency,
    reference,
    counterparty,
    description,
};
inline constexpr std::size_t field_count = 8;
inline constexpr std::array<std::string_view, field_count> field_names = {
    "external_id", "transaction_date", "value_date",   "amount",
    "currency",    "reference",        "counterparty", "description"};

struct Cell {
    enum class Kind : std::uint8_t { null, text, decimal, date, boolean, timestamp };
    Kind kind = Kind::null;
    bool boolean = false;
    field::Day day = 0;       // date
    std::int64_t micros = 0;  // timestamp: microseconds from 2000-01-01 00:00:00 UTC
    field::Decimal decimal;
    std::string_view text;  // in the server's encoding
};

struct Attribute {
    std::uint32_t key = 0;  // into Engine::attribute_keys()
    Cell value;
};

// Everything a record or a reject views is valid during the call of the sink only.
struct Record {
    std::uint64_t line_no = 0;  // 1-based physical line on which the record starts
    std::uint64_t byte_offset = 0;
    std::array<Cell, field_count> fields;
    std::span<const Attribute> attributes;  // those that are not null
    std::string_view raw;                   // the record's bytes as they came

    const Cell& field(Field which) const { return fields[static_cast<std::size_t>(which)]; }
};

struct Reject {
    std::uint64_t line_no = 0, byte_offset = 0;
    std::string_view column_name;  // empty where the record as a whole is at fault
    const char* code = "";         // SQLSTATE
    std::string_view message;
    std::string_view raw;                                        // the record's bytes as they came
    std::optional<std::string_view> external_id = std::nullopt;  // where it could be read
};

class Sink {
  public:
    virtual ~Sink() = default;
    // In file order. Both may throw; then the load is over.
    virtual void take(const Record& record) = 0;
    virtual void take(const Reject& reject) = 0;
};

// Text as it came, to the server's encoding.
class TextCodec {
  public:
    virtual ~TextCodec() = default;
    // False where the bytes are not valid text. `out` is `raw` itself or lives in `scratch`.
    virtual bool decode(std::string_view raw, std::string& scratch, std::string_view& out) = 0;
    // The other way: what the file has where the server has `text`. False where it cannot have it.
    virtual bool encode(std::string_view text, std::string& raw) {
        raw = text;
        return true;
    }
    // Whether it returns valid UTF-8 as it is, so that a whole record can be checked at once.
    virtual bool keeps_utf8() const { return false; }
    // What comes is UTF-8, whatever the options say: the file has its byte order mark, or is
    // decoded before it comes here.
    virtual void use_utf8() {}
    // The option said "auto", and this is what the file is in, or its byte order mark says.
    virtual void use([[maybe_unused]] const std::string& encoding) {}
};

// Bytes in order; the doors that pull (a server file) implement it.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    virtual std::size_t read(char* buffer, std::size_t size) = 0;  // 0 at the end
};

}  // namespace recon::ingest
