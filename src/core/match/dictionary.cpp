#include "core/match/dictionary.hpp"

#include <algorithm>
#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace recon::match {

void IdTable::resize(std::size_t expected) {
    std::size_t size = std::bit_ceil(std::max<std::size_t>(expected * 2 + 1, 16));
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

std::uint64_t TextDictionary::hash(std::string_view text) {
    return XXH3_64bits(text.data(), text.size());
}

std::uint32_t TextDictionary::intern(std::string_view text, std::uint64_t hash, bool copy) {
    auto next = static_cast<std::uint32_t>(texts_.size() + 1);
    std::uint32_t id = table_.find_or_insert(
        hash, next, [&](std::uint32_t other) { return texts_[other - 1] == text; });
    if (id != next) return id;
    if (copy && !text.empty()) {
        auto* bytes = static_cast<char*>(arena_.allocate(text.size(), 1));
        std::memcpy(bytes, text.data(), text.size());
        text = std::string_view(bytes, text.size());
        copied_ += text.size();
    }
    texts_.push_back(copy && text.empty() ? std::string_view("") : text);
    return id;
}

std::uint32_t NumberDictionary::intern(field::int128 value) {
    auto bits = static_cast<field::uint128>(value);
    std::uint64_t hash =
        mix(static_cast<std::uint64_t>(bits) ^ mix(static_cast<std::uint64_t>(bits >> 64)));
    auto next = static_cast<std::uint32_t>(values_.size() + 1);
    std::uint32_t id = table_.find_or_insert(
        hash, next, [&](std::uint32_t other) { return values_[other - 1] == value; });
    if (id == next) values_.push_back(value);
    return id;
}

}  // namespace recon::match
