#include "core/field/raw_text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace recon::field {
namespace {

using std::string_literals::operator""s;

std::string encode(std::uint32_t code) {
    auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 63))};
    if (code < 0x10000)
        return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
    return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
            byte(0x80 | (code & 63))};
}

TEST(FieldRawText, EveryCodePointButNulAndSurrogates) {
    for (std::uint32_t code = 0; code < 0x110000; ++code) {
        bool valid = code != 0 && (code < 0xD800 || code > 0xDFFF);
        ASSERT_EQ(valid_utf8(encode(code)), valid) << code;
    }
    EXPECT_FALSE(valid_utf8(encode(0x110000)));
}

TEST(FieldRawText, MalformedUtf8) {
    for (const std::string& bad :
         {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC3"s, "\xC3("s, "\xE0\x80\x80"s,
          "\xE0\x9F\xBF"s, "\xE2\x82"s, "\xE2\x28\xA1"s, "\xED\xA0\x80"s, "\xF0\x80\x80\x80"s,
          "\xF0\x9F\x98"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\0"s})
        for (std::size_t before = 0; before < 20; ++before)
            for (std::size_t after : {0, 1, 7, 8, 20}) {
                std::string text = std::string(before, 'a') + bad + std::string(after, 'b');
                ASSERT_FALSE(valid_utf8(text)) << ::testing::PrintToString(text);
                ASSERT_FALSE(is_plain_ascii(text));
            }
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8("na\u00efve \u20ac 12345678 \U0001F600"));
}

TEST(FieldRawText, PlainAscii) {
    EXPECT_TRUE(is_plain_ascii(""));
    std::string all;
    for (char c = 1; c > 0 && c < 127; ++c) all += c;
    EXPECT_TRUE(is_plain_ascii(all + '\x7F'));
    EXPECT_FALSE(is_plain_ascii(all + '\x80'));
}

TEST(FieldRawText, Blanks) {
    EXPECT_EQ(trim_blanks(" \ta b\t "), "a b");
    EXPECT_EQ(trim_blanks(" \t "), "");
    EXPECT_EQ(trim_blanks("\n"), "\n");
}

TEST(FieldRawText, ExcerptsAreCutBetweenCharacters) {
    EXPECT_EQ(excerpt("abc", 3), "abc");
    EXPECT_EQ(excerpt("abcd", 3), "abc...");
    EXPECT_EQ(excerpt("\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u00e9");
    EXPECT_EQ(excerpt("\u00e9\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u00e9...");
}

}  // namespace
}  // namespace recon::field
