// The encoding of a file, from its first bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace recon::detect {

struct Encoding {
    std::string name = "UTF8";  // as the option `encoding` has it
    std::size_t mark = 0;       // bytes of the byte order mark
    double confidence = 0;      // 0..1; 0 for no bytes at all
};

// A byte order mark decides. Then: zero bytes in every other place are UTF-16; valid UTF-8 is
// UTF-8, as text in another encoding hardly ever is; and among the one-byte encodings the bytes
// that would be odd in one of them tell (a currency sign for the euro's place, signs between
// letters). Where LATIN1 and WIN1252 read the bytes alike, CRLF line ends stand for Windows.
Encoding detect_encoding(std::string_view sample);

// The sample without its mark, as UTF-8. A character cut at the end is left out; what is malformed
// becomes U+FFFD, or stands as it is where the sample is UTF-8 already. An encoding that nobody
// knows is read as LATIN1.
std::string to_utf8(std::string_view sample, const Encoding& encoding);

}  // namespace recon::detect
