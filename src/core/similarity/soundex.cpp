#include "core/similarity/soundex.hpp"

#include "core/similarity/phonetic.hpp"

namespace recon::similarity {

std::string soundex(std::string_view text) {
    constexpr std::string_view digits = "01230120022455012623010202";  // of A to Z
    std::string letters = capitals(text), code;
    char last = '0';
    for (char c : letters) {
        if (code.size() == 4) break;
        bool is_letter = is_capital(c);
        if (!code.empty() && (c == 'H' || c == 'W')) continue;
        char digit = is_letter ? digits[static_cast<std::size_t>(c - 'A')] : '0';
        if (code.empty()) {
            code += c;
        } else if (digit != '0' && digit != last) {
            code += digit;
        }
        last = digit;
    }
    if (!code.empty()) code.resize(4, '0');
    return code;
}

}  // namespace recon::similarity
