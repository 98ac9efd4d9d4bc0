#include "core/match/dictionary.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/error.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace recon::match {

namespace {

std::size_t slots_for(std::size_t expected) {
    return std::bit_ceil(std::max<std::size_t>(expected + expected / 3 + 1, 16));
}

}  // namespace

std::size_t IdTable::bytes_for(std::size_t expected) {
    return slots_for(expected) * sizeof(Slot);
}

void IdTable::resize(std::size_t expected) {
    std::size_t size = slots_for(expected);
    std::vector<Slot> old(size);
    old.swap(slots_);
    mask_ = size - 1;
    for (const Slot& slot : old) {
        if (slot.id == no_id) continue;
        std::size_t at = slot.tag & mask_;
        while (slots_[at].id != no_id) at = (at + 1) & mask_;
        slots_[at] = slot;
    }
}

std::uint64_t Texts::hash(std::string_view text) {
    return XXH3_64bits(text.data(), text.size());
}

std::uint32_t Texts::add(std::string_view text, std::uint64_t hash) {
    auto next = static_cast<std::uint32_t>(places_.size() + 1);
    std::uint32_t id =
        table_.find_or_insert(hash, next, [&](std::uint32_t other) { return view(other) == text; });
    if (id != next) return id;
    unsigned char length[10];
    std::size_t digits = 0;
    for (std::size_t rest = text.size();; rest >>= 7) {
        length[digits++] = static_cast<unsigned char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
        if (rest <= 0x7F) break;
    }
    std::uint32_t place = 0;
    char* bytes = allocate(digits + text.size(), place);
    std::memcpy(bytes, length, digits);
    if (!text.empty()) std::memcpy(bytes + digits, text.data(), text.size());
    places_.push_back(place);
    return id;
}

std::string_view Texts::view(std::uint32_t id) const {
    std::uint32_t place = places_[id - 1];
    const char* bytes = chunks_[place / chunk_units] + place % chunk_units * unit;
    std::size_t length = 0;
    for (int shift = 0;; shift += 7) {
        auto digit = static_cast<unsigned char>(*bytes++);
        length |= std::size_t{digit & 0x7Fu} << shift;
        if (digit < 0x80) return {bytes, length};
    }
}

char* Texts::allocate(std::size_t bytes, std::uint32_t& place) {
    std::size_t units = (bytes + unit - 1) / unit;
    if (used_ + units > chunk_units) {
        std::size_t chunks = (units + chunk_units - 1) / chunk_units;
        if (chunks_.size() + chunks > std::numeric_limits<std::uint32_t>::max() / chunk_units)
            throw Error("54000", "distinct texts of a job exceed 16 GB");
        owned_.push_back(std::make_unique_for_overwrite<char[]>(chunks * chunk_bytes));
        for (std::size_t i = 0; i < chunks; ++i)
            chunks_.push_back(owned_.back().get() + i * chunk_bytes);
        // What is left of the last of several chunks is used; of a single one, from its start.
        place = static_cast<std::uint32_t>((chunks_.size() - chunks) * chunk_units);
        used_ = units - (chunks - 1) * chunk_units;
        return owned_.back().get();
    }
    place = static_cast<std::uint32_t>((chunks_.size() - 1) * chunk_units + used_);
    char* at = chunks_.back() + used_ * unit;
    used_ += units;
    return at;
}

void Texts::view_of(std::span<const std::uint32_t> places, const char* chunks, std::size_t count) {
    places_ = Buffer<std::uint32_t>::view(places);
    for (std::size_t i = 0; i < count; ++i)
        chunks_.push_back(const_cast<char*>(chunks) + i * chunk_bytes);
}

std::size_t Texts::bytes() const {
    return table_.bytes() + places_.bytes() +
           chunks_.size() * (chunk_bytes + sizeof(char*) + sizeof(std::unique_ptr<char[]>));
}

}  // namespace recon::match
