// The steps of a condition's `normalize`, each on one text in place. Text is UTF-8; a byte that is
// none stands for itself and is left alone. Letters, white space, digits and case are Unicode's, by
// ICU, the same in every locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace recon::field {

struct CodePoint {
    char32_t value;  // of a byte that is no UTF-8: invalid_byte + the byte, so that such bytes stay
                     // distinct
    std::size_t bytes;  // consumed
};
inline constexpr char32_t invalid_byte = 0x110000;

CodePoint first_code_point(std::string_view text);  // of a text that is not empty
bool is_ascii(std::string_view text);
bool is_space(char32_t c);  // white space; an invalid byte is none
bool is_alnum(char32_t c);  // letters, their marks, and digits

void trim(std::string& text);    // no white space at either end
void squash(std::string& text);  // each run of white space is one space
void upper(std::string& text);   // full case mapping: "straße" is "STRASSE"
void lower(std::string& text);
void alnum(std::string& text);   // letters (with their marks) and digits only
void digits(std::string& text);  // digits only, those of any script as 0..9

// Letters without their accents: compatibility decomposition (NFKD) less the diacritical marks,
// recomposed, and the Latin letters that Unicode does not decompose (ø, ł, ß, æ, ...) as
// PostgreSQL's unaccent writes them.
void unaccent(std::string& text);

void left(std::string& text, std::size_t characters);

// Removes the longest of the prefixes that fits, once.
void strip_prefixes(std::string& text, const std::vector<std::string>& prefixes);

}  // namespace recon::field
