// One record's raw fields to typed cells, by a bound mapping.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/csv/reader.hpp"
#include "core/ingest/arena.hpp"
#include "core/ingest/batch.hpp"
#include "core/ingest/mapping.hpp"
#include "core/ingest/options.hpp"

namespace recon::ingest {

// Why a record is rejected.
struct Fault {
    const char* code = nullptr;  // SQLSTATE
    std::uint32_t column = 0;    // 0-based
    std::string message;
};

class Converter {
  public:
    // `options` and `codec` outlive it.
    Converter(const Options& options, TextCodec& codec);

    // Of the record whose fields come next: its bytes are checked at once where that is enough, and
    // the texts of the record before it are let go.
    void begin(std::string_view raw);

    // False where the value is at fault; the cell is then undefined. A text views the record's
    // bytes, the mapping or this converter, until the next begin().
    bool convert(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                 Fault& fault);

    // A column's name from the header. Throws Error 22021.
    std::string header_name(const csv::Field& raw, std::size_t number);

  private:
    bool convert_any(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                     Fault& fault);
    // A column's text, decoded; null texts give nothing.
    bool read(const BoundField& field, std::span<const csv::Field> fields, std::uint32_t column,
              std::optional<std::string_view>& text, Fault& fault);
    bool read_joined(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                     Fault& fault);
    bool read_pair(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                   Fault& fault);
    bool parse(const FieldMapping& mapping, std::string_view text, std::uint32_t column, Cell& cell,
               Fault& fault);

    const Options& options_;
    TextCodec& codec_;
    const bool plain_values_;  // no option changes a value on its way
    const bool ascii_delimiter_;
    bool valid_ = false;  // every field of the record is valid text in the server's encoding
    Arena arena_;
    std::string scratch_, joined_;
};

}  // namespace recon::ingest
