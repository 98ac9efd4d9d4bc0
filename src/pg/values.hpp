// Values of a statement's rows as plain data, so that a batch of them costs one call().
#pragma once

#include "core/field/decimal.hpp"
#include "pg/spi.hpp"

namespace recon::pg {

enum class ValueKind : std::uint8_t { text, decimal, date };

struct RawValue {
    bool null = true;
    const char* text = nullptr;  // valid as long as the rows
    int length = 0;
    field::Decimal decimal;  // where text is nullptr
    std::int32_t day = 0;    // date columns
};

// One value wanted of each row: a column, or a key of a jsonb column.
struct WantedValue {
    int column;
    std::string_view key;  // empty: the column itself
    ValueKind kind;        // of the column; of a key: decimal where its numbers are wanted as such
};

// Inside call(): a value that is not NULL, of its column's type. What it needs besides is taken
// from the current memory context.
void read_value(RawValue& value, const WantedValue& wanted, Datum datum);

// Row by row, the wanted values in order. A numeric outside the core's bounds is 22003 in a column
// and NULL in jsonb.
void read_values(const Rows& rows, std::span<const WantedValue> wanted, std::span<RawValue> values);

}  // namespace recon::pg
