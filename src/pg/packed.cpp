#include "pg/packed.hpp"

#include <numeric>

#include "pg/guard.hpp"

extern "C" {
#include "utils/datetime.h"
}

namespace recon::pg {

void Bytes::grow(std::size_t size) {
    std::size_t capacity = std::max<std::size_t>({1024, size_ + size, capacity_ * 2});
    auto data = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
    data_ = std::move(data);
    capacity_ = capacity;
}

namespace {

// The server's names for these bits are private to numeric.c.
constexpr std::uint16_t numeric_short = 0x8000, short_negative = 0x2000, short_weight_sign = 0x0040,
                        short_weight_mask = 0x003F;
constexpr int short_scale_shift = 7;
// Both bits: not finite; the second alone: negative, in the long form.
constexpr std::uint16_t numeric_special = 0xC000, long_scale_mask = 0x3FFF,
                        short_scale_mask = 0x1F80;

constexpr std::uint64_t small_powers[] = {1, 10, 100, 1000, 10000};

// Digits of base 10,000 of an integer part and a fraction of `scale` decimal digits.
struct Digits {
    std::int16_t digit[12];
    int count = 0;
    int weight = -1;  // of the first, as a power of 10,000
    void push(unsigned value) {
        if (count > 0 || value != 0)
            digit[count++] = static_cast<std::int16_t>(value);
        else
            --weight;
    }
};

template <class Unsigned>
void split(Unsigned integer, Unsigned fraction, int scale, Digits& digits) {
    std::int16_t reversed[6];
    int groups = 0;
    for (; integer != 0; integer /= 10000)
        reversed[groups++] = static_cast<std::int16_t>(integer % 10000);
    digits.weight = groups - 1;
    for (int i = groups - 1; i >= 0; --i) digits.push(static_cast<unsigned>(reversed[i]));
    for (int left = scale; left > 0; left -= 4) {
        if (left <= 4) {
            digits.push(static_cast<unsigned>(fraction) *
                        static_cast<unsigned>(small_powers[4 - left]));
            break;
        }
        auto unit = static_cast<Unsigned>(field::power_of_ten(left - 4));
        digits.push(static_cast<unsigned>(fraction / unit));
        fraction %= unit;
    }
    while (digits.count > 0 && digits.digit[digits.count - 1] == 0) --digits.count;
    if (digits.count == 0) digits.weight = 0;
}

}  // namespace

std::size_t pack_numeric(const field::Decimal& value, char* to) {
    return pack_numeric(field::magnitude(value.coefficient), value.coefficient < 0, value.scale,
                        to);
}

std::size_t pack_numeric(field::uint128 magnitude, bool negative, int scale, char* to) {
    field::uint128 unit = field::power_of_ten(scale);
    Digits digits;
    if (magnitude <= UINT64_MAX) {
        auto small = static_cast<std::uint64_t>(magnitude), one = static_cast<std::uint64_t>(unit);
        split<std::uint64_t>(small / one, small % one, scale, digits);
    } else {
        split<field::uint128>(magnitude / unit, magnitude % unit, scale, digits);
    }
    unsigned header = numeric_short | static_cast<unsigned>(scale) << short_scale_shift |
                      (static_cast<unsigned>(digits.weight) & short_weight_mask);
    if (digits.weight < 0) header |= short_weight_sign;
    if (negative) header |= short_negative;
    auto packed = static_cast<std::uint16_t>(header);
    std::memcpy(to, &packed, sizeof packed);
    std::size_t length = sizeof(std::int16_t) * static_cast<std::size_t>(digits.count);
    std::memcpy(to + sizeof packed, digits.digit, length);
    return sizeof packed + length;
}

bool unpack_numeric(const char* from, std::size_t size, field::Decimal& value) {
    std::uint16_t header;
    if (size < sizeof header) return false;
    std::memcpy(&header, from, sizeof header);
    from += sizeof header;
    size -= sizeof header;
    if ((header & numeric_special) == numeric_special) return false;
    bool negative;
    int weight, scale;
    if ((header & numeric_short) != 0) {
        negative = (header & short_negative) != 0;
        scale = (header & short_scale_mask) >> short_scale_shift;
        weight = header & short_weight_mask;
        if ((header & short_weight_sign) != 0) weight |= ~static_cast<int>(short_weight_mask);
    } else {
        std::int16_t long_weight;
        if (size < sizeof long_weight) return false;
        std::memcpy(&long_weight, from, sizeof long_weight);
        from += sizeof long_weight;
        size -= sizeof long_weight;
        negative = (header & numeric_special) != 0;
        scale = header & long_scale_mask;
        weight = long_weight;
    }
    int count = static_cast<int>(size / sizeof(std::int16_t));
    int fraction = (scale + 3) / 4;  // groups of four digits after the point
    int groups = std::max(weight, -1) + 1 + fraction;
    constexpr int most_groups = 9;  // 36 digits
    if (scale > field::max_scale || weight >= 5 || groups > most_groups ||
        count > weight + 1 + fraction)
        return false;
    field::uint128 magnitude = 0;
    std::uint64_t low = 0;
    int at = weight;  // power of 10,000 of the next group
    for (int i = 0; i < count; ++i, --at) {
        std::int16_t digit;
        std::memcpy(&digit, from + static_cast<std::size_t>(i) * sizeof digit, sizeof digit);
        if (groups <= 4)
            low = low * 10000 + static_cast<std::uint64_t>(digit);
        else
            magnitude = magnitude * 10000 + static_cast<field::uint128>(digit);
    }
    if (groups <= 4) magnitude = low;
    int left =
        4 * (at + 1) + scale;  // decimal digits of the scale that were not stored, or too many
    if (left >= 0)
        magnitude *= field::power_of_ten(left);
    else
        magnitude /= field::power_of_ten(-left);
    auto coefficient = static_cast<field::int128>(magnitude);
    value = {negative ? -coefficient : coefficient, scale};
    return true;
}

ObjectPacker::ObjectPacker(std::span<const std::string> keys) : keys_(keys), rank_(keys.size()) {
    std::vector<std::uint32_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0u);
    // Shorter keys first, as jsonb compares them.
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (keys[a].size() != keys[b].size()) return keys[a].size() < keys[b].size();
        return keys[a] < keys[b];
    });
    for (std::uint32_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
}

