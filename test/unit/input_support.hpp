// Files as they come: encoded by iconv, packed by zlib.
#pragma once

#include <gtest/gtest.h>
#include <iconv.h>
#include <zlib.h>

#include <string>
#include <string_view>

namespace recon::test {

// UTF-8 to an encoding by iconv's name of it.
inline std::string encoded(std::string_view text, const char* encoding) {
    iconv_t conversion = iconv_open(encoding, "UTF-8");
    EXPECT_NE(conversion, reinterpret_cast<iconv_t>(-1)) << encoding;
    std::string in(text), out(4 * text.size() + 16, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t left = in.size(), room = out.size();
    EXPECT_EQ(iconv(conversion, &from, &left, &to, &room), 0u) << encoding;
    iconv_close(conversion);
    out.resize(out.size() - room);
    return out;
}

// One gzip member.
inline std::string packed(std::string_view text, int level = 6) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
              Z_OK);
    std::string in(text), out(deflateBound(&stream, in.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// What iconv calls the wide encodings.
struct WideName {
    const char *name, *iconv;
};
inline constexpr WideName wide_names[] = {
    {"UTF16LE", "UTF-16LE"}, {"UTF16BE", "UTF-16BE"}, {"UTF32LE", "UTF-32LE"},
    {"UTF32BE", "UTF-32BE"}, {"SJIS", "CP932"},       {"BIG5", "CP950"},
    {"GBK", "CP936"},        {"UHC", "CP949"},        {"GB18030", "GB18030"}};

}  // namespace recon::test
