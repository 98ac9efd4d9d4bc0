// Bytes of a file as text: validity, blanks, excerpts for messages.
#pragma once

#include <string>
#include <string_view>

namespace recon::field {

// UTF-8 as PostgreSQL accepts it: no NUL, surrogate, overlong form, or code point above U+10FFFF.
bool valid_utf8(std::string_view text);

// Only bytes 0x01..0x7F: the same text in every encoding that the server knows.
bool is_plain_ascii(std::string_view text);

// Without blanks (space, tab) at both ends.
std::string_view trim_blanks(std::string_view text);

// At most `characters` of it, with "..." where something was cut.
std::string excerpt(std::string_view text, std::size_t characters = 100);

}  // namespace recon::field
