// Double Metaphone: L, M, P, R, S, T, W, X and Z.
#include "core/similarity/double_metaphone_coder.hpp"

namespace recon::similarity {

void DoubleMetaphoneCoder::letter_l() {
    if (near(1) != 'L') return put("L", 1);
    bool ending = has(last_ - 1, {"AS", "OS"}) || has(last_, {"A", "O"});
    bool spanish = (at_ == last_ - 2 && reads(-1, {"ILLO", "ILLA", "ALLE"})) ||
                   (ending && reads(-1, {"ALLE"}));  // "Cabrillo", "Gallegos"
    put("L", spanish ? "" : "L", 2);
}

void DoubleMetaphoneCoder::letter_m() {
    bool silent_b = reads(-1, {"UMB"}) && (at_ + 1 == last_ || reads(2, {"ER"}));  // "dumb"
    put("M", silent_b || near(1) == 'M' ? 2 : 1);
}

void DoubleMetaphoneCoder::letter_p() {
    if (near(1) == 'H') return put("F", 2);
    put("P", doubled("PB"));  // "Campbell"
}

void DoubleMetaphoneCoder::letter_r() {
    // "Rogier", but not "Hochmeier"
    bool french = is_last() && !slavo_germanic_ && reads(-2, {"IE"}) && !reads(-4, {"ME", "MA"});
    put(french ? "" : "R", "R", doubled("R"));
}

void DoubleMetaphoneCoder::letter_s() {
    if (reads(-1, {"ISL", "YSL"})) return put("", 1);  // "island"
    if (at_ == 0 && reads(0, {"SUGAR"})) return put("X", "S", 1);
    if (near(1) == 'H') return put(reads(1, {"HEIM", "HOEK", "HOLM", "HOLZ"}) ? "S" : "X", 2);
    if (reads(0, {"SIO", "SIA"})) return put("S", slavo_germanic_ ? "S" : "X", 3);
    // "Smith" is "Schmidt", "Snider" is "Schneider"
    if (near(1) == 'Z') return put("S", "X", 2);
    if (at_ == 0 && is(1, "MNLW")) return put("S", "X", 1);
    if (near(1) == 'C') {
        if (near(2) == 'H') return letters_sch();
        return put(is(2, "IEY") ? "S" : "SK", 3);
    }
    bool french = is_last() && reads(-2, {"AI", "OI"});  // "Artois"
    put(french ? "" : "S", "S", doubled("SZ"));
}

// Schlesinger's rule.
void DoubleMetaphoneCoder::letters_sch() {
    if (reads(3, {"ER", "EN"})) return put("X", "SK", 3);         // "Schermerhorn"
    if (reads(3, {"OO", "UY", "ED", "EM"})) return put("SK", 3);  // "school"
    bool alone = at_ == 0 && !vowel(3) && near(3) != 'W';
    put("X", alone ? "S" : "X", 3);
}

void DoubleMetaphoneCoder::letter_t() {
    if (reads(0, {"TION", "TIA", "TCH"})) return put("X", 3);
    if (reads(0, {"TH", "TTH"})) {
        bool hard = reads(2, {"OM", "AM"}) || germanic_name();  // "Thomas"
        return put(hard ? "T" : "0", "T", 2);
    }
    put("T", doubled("TD"));
}

void DoubleMetaphoneCoder::letter_w() {
    if (near(1) == 'R') return put("R", 2);
    if (at_ == 0 && vowel(1)) {
        put("A", "F", 0);  // "Wasserman" is "Vasserman"
    } else if (at_ == 0 && near(1) == 'H') {
        put("A", 0);
    }
    bool arnow = (is_last() && vowel(-1)) || reads(-1, {"EWSKI", "EWSKY", "OWSKI", "OWSKY"}) ||
                 has(0, {"SCH"});
    if (arnow) return put("", "F", 1);                          // "Arnow" is "Arnoff"
    if (reads(0, {"WICZ", "WITZ"})) return put("TS", "FX", 4);  // "Filipowicz"
    put("", 1);
}

void DoubleMetaphoneCoder::letter_x() {
    bool french = is_last() && (reads(-3, {"IAU", "EAU"}) || reads(-2, {"AU", "OU"}));  // "Breaux"
    put(french ? "" : "KS", doubled("CX"));
}

void DoubleMetaphoneCoder::letter_z() {
    if (near(1) == 'H') return put("J", 2);  // "Zhao"
    bool slavic = reads(1, {"ZO", "ZI", "ZA"}) || (slavo_germanic_ && at_ > 0 && near(-1) != 'T');
    put("S", slavic ? "TS" : "S", doubled("Z"));
}

}  // namespace recon::similarity
