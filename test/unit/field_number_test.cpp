#include "core/field/number.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/field/boolean.hpp"

namespace recon::field {
namespace {

NumberFormat format(char decimal, const char* thousands = "", int scale = 0, bool negate = false) {
    return {decimal, thousands, scale, negate};
}

std::string read(std::string_view text, const NumberFormat& how = {}) {
    DecimalResult result = parse_number(text, how);
    switch (result.error) {
        case DecimalError::none:
            return to_text(result.value);
        case DecimalError::syntax:
            return "syntax";
        case DecimalError::overflow:
            return "overflow";
    }
    return "?";
}

TEST(FieldNumber, PlainNumbers) {
    EXPECT_EQ(read("0"), "0");
    EXPECT_EQ(read("12.50"), "12.50");
    EXPECT_EQ(read("-12.5"), "-12.5");
    EXPECT_EQ(read("+7"), "7");
    EXPECT_EQ(read("  3.14\t"), "3.14");
    EXPECT_EQ(read(".5"), "0.5");
    EXPECT_EQ(read("5."), "5");
    EXPECT_EQ(read("007"), "7");
}

TEST(FieldNumber, WaysToBeNegative) {
    EXPECT_EQ(read("12.50-"), "-12.50");
    EXPECT_EQ(read("12.50+"), "12.50");
    EXPECT_EQ(read("(12.50)"), "-12.50");
    EXPECT_EQ(read("( 12.50 )"), "-12.50");
    EXPECT_EQ(read("-0"), "0");
    EXPECT_EQ(read("12.50", format('.', "", 0, true)), "-12.50");
    EXPECT_EQ(read("(12.50)", format('.', "", 0, true)), "12.50");
}

TEST(FieldNumber, Refused) {
    for (const char* text :
         {"",    " ",    "-",   "+",        ".",     "()",    "(",     "abc",   "12,5", "1 2",
          "- 5", "--5",  "-5-", "-(5)",     "(-5)",  "(5-)",  "5--",   "1.2.3", "1e",   "1e5e5",
          "e5",  "0x10", "NaN", "Infinity", "1_000", "1.5e3", "25E-2", "1e20"})
        EXPECT_EQ(read(text), "syntax") << text;
}

TEST(FieldNumber, AnExponentOnlyWhereItIsAllowed) {
    NumberFormat how;
    how.exponent = true;
    EXPECT_EQ(read("1.5e3", how), "1500");
    EXPECT_EQ(read("25E-2", how), "0.25");
    EXPECT_EQ(read("1e20", how), "overflow");
    EXPECT_EQ(read("1e999999999", how), "overflow");
    for (const char* text : {"1e", "1e5e5", "e5"}) EXPECT_EQ(read(text, how), "syntax") << text;
}

TEST(FieldNumber, CurrencyAndPercentAround) {
    for (const char* text :
         {"€12.50", "€ 12.50", "12.50€", "12.50 €", "12.50\u00a0€", "\u202f12.50", "$12.50",
          "£12.50", "12.50 ¥", "₹12.50", "EUR 12.50", "EUR12.50", "12.50 EUR", "12.50EUR",
          "$12.50 USD", "12.50 %", "12.50%"})
        EXPECT_EQ(read(text), "12.50") << text;
    for (const char* text : {"-€12.50", "€-12.50", "€ -12.50", "-12.50 €", "(€12.50)", "€ (12.50)",
                             "(12.50) EUR", "12.50- EUR", "12.50 EUR-", "EUR 12.50-", "-12.50%",
                             "\u221212.50", "\u2212€12.50", "€\u221212.50"})
        EXPECT_EQ(read(text), "-12.50") << text;
    EXPECT_EQ(read("CHF 1'234.50", format('.', "'")), "1234.50");
    EXPECT_EQ(read("1\u202f234,50\u00a0€", format(',', "\u202f")), "1234.50");
    for (const char* text : {"€",      "EUR",      "%",    "€ €5", "EUR",  "-",     "EU 5",
                             "EURO 5", "eur 5",    "5 %%", "- €5", "-€-5", "(€-5)", "5 €%",
                             "€5%",    "\u2212-5", "€ABC", "A5",   "5A",   "°5",    "€"})
        EXPECT_EQ(read(text), "syntax") << text;
}

TEST(FieldNumber, DecimalCommaAndThousands) {
    EXPECT_EQ(read("1.234.567,89", format(',', ".")), "1234567.89");
    EXPECT_EQ(read("1,234.5", format('.', ",")), "1234.5");
    EXPECT_EQ(read("-1 234,5", format(',', " ")), "-1234.5");
    EXPECT_EQ(read("1\u00a0234\u00a0567,5", format(',', "\u00a0")), "1234567.5");
    EXPECT_EQ(read("1'234.5-", format('.', "'")), "-1234.5");
    EXPECT_EQ(read("12,5", format(',')), "12.5");
    EXPECT_EQ(read("12.5", format(',')), "syntax");
    for (const char* text : {",123", "1,,2", "1,", "1,.5", "1.5,0", "1.,5", "-,1"})
        EXPECT_EQ(read(text, format('.', ",")), "syntax") << text;
}

TEST(FieldNumber, MinorUnits) {
    EXPECT_EQ(read("1250", format('.', "", 2)), "12.50");
    EXPECT_EQ(read("-5", format('.', "", 2)), "-0.05");
    EXPECT_EQ(read("12.5", format('.', "", 2)), "0.125");
    EXPECT_EQ(read("1000", format('.', "", 18)), "0.000000000000001000");
    EXPECT_EQ(read("0.0000000000000000", format('.', "", 18)), "0.000000000000000000");
    EXPECT_EQ(read("0.01", format('.', "", 18)), "overflow");
    EXPECT_EQ(read("10.0", format('.', "", 18)), "0.000000000000000010");
}

TEST(FieldNumber, Bounds) {
    EXPECT_EQ(read("99999999999999999999.999999999999999999"),
              "99999999999999999999.999999999999999999");
    EXPECT_EQ(read("-99999999999999999999"), "-99999999999999999999");
    EXPECT_EQ(read("100000000000000000000"), "overflow");
    EXPECT_EQ(read("0.0000000000000000001"), "overflow");
    EXPECT_EQ(read("0.1000000000000000000000"), "0.100000000000000000");
    EXPECT_EQ(read(std::string(1000, '9')), "overflow");
    EXPECT_EQ(read(std::string(1000, '9') + ".5"), "overflow");
    EXPECT_EQ(read(std::string(1000, 'x')), "syntax");
    EXPECT_EQ(read(std::string(100, '0') + "1"), "1");
}

TEST(FieldNumber, TheShortWayAgreesWithTheLongOne) {
    std::mt19937 random(5);
    for (int i = 0; i < 100000; ++i) {
        std::string text;
        for (auto n = random() % 22; n > 0; --n) text += "0123456789012345678.-"[random() % 21];
        std::string plain = text;
        if (plain.ends_with('-') && !plain.starts_with('-'))
            plain = "-" + plain.substr(0, plain.size() - 1);
        DecimalResult expected = parse_decimal(plain);
        DecimalResult seen = parse_number(text, {});
        ASSERT_EQ(seen.error, expected.error) << text;
        if (seen.error == DecimalError::none) {
            ASSERT_EQ(to_text(seen.value), to_text(expected.value)) << text;
        }
    }
}

TEST(FieldNumber, Subtract) {
    auto difference = [](const char* a, const char* b) {
        DecimalResult result = subtract(parse_decimal(a).value, parse_decimal(b).value);
        return result.error == DecimalError::none ? to_text(result.value) : "overflow";
    };
    EXPECT_EQ(difference("1.50", "0.5"), "1.00");
    EXPECT_EQ(difference("0", "12.34"), "-12.34");
    EXPECT_EQ(difference("99999999999999999999.999999999999999999",
                         "-99999999999999999999.999999999999999999"),
              "overflow");
    EXPECT_EQ(difference("99999999999999999999", "-1"), "overflow");
    EXPECT_EQ(difference("99999999999999999999.5", "0.000000000000000001"),
              "99999999999999999999.499999999999999999");
}

TEST(FieldBoolean, AsPostgresReadsThem) {
    for (const char* text : {"t", "true", "TRUE", "tru", "y", "yes", "on", "ON", "1", " 1 "})
        EXPECT_EQ(parse_boolean(text), true) << text;
    for (const char* text : {"f", "false", "F", "n", "no", "off", "of", "0"})
        EXPECT_EQ(parse_boolean(text), false) << text;
    for (const char* text : {"", "o", "2", "10", "truer", "ja", "yess"})
        EXPECT_FALSE(parse_boolean(text).has_value()) << text;
}

}  // namespace
}  // namespace recon::field
