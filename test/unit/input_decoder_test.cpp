// Wide encodings to UTF-8 and back to the place in the input.
#include "core/input/decoder.hpp"

#include <random>
#include <vector>

#include "core/field/raw_text.hpp"
#include "input_support.hpp"

namespace recon::test {
namespace {

using namespace recon::input;
using std::string_literals::operator""s;

std::string decoded(std::string_view bytes, const char* encoding, std::size_t chunk = SIZE_MAX) {
    std::string text;
    auto take = [&](std::string_view more) {
        text += more;
        return std::uint64_t{0};
    };
    Decoder decoder(*find_wide(encoding));
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
        std::string piece(bytes.substr(at, chunk));
        decoder.feed(piece, take);
        if (chunk > bytes.size()) break;
    }
    decoder.finish(take);
    return text;
}

TEST(InputDecoder, AgreesWithIconv) {
    // In each of the multibyte ones some trail bytes are ASCII: 0x5C in \u8868 (SJIS), 0x7C in
    // \u30dd.
    constexpr std::pair<const char*, const char*> texts[] = {
        {"SJIS", "a,\u8868\u30dd\uff71\u30bd|\"\u4e00\r\n\\~"},
        {"BIG5", "a,\u529f\u8a31\u84cb|\"\u4e00\r\n\\~"},
        {"GBK", "a,\u4e02\u8a31\u84cb|\"\u4e00\r\n\\~"},
        {"UHC", "a,\uac02\uac03\ud55c\uae00|\"\u4e00\r\n\\~"},
        {"GB18030", "a,\u4e02\u00df\U00020000\U0001F600|\"\r\n\\~"},
        {"UTF16LE", "a,\u00e9\u4e00\U0001F600\uffff|\"\r\n\\~"},
        {"UTF16BE", "a,\u00e9\u4e00\U0001F600\uffff|\"\r\n\\~"},
        {"UTF32LE", "a,\u00e9\u4e00\U0001F600\U0010FFFF|\"\r\n\\~"},
        {"UTF32BE", "a,\u00e9\u4e00\U0001F600\U0010FFFF|\"\r\n\\~"}};
    for (const auto& [name, text] : texts)
        for (const WideName& wide : wide_names) {
            if (std::string_view(wide.name) != name) continue;
            std::string bytes = encoded(text, wide.iconv);
            for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{3}, SIZE_MAX})
                EXPECT_EQ(decoded(bytes, name, chunk), text) << name << ' ' << chunk;
        }
}

TEST(InputDecoder, NamesAsTheServerReadsThem) {
    for (const char* name : {"UTF16LE", "utf-16le", "UTF_16 LE", "Utf16Le"})
        EXPECT_STREQ(find_wide(name)->name, "UTF16LE");
    for (const char* name : {"SJIS", "Shift_JIS", "mskanji", "WIN932", "windows-932"})
        EXPECT_STREQ(find_wide(name)->name, "SJIS");
    for (const char* name : {"UTF8", "LATIN1", "", "EUC_JP", "UTF1", "JOHAB", "UTF16LE2"})
        EXPECT_EQ(find_wide(name), nullptr) << name;
}

TEST(InputDecoder, WithoutAMarkTheFirstCharacterTellsTheByteOrder) {
    auto resolved = [](const char* name, std::string_view head) {
        return std::string(resolve_endian(*find_wide(name), head)->name);
    };
    EXPECT_EQ(resolved("UTF16", "a\0"s), "UTF16LE");
    EXPECT_EQ(resolved("UTF16", "\0a"s), "UTF16BE");
    EXPECT_EQ(resolved("UTF16", "\x4e\x01"), "UTF16BE");
    EXPECT_EQ(resolved("UTF16", ""), "UTF16BE");
    EXPECT_EQ(resolved("UTF32", "a\0\0\0"s), "UTF32LE");
    EXPECT_EQ(resolved("UTF32", "\0\0\0a"s), "UTF32BE");
    EXPECT_EQ(resolved("UTF16LE", "\0a"s), "UTF16LE");
}