namespace {

// ISO 8601 whatever DateStyle and TimeZone say, as to_jsonb writes it.
void append_time(const ingest::Cell& cell, Bytes& out) {
    char buffer[MAXDATELEN + 1];
    call([&] {
        int zone = 0;
        if (cell.kind == ingest::Cell::Kind::date)
            JsonEncodeDateTime(buffer, DateADTGetDatum(cell.day), DATEOID, nullptr);
        else
            JsonEncodeDateTime(buffer, TimestampTzGetDatum(cell.micros), TIMESTAMPTZOID, &zone);
    });
    out.append(buffer, std::strlen(buffer));
}

// The value's bytes to `out`; returns its type bits.
JEntry append_value(const ingest::Cell& cell, Bytes& out) {
    switch (cell.kind) {
        case ingest::Cell::Kind::boolean:
            return cell.boolean ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
        case ingest::Cell::Kind::decimal: {
            out.align(sizeof(std::int32_t));
            std::size_t at = out.size();
            out.extend(VARHDRSZ + largest_packed_numeric);
            std::size_t length = pack_numeric(cell.decimal, out.data() + at + VARHDRSZ);
            SET_VARSIZE(out.data() + at, VARHDRSZ + length);
            out.resize(at + VARHDRSZ + length);
            return JENTRY_ISNUMERIC;
        }
        case ingest::Cell::Kind::date:
        case ingest::Cell::Kind::timestamp:
            append_time(cell, out);
            return JENTRY_ISSTRING;
        case ingest::Cell::Kind::text:
            out.append(cell.text.data(), cell.text.size());
            return JENTRY_ISSTRING;
        case ingest::Cell::Kind::null:
            break;
    }
    return JENTRY_ISNULL;
}

}  // namespace

void ObjectPacker::pack(std::span<const ingest::Attribute> members, Bytes& out) {
    ordered_.clear();
    for (const ingest::Attribute& member : members) ordered_.push_back(&member);
    if (ordered_.size() > 1)
        std::sort(ordered_.begin(), ordered_.end(),
                  [&](const ingest::Attribute* a, const ingest::Attribute* b) {
                      return rank_[a->key] < rank_[b->key];
                  });
    std::size_t pairs = members.size();
    std::uint32_t header = static_cast<std::uint32_t>(pairs) | JB_FOBJECT;
    out.append(&header, sizeof header);
    std::size_t entries = out.size(), entry = 0;
    out.extend(2 * pairs * sizeof(JEntry));
    std::size_t data = out.size(), before = data;
    auto end_entry = [&](JEntry type) {
        std::size_t length = out.size() - before, total = out.size() - data;
        if (total > JENTRY_OFFLENMASK)
            throw Error(sqlstate::program_limit_exceeded, "attributes are too large");
        JEntry made = type | static_cast<JEntry>(length);
        if (entry % JB_OFFSET_STRIDE == 0)
            made = type | static_cast<JEntry>(total) | JENTRY_HAS_OFF;
        std::memcpy(out.data() + entries + entry * sizeof(JEntry), &made, sizeof made);
        ++entry;
        before = out.size();
    };
    for (const ingest::Attribute* member : ordered_) {
        const std::string& key = keys_[member->key];
        out.append(key.data(), key.size());
        end_entry(JENTRY_ISSTRING);
    }
    for (const ingest::Attribute* member : ordered_) end_entry(append_value(member->value, out));
}

}  // namespace recon::pg
