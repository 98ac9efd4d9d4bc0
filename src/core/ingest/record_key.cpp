#include "core/ingest/record_key.hpp"

#include <algorithm>
#include <numeric>

#include <xxhash.h>

namespace recon::ingest {

namespace {

// Different seeds: an external_id never looks like a content.
constexpr XXH64_hash_t external_id_seed = 1, content_seed = 2;

// Without zeros at the end of the fraction: 1.50 is 1.5.
void normalise(field::Decimal& value) {
    if (value.coefficient == static_cast<std::int64_t>(value.coefficient)) {
        auto small = static_cast<std::int64_t>(value.coefficient);
        for (; value.scale > 0 && small % 10 == 0; --value.scale) small /= 10;
        value.coefficient = small;
        return;
    }
    for (; value.scale > 0 && value.coefficient % 10 == 0; --value.scale) value.coefficient /= 10;
}

}  // namespace

KeyMaker::KeyMaker(std::span<const std::string> attribute_keys)
    : names_(attribute_keys), rank_(attribute_keys.size()) {
    std::vector<std::uint32_t> order(names_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return names_[a] < names_[b]; });
    for (std::uint32_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
}

// Room for whatever the record's values come to.
void KeyMaker::reserve(const Record& record) {
    constexpr std::size_t around_value = 32;
    std::size_t most = (field_count + 2 * record.attributes.size()) * around_value;
    for (const Cell& cell : record.fields)
        if (cell.kind == Cell::Kind::text) most += cell.text.size();
    for (const Attribute& attribute : record.attributes) {
        most += names_[attribute.key].size();
        if (attribute.value.kind == Cell::Kind::text) most += attribute.value.text.size();
    }
    if (buffer_.size() < most) buffer_.resize(most);
    end_ = buffer_.data();
}

void KeyMaker::append(const Cell& cell) {
    *end_++ = static_cast<char>(cell.kind);
    switch (cell.kind) {
        case Cell::Kind::null:
            return;
        case Cell::Kind::text: {
            auto length = static_cast<std::uint32_t>(cell.text.size());
            append(&length, sizeof length);
            append(cell.text.data(), cell.text.size());
            return;
        }
        case Cell::Kind::decimal: {
            field::Decimal value = cell.decimal;
            normalise(value);
            append(&value.coefficient, sizeof value.coefficient);
            *end_++ = static_cast<char>(value.scale);
            return;
        }
        case Cell::Kind::date:
            append(&cell.day, sizeof cell.day);
            return;
        case Cell::Kind::boolean:
            *end_++ = static_cast<char>(cell.boolean);
            return;
        case Cell::Kind::timestamp:
            append(&cell.micros, sizeof cell.micros);
            return;
    }
}

void KeyMaker::append_attributes(const Record& record) {
    ordered_.clear();
    for (const Attribute& attribute : record.attributes) ordered_.push_back(&attribute);
    if (ordered_.size() > 1)
        std::sort(ordered_.begin(), ordered_.end(), [&](const Attribute* a, const Attribute* b) {
            return rank_[a->key] < rank_[b->key];
        });
    for (const Attribute* attribute : ordered_) {
        const std::string& name = names_[attribute->key];
        auto length = static_cast<std::uint32_t>(name.size());
        append(&length, sizeof length);
        append(name.data(), name.size());
        append(attribute->value);
    }
}

RecordKey KeyMaker::of_external_id(std::string_view id) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(id.data(), id.size(), external_id_seed);
    RecordKey key;
    key.high = hash.high64;
    key.low = hash.low64;
    key.has_external_id = true;
    return key;
}

RecordKey KeyMaker::operator()(const Record& record) {
    reserve(record);
    for (std::size_t i = 1; i < field_count; ++i) append(record.fields[i]);
    append_attributes(record);
    auto size = static_cast<std::size_t>(end_ - buffer_.data());
    RecordKey key;
    const Cell& id = record.field(Field::external_id);
    if (id.kind == Cell::Kind::text) {
        key = of_external_id(id.text);
        key.content = XXH3_64bits(buffer_.data(), size);
        return key;
    }
    XXH128_hash_t hash = XXH3_128bits_withSeed(buffer_.data(), size, content_seed);
    key.high = hash.high64;
    key.low = hash.low64;
    return key;
}

}  // namespace recon::ingest
