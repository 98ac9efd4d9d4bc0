#include <gtest/gtest.h>

#include "core/field/text.hpp"
#include "core/rule/normalize.hpp"

namespace recon::field {
namespace {

template <class Step>
std::string after(Step step, std::string text) {
    step(text);
    return text;
}

TEST(Text, Trim) {
    EXPECT_EQ(after(trim, "  a b \t\n"), "a b");
    EXPECT_EQ(after(trim, "\u00A0é\u3000"), "é");
    EXPECT_EQ(after(trim, "   "), "");
    EXPECT_EQ(after(trim, ""), "");
    EXPECT_EQ(after(trim, "abc"), "abc");
}

TEST(Text, Squash) {
    EXPECT_EQ(after(squash, "a  b\t\n c"), "a b c");
    EXPECT_EQ(after(squash, " a\u2003\u00A0b "), " a b ");
    EXPECT_EQ(after(squash, ""), "");
}

TEST(Text, Case) {
    EXPECT_EQ(after(upper, "abc-1z"), "ABC-1Z");
    EXPECT_EQ(after(lower, "ABC-1Z"), "abc-1z");
    EXPECT_EQ(after(upper, "straße é ǆ"), "STRASSE É Ǆ");
    EXPECT_EQ(after(lower, "ÉÀ ΣΑΣ"), "éà σας");
    EXPECT_EQ(after(upper,
                    "\xFF"
                    "ab"),
              "\xFF"
              "AB");
}

TEST(Text, AlnumAndDigits) {
    EXPECT_EQ(after(alnum, "INV-2024/001 é_東京"), "INV2024001é東京");
    EXPECT_EQ(after(alnum, "e\u0301-x"), "e\u0301x");
    EXPECT_EQ(after(alnum,
                    "a\xFF"
                    "b"),
              "ab");
    EXPECT_EQ(after(digits, "INV-2024/001"), "2024001");
    EXPECT_EQ(after(digits, "١٢٣ ４５"), "12345");
    EXPECT_EQ(after(digits, "none"), "");
}

TEST(Text, Unaccent) {
    EXPECT_EQ(after(unaccent, "Crème Brûlée"), "Creme Brulee");
    EXPECT_EQ(after(unaccent, "e\u0301"), "e");
    EXPECT_EQ(after(unaccent, "Łódź Køb Straße Æ"), "Lodz Kob Strasse AE");
    EXPECT_EQ(after(unaccent, "Việt"), "Viet");
    EXPECT_EQ(after(unaccent, "ﬁ ２"), "fi 2");
    EXPECT_EQ(after(unaccent, "한국 が"), "한국 が");
    EXPECT_EQ(after(unaccent, "plain"), "plain");
}

TEST(Text, LeftAndPrefixes) {
    EXPECT_EQ(after([](std::string& text) { left(text, 3); }, "日本語テキスト"), "日本語");
    EXPECT_EQ(after([](std::string& text) { left(text, 3); }, "ab"), "ab");
    auto strip = [](std::string& text) { strip_prefixes(text, {"INV", "INV-", "REF"}); };
    EXPECT_EQ(after(strip, "INV-12"), "12");
    EXPECT_EQ(after(strip, "INVREF12"), "REF12");
    EXPECT_EQ(after(strip, "12"), "12");
}

TEST(Text, InvalidBytesStayDistinct) {
    EXPECT_NE(first_code_point("\xFE").value, first_code_point("\xFF").value);
    EXPECT_EQ(first_code_point("\xE6\x97").bytes, 1u);
    EXPECT_EQ(first_code_point("日").value, U'日');
    EXPECT_TRUE(is_ascii("0123456789abcdef"));
    EXPECT_FALSE(is_ascii("0123456789abcde\xC3"));
}

TEST(Text, StepsRunInOrder) {
    using rule::StepKind;
    std::string text = "  inv-00123-é";
    rule::normalize({{StepKind::trim, 0, {}},
                     {StepKind::upper, 0, {}},
                     {StepKind::unaccent, 0, {}},
                     {StepKind::strip_prefixes, 0, {"INV-"}},
                     {StepKind::alnum, 0, {}},
                     {StepKind::left, 6, {}}},
                    text);
    EXPECT_EQ(text, "00123E");
}

std::string utf8(char32_t c) {
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    return {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
            static_cast<char>(0x80 | (c & 0x3F))};
}

// Texts of Latin letters alone take a way of their own.
TEST(Text, LatinLettersAreMappedAsAnyOthers) {
    const std::string other = "\u6771";  // no step changes it
    for (auto step : {upper, lower, unaccent})
        for (char32_t c = 1; c < 0x300; ++c)
            for (const char* before : {"a", "\u00E9", ""})
                for (const char* behind : {"b", "\u01C4", ""}) {
                    std::string text = before + utf8(c) + behind;
                    ASSERT_EQ(after(step, text) + other, after(step, text + other))
                        << "U+" << std::hex << static_cast<unsigned>(c);
                }
    EXPECT_EQ(after(unaccent, "e\u0301\u00E9"), "ee");
    EXPECT_EQ(after(upper, "\u00E9\xFF"), "\u00E9\xFF");
    EXPECT_EQ(after(upper, "\u00E9\xC3"), "\u00E9\xC3");
}

TEST(Text, TrimFromTheEnd) {
    for (const char* space : {" ", "\u3000", " \u00A0", "\u3000 ", "\t\n"})
        for (const char* text : {"a", "\u00E9", "a \u00E9", "\xFF", "\u00E9\x80", "\u00E9 b"})
            EXPECT_EQ(after(trim, std::string(space) + text + space), text);
}

}  // namespace
}  // namespace recon::field
