// A mapping of whole texts as a table of characters up to U+024F (Latin), for those texts that hold
// no others: as quick as a copy.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace recon::field {

class LatinMap {
  public:
    // Asks `map` for each character. What it makes of one must not depend on its neighbours.
    explicit LatinMap(void (*map)(std::string&));

    // False, and the text as it was, where it holds another character or a byte that is no UTF-8.
    bool apply(std::string& text) const;

  private:
    static constexpr std::size_t characters = 0x250;
    struct Mapped {
        std::array<char, 7> bytes{};
        std::uint8_t size = 0;
    };
    std::array<Mapped, characters> mapped_{};
};

}  // namespace recon::field
