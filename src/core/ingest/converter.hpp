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
    // All three outlive it; text goes to the arena.
    Converter(const Options& options, TextCodec& codec, Arena& arena)
        : options_(options), codec_(codec), arena_(arena) {}

    // False where the value is at fault; the cell is then undefined.
    bool convert(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                 Fault& fault);

    // A column's name from the header. Throws Error 22021.
    std::string header_name(const csv::Field& raw, std::size_t number);

  private:
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
    Arena& arena_;
    std::string scratch_, joined_;
};

}  // namespace recon::ingest
