#include "core/field/latin_map.hpp"

#include <cstring>

#include "core/error.hpp"

namespace recon::field {

LatinMap::LatinMap(void (*map)(std::string&)) {
    for (std::size_t c = 0; c < characters; ++c) {
        std::string text;
        if (c < 0x80) {
            text = static_cast<char>(c);
        } else {
            text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
        }
        map(text);
        Mapped& mapped = mapped_[c];
        if (text.size() > mapped.bytes.size())
            throw Error(sqlstate::internal_error, "a character is mapped to too many");
        std::memcpy(mapped.bytes.data(), text.data(), text.size());
        mapped.size = static_cast<std::uint8_t>(text.size());
    }
}

bool LatinMap::apply(std::string& text) const {
    std::string result;
    result.reserve(text.size() + text.size() / 4);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::size_t c = static_cast<unsigned char>(text[at]);
        if (c >= 0x80) {
            if (c < 0xC2 || c > 0xC9 || at + 1 == text.size()) return false;
            std::size_t next = static_cast<unsigned char>(text[++at]);
            if ((next & 0xC0) != 0x80) return false;
            c = (c & 0x1F) << 6 | (next & 0x3F);
            if (c >= characters) return false;
        }
        const Mapped& mapped = mapped_[c];
        if (mapped.size == 1) [[likely]] {
            result += mapped.bytes[0];
        } else {
            result.append(mapped.bytes.data(), mapped.size);
        }
    }
    text.swap(result);
    return true;
}

}  // namespace recon::field
