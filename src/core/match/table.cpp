#include "core/match/table.hpp"

namespace recon::match {

const char* type_name(Type type) {
    switch (type) {
        case Type::text:
            return "text";
        case Type::decimal:
            return "numeric";
        case Type::date:
            return "date";
        case Type::timestamp:
            return "timestamptz";
    }
    return "";
}

void Column::add_null() {
    present.push_back(0);
    switch (type) {
        case Type::text:
            ends.push_back(arena.size());
            break;
        case Type::decimal:
            decimals.push_back(0);
            break;
        case Type::date:
            days.push_back(0);
            break;
        case Type::timestamp:
            micros.push_back(0);
            break;
    }
}

void Column::add_text(std::string_view value) {
    present.push_back(1);
    arena += value;
    ends.push_back(arena.size());
}

void Column::add_decimal(const field::Decimal& value) {
    if (value.scale > scale) {
        auto factor = static_cast<field::int128>(field::power_of_ten(value.scale - scale));
        for (field::int128& coefficient : decimals) coefficient *= factor;
        scale = value.scale;
    }
    present.push_back(1);
    decimals.push_back(field::at_scale(value, scale));
}

void Column::add_day(field::Day value) {
    present.push_back(1);
    days.push_back(value);
}

void Column::add_micros(std::int64_t value) {
    present.push_back(1);
    micros.push_back(value);
}

std::size_t Column::bytes() const {
    return present.capacity() + decimals.capacity() * sizeof(field::int128) +
           days.capacity() * sizeof(field::Day) + micros.capacity() * sizeof(std::int64_t) +
           ends.capacity() * sizeof(std::uint64_t) + arena.capacity();
}

int Table::find(std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<int>(i);
    return -1;
}

std::size_t Table::bytes() const {
    std::size_t sum = record_ids.capacity() * sizeof(std::int64_t);
    for (const Column& column : columns) sum += column.bytes();
    return sum;
}

}  // namespace recon::match
