// What the phonetic algorithms share: they are made for names in English spelling.
//
// Texts are alike where their codes are. Equal texts have 1; a text without a letter from A to Z
// has no code, and is like no other text.
#pragma once

#include <string>
#include <string_view>

namespace recon::similarity {

inline bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

// The text without its accents and in capital letters, from its first letter (A to Z) to its last.
std::string capitals(std::string_view text);

}  // namespace recon::similarity
