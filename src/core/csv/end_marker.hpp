// The line "\." that ends data in the middle of a psql script. psql before 18 sends it along as
// data, and reads no further; every other client sends it only where it is part of the data. So it
// is a marker where it is the last line of a stream, and a record like any other elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace recon::csv {

inline constexpr std::size_t longest_end_marker = 4;  // with CR LF

// How many of the last bytes may turn out to be the marker: a part of it that begins a line.
// `before` is the byte before the first one; the beginning of the stream counts as a line end.
inline std::size_t end_marker_bytes(std::string_view bytes, char before) {
    static constexpr std::string_view lf = "\\.\n", crlf = "\\.\r\n";
    for (std::size_t count = longest_end_marker; count > 0; --count) {
        if (count > bytes.size()) continue;
        std::size_t at = bytes.size() - count;
        char previous = at > 0 ? bytes[at - 1] : before;
        if (previous != '\n' && previous != '\r') continue;
        std::string_view tail = bytes.substr(at);
        if (lf.starts_with(tail) || crlf.starts_with(tail)) return count;
    }
    return 0;
}

// Of the bytes that end_marker_bytes() found, at the end of the stream.
inline bool is_end_marker(std::string_view tail) {
    return tail.size() >= 2;
}

}  // namespace recon::csv
