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

void KeyMaker::append(const Cell& cell) {
    buffer_.push_back(static_cast<char>(cell.kind));
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
            buffer_.push_back(static_cast<char>(value.scale));
            return;
        }
        case Cell::Kind::date:
            append(&cell.day, sizeof cell.day);
            return;
        case Cell::Kind::boolean:
            buffer_.push_back(static_cast<char>(cell.boolean));
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

RecordKey KeyMaker::operator()(const Record& record) {
    buffer_.clear();
    for (std::size_t i = 1; i < field_count; ++i) append(record.fields[i]);
    append_attributes(record);
    RecordKey key;
    const Cell& id = record.field(Field::external_id);
    XXH128_hash_t hash;
    if (id.kind == Cell::Kind::text) {
        hash = XXH3_128bits_withSeed(id.text.data(), id.text.size(), external_id_seed);
        key.content = XXH3_64bits(buffer_.data(), buffer_.size());
        key.has_external_id = true;
    } else {
        hash = XXH3_128bits_withSeed(buffer_.data(), buffer_.size(), content_seed);
    }
    key.high = hash.high64;
    key.low = hash.low64;
    return key;
}

}  // namespace recon::ingest
