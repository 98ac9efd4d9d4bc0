#include "core/similarity/double_metaphone.hpp"

#include "core/similarity/double_metaphone_coder.hpp"
#include "core/similarity/phonetic.hpp"

namespace recon::similarity {

namespace {

constexpr std::size_t longest_code = 4;

// A ç is said like an s, which the letter without its accent would not tell.
std::string with_s_for_c_cedilla(std::string_view text) {
    std::string result(text);
    for (std::string_view cedilla : {"\u00C7", "\u00E7"})
        for (std::size_t at; (at = result.find(cedilla)) != std::string::npos;)
            result.replace(at, cedilla.size(), "S");
    return result;
}

}  // namespace

DoubleMetaphoneCoder::DoubleMetaphoneCoder(std::string text) : text_(std::move(text)) {
    last_ = static_cast<int>(text_.size()) - 1;
    slavo_germanic_ =
        text_.find_first_of("WK") != std::string::npos || text_.find("CZ") != std::string::npos;
    text_ += "     ";
}

bool DoubleMetaphoneCoder::has(int place, Words words) const {
    if (place < 0) return false;
    std::string_view rest(text_);
    if (static_cast<std::size_t>(place) >= rest.size()) return false;
    rest.remove_prefix(static_cast<std::size_t>(place));
    for (std::string_view word : words)
        if (rest.starts_with(word)) return true;
    return false;
}

DoubleMetaphone DoubleMetaphoneCoder::code() {
    if (last_ < 0) return {};
    if (has(0, {"GN", "KN", "PN", "WR", "PS"})) at_ = 1;  // the first is silent
    if (at(0) == 'X') put("S", 1);                        // "Xavier"
    while (at_ <= last_ &&
           (code_.primary.size() < longest_code || code_.alternate.size() < longest_code))
        letter();
    if (code_.primary.size() > longest_code) code_.primary.resize(longest_code);
    if (code_.alternate.size() > longest_code) code_.alternate.resize(longest_code);
    return code_;
}

void DoubleMetaphoneCoder::letter() {
    switch (near(0)) {
        case 'A':
        case 'E':
        case 'I':
        case 'O':
        case 'U':
        case 'Y':
            return put(at_ == 0 ? "A" : "", 1);
        case 'B':
            return put("P", doubled("B"));
        case 'C':
            return letter_c();
        case 'D':
            return letter_d();
        case 'F':
            return put("F", doubled("F"));
        case 'G':
            return letter_g();
        case 'H':
            return letter_h();
        case 'J':
            return letter_j();
        case 'K':
            return put("K", doubled("K"));
        case 'L':
            return letter_l();
        case 'M':
            return letter_m();
        case 'N':
            return put("N", doubled("N"));
        case 'P':
            return letter_p();
        case 'Q':
            return put("K", doubled("Q"));
        case 'R':
            return letter_r();
        case 'S':
            return letter_s();
        case 'T':
            return letter_t();
        case 'V':
            return put("F", doubled("V"));
        case 'W':
            return letter_w();
        case 'X':
            return letter_x();
        case 'Z':
            return letter_z();
        default:
            return put("", 1);
    }
}

DoubleMetaphone double_metaphone(std::string_view text) {
    return DoubleMetaphoneCoder(capitals(with_s_for_c_cedilla(text))).code();
}

}  // namespace recon::similarity
