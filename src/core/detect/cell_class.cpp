#include "core/detect/cell_class.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/field/boolean.hpp"
#include "core/field/number.hpp"
#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Digits (or the letters of a month) three times, two of them parted by the same separator; then
// nothing or a time.
bool looks_like_date(std::string_view text) {
    if (text.size() < 6 || text.size() > 40) return false;
    std::array<std::size_t, 3> lengths{};
    char separator = 0;
    std::size_t part = 0;
    bool letters = false;
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        char c = text[i];
        if (is_digit(c)) {
            if (++lengths[part] > 4) return false;
        } else if (part < 2 && lengths[part] > 0 &&
                   (c == '-' || c == '/' || c == '.' || (c == ' ' && letters)) &&
                   (separator == 0 || c == separator)) {
            separator = c;
            ++part;
        } else if (is_letter(c) && lengths[part] == 0 && part == 1 && !letters &&
                   i + 2 < text.size() && is_letter(text[i + 1]) && is_letter(text[i + 2])) {
            letters = true;
            lengths[part] = 2;
            i += 2;
        } else {
            break;
        }
    }
    if (part != 2) return false;
    for (std::size_t length : lengths)
        if (length == 0 || length == 3) return false;
    int years = (lengths[0] == 4) + (lengths[2] == 4);
    if (years > 1 || lengths[1] > 2 || (years == 0 && lengths[2] != 2)) return false;
    if (i == text.size()) return true;
    std::string_view time = text.substr(i);
    return time.size() >= 5 && (time[0] == 'T' || time[0] == ' ') && is_digit(time[1]) &&
           time.find(':') != std::string_view::npos;
}

// Digits with separators between them. `text` is without blanks at its ends.
bool looks_like_number(std::string_view text) {
    if (text.size() > 40) return false;
    bool digit = false, trouble = false;
    for (std::size_t i = 0; i < text.size() && !trouble; ++i) {
        if (is_digit(text[i]))
            digit = true;
        else if (text[i] == ':' || text[i] == '/' || text[i] == '@')
            trouble = true;
    }
    if (!digit || trouble) return false;
    // The real parser, with every notation at once: what it takes in one of them is a number.
    static const std::array<field::NumberFormat, 8> notations = {{{'.', ","},
                                                                  {',', "."},
                                                                  {'.', " "},
                                                                  {',', " "},
                                                                  {'.', "'"},
                                                                  {',', "\u00a0"},
                                                                  {',', "\u202f"},
                                                                  {'.', "\u2019"}}};
    for (const field::NumberFormat& notation : notations)
        if (field::parse_number(text, notation).error == field::DecimalError::none) return true;
    return false;
}

}  // namespace

bool is_currency_code(std::string_view text) {
    static constexpr std::string_view codes =
        "AED ARS AUD BAM BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR "
        "ISK JPY KRW KZT MAD MXN MYR NOK NZD PEN PHP PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY "
        "TWD UAH USD UYU VND XAF XOF ZAR ";
    if (text.size() != 3) return false;
    for (std::size_t at = 0; at < codes.size(); at += 4)
        if (codes.substr(at, 3) == text) return true;
    return false;
}

bool is_iban(std::string_view text) {
    std::string compact;
    for (char c : text)
        if (c != ' ') compact += c;
    if (compact.size() < 15 || compact.size() > 34) return false;
    for (std::size_t i = 0; i < compact.size(); ++i) {
        char c = compact[i];
        bool capital = c >= 'A' && c <= 'Z';
        if (i < 2 ? !capital : i < 4 ? !is_digit(c) : !(is_digit(c) || capital)) return false;
    }
    // ISO 7064, MOD 97-10, the country and the check digits moved to the end.
    std::rotate(compact.begin(), compact.begin() + 4, compact.end());
    unsigned rest = 0;
    for (char c : compact)
        rest = is_digit(c) ? (rest * 10 + static_cast<unsigned>(c - '0')) % 97
                           : (rest * 100 + static_cast<unsigned>(c - 'A' + 10)) % 97;
    return rest == 1;
}

CellClass classify(std::string_view text) {
    text = field::trim_blanks(text);
    if (text.empty()) return CellClass::empty;
    if (is_currency_code(text)) return CellClass::currency;
    if (looks_like_date(text)) return CellClass::date;
    if (looks_like_number(text)) return CellClass::number;
    if (is_iban(text)) return CellClass::iban;
    if (is_letter(text[0]) && text.size() > 1 && text.size() <= 5 &&
        field::parse_boolean(text).has_value())
        return CellClass::boolean;
    return CellClass::text;
}

}  // namespace recon::detect
