#include <gtest/gtest.h>

#include <string>

#include "core/csv/end_marker.hpp"

using recon::csv::end_marker_bytes;
using recon::csv::is_end_marker;

namespace {

// What comes out of a stream in pieces of `size`, as a door reads it.
std::string strip(std::string_view stream, std::size_t size) {
    std::string out, tail;
    char before = '\n';
    while (!stream.empty()) {
        std::string piece = tail + std::string(stream.substr(0, size));
        stream.remove_prefix(std::min(size, stream.size()));
        std::size_t held = end_marker_bytes(piece, before);
        tail = piece.substr(piece.size() - held);
        piece.resize(piece.size() - held);
        if (!piece.empty()) before = piece.back();
        out += piece;
    }
    return is_end_marker(tail) ? out : out + tail;
}

TEST(EndMarker, LastLineOnly) {
    const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                         {"\\.", ""},
                                                         {"\\.\n", ""},
                                                         {"\\.\r\n", ""},
                                                         {"a\n\\.\n", "a\n"},
                                                         {"a\r\n\\.\r\n", "a\r\n"},
                                                         {"a\r\\.\r", "a\r"},
                                                         {"a\n\\.", "a\n"},
                                                         {"a\n\\", "a\n\\"},
                                                         {"a\n\\.\nb\n", "a\n\\.\nb\n"},
                                                         {"a\n\\.\n\n", "a\n\\.\n\n"},
                                                         {"a\n\\.\n\\.\n", "a\n\\.\n"},
                                                         {"a\\.\n", "a\\.\n"},
                                                         {"a\n\\..\n", "a\n\\..\n"},
                                                         {"a\n \\.\n", "a\n \\.\n"},
                                                         {"a\n\\.\"\n", "a\n\\.\"\n"},
                                                         {"\\.\r\r\n", "\\.\r\r\n"},
                                                         {"a\n", "a\n"}};
    for (const auto& [stream, expected] : cases)
        for (std::size_t size = 1; size < 12; ++size)
            EXPECT_EQ(strip(stream, size), expected) << stream << " in pieces of " << size;
}

}  // namespace
