#include "core/match/table.hpp"

#include <algorithm>
#include <array>

namespace recon::match {

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min() + 2;

bool fits(field::int128 value) {
    return value >= least && value <= std::numeric_limits<std::int64_t>::max();
}

}  // namespace

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
    switch (type) {
        case Type::text:
            ids.push_back(0);
            break;
        case Type::decimal:
            if (is_wide)
                wide.push_back(null_wide);
            else
                numbers.push_back(null_number);
            break;
        case Type::date:
            days.push_back(null_day);
            break;
        case Type::timestamp:
            numbers.push_back(null_number);
            break;
    }
}

void Column::add_text(std::string_view value) {
    ids.push_back(texts_->add(value));
}

void Column::add_texts(std::span<const std::string_view> values) {
    constexpr std::size_t group = 16;
    std::array<std::uint64_t, group> hashes{};
    for (std::size_t first = 0; first < values.size(); first += group) {
        std::size_t count = std::min(group, values.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            if (values[first + i].data() == nullptr) continue;
            hashes[i] = Texts::hash(values[first + i]);
            texts_->prefetch(hashes[i]);
        }
        for (std::size_t i = 0; i < count; ++i)
            ids.push_back(values[first + i].data() == nullptr
                              ? 0
                              : texts_->add(values[first + i], hashes[i]));
    }
}

void Column::widen() {
    wide.reserve(numbers.capacity());
    for (std::int64_t number : numbers)
        wide.push_back(number == null_number ? null_wide : field::int128{number});
    numbers = Buffer<std::int64_t>();
    is_wide = true;
}

void Column::raise_scale(int to) {
    auto factor = static_cast<field::int128>(field::power_of_ten(to - scale));
    if (!is_wide && std::any_of(numbers.begin(), numbers.end(), [&](std::int64_t number) {
            return number != null_number && !fits(number * factor);
        }))
        widen();
    if (is_wide) {
        for (field::int128& value : wide)
            if (value != null_wide) value *= factor;
    } else {
        for (std::int64_t& number : numbers)
            if (number != null_number) number *= static_cast<std::int64_t>(factor);
    }
    scale = to;
}

void Column::add_decimal(const field::Decimal& value) {
    if (value.scale > scale) raise_scale(value.scale);
    field::int128 coefficient =
        value.scale == scale ? value.coefficient : field::at_scale(value, scale);
    if (!is_wide && !fits(coefficient)) widen();
    if (is_wide)
        wide.push_back(coefficient);
    else
        numbers.push_back(static_cast<std::int64_t>(coefficient));
}

void Column::add_day(field::Day value) {
    days.push_back(value);
}

void Column::add_micros(std::int64_t value) {
    numbers.push_back(value);
}

void Column::reserve(std::size_t rows) {
    switch (type) {
        case Type::text:
            ids.reserve(rows);
            break;
        case Type::decimal:
            is_wide ? wide.reserve(rows) : numbers.reserve(rows);
            break;
        case Type::date:
            days.reserve(rows);
            break;
        case Type::timestamp:
            numbers.reserve(rows);
            break;
    }
}

std::size_t Column::bytes() const {
    return ids.bytes() + numbers.bytes() + wide.bytes() + days.bytes();
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