// What is no character becomes a mark that no UTF-8 holds, and takes no ASCII with it.
TEST(InputDecoder, MalformedBytes) {
    EXPECT_EQ(decoded("a\0\0\xD8x\0"s, "UTF16LE"), "a\xFFx") << "a high surrogate alone";
    EXPECT_EQ(decoded("\0\xDC\n\0"s, "UTF16LE"), "\xFF\n") << "a low one";
    EXPECT_EQ(decoded("\0\xD8\0\xD8\0\xDC"s, "UTF16LE"), "\xFF\U00010000");
    EXPECT_EQ(decoded("a\0b"s, "UTF16LE"), "a\xFF") << "an odd byte at the end";
    EXPECT_EQ(decoded("a\0\0\xD8"s, "UTF16LE"), "a\xFF");
    EXPECT_EQ(decoded("\0\0\0a\0\x11\0\0\0\0\xD8\0\0\0\0"s, "UTF32BE"), "a\xFF\xFF\xFF");
    EXPECT_EQ(decoded("a\x95\n", "SJIS"), "a\xFF\n") << "a lead byte before a line end";
    EXPECT_EQ(decoded("a\x81,b", "BIG5"), "a\xFF,b");
    EXPECT_EQ(decoded("a\xFF\n", "GBK"), "a\xFF\n");
    EXPECT_EQ(decoded("a\x81\"\n", "UHC"), "a\xFF\"\n");
    EXPECT_EQ(decoded("a\x81\x30\x81\nb", "GB18030"),
              "a\xFF"
              "0\xFF\nb");
    EXPECT_EQ(decoded("a\x81\x30", "GB18030"),
              "a\xFF"
              "0");
    EXPECT_EQ(decoded("a\x95", "SJIS"), "a\xFF") << "cut at the end";
    EXPECT_EQ(decoded("\0\0"s, "UTF16LE"), "\0"s);
}

// Any bytes, any chunks: the same text, and each piece of it leads back to the bytes it came from.
TEST(InputDecoder, AnyBytesInAnyChunks) {
    std::mt19937 random(16);
    for (int round = 0; round < 4000; ++round) {
        const WideName& wide = wide_names[round % std::size(wide_names)];
        std::string bytes(random() % 60, '\0');
        for (char& c : bytes) {
            static constexpr std::string_view usual("\0a\n,\"\x81\x30\xD8\xDC\x95\\", 11);
            c = random() % 3 == 0 ? static_cast<char>(random()) : usual[random() % usual.size()];
        }
        std::string whole = decoded(bytes, wide.name);
        for (std::size_t chunk = 1; chunk < 6; ++chunk)
            ASSERT_EQ(decoded(bytes, wide.name, chunk), whole)
                << wide.name << ' ' << ::testing::PrintToString(bytes);
        // Lines: their origins are side by side and cover the input.
        std::string text, covered;
        std::size_t line = 0;
        Decoder decoder(*find_wide(wide.name), 7);
        auto take = [&](std::string_view more) -> std::uint64_t {
            text += more;
            for (std::size_t end; (end = text.find('\n', line)) != std::string::npos;) {
                Decoder::Origin origin = decoder.origin(line, end + 1 - line);
                EXPECT_EQ(origin.offset, 7 + covered.size());
                covered += origin.bytes;
                line = end + 1;
            }
            return line;
        };
        std::size_t chunk = 1 + random() % 7;
        for (std::size_t at = 0; at < bytes.size(); at += chunk)
            decoder.feed(std::string_view(bytes).substr(at, chunk), take);
        decoder.finish(take);
        covered += decoder.origin(line, text.size() - line).bytes;
        ASSERT_EQ(covered, bytes) << wide.name;
    }
}

TEST(InputDecoder, HoldsNoMoreThanIsAskedFor) {
    Decoder decoder(*find_wide("UTF16LE"));
    std::string block = encoded(std::string(50000, 'x') + "\u00e9\n", "UTF-16LE");
    std::uint64_t seen = 0;
    for (int i = 0; i < 20; ++i)
        decoder.feed(block, [&](std::string_view text) { return seen += text.size(); });
    EXPECT_LT(decoder.held(), 3 * Decoder::piece_bytes);
}

}  // namespace
}  // namespace recon::test
