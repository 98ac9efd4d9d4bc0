// Double Metaphone: C, D, G, H and J.
#include "core/similarity/double_metaphone_coder.hpp"

namespace recon::similarity {

void DoubleMetaphoneCoder::letter_c() {
    bool germanic_ach = at_ > 1 && !vowel(-2) && reads(-1, {"ACH"}) && near(2) != 'I' &&
                        (near(2) != 'E' || reads(-2, {"BACHER", "MACHER"}));
    if (germanic_ach) return put("K", 2);
    if (at_ == 0 && reads(0, {"CAESAR"})) return put("S", 2);
    if (reads(0, {"CHIA"})) return put("K", 2);  // "chianti"
    if (near(1) == 'H') return letters_ch();
    if (near(1) == 'Z' && !reads(-2, {"WICZ"})) return put("S", "X", 2);  // "Czerny"
    if (reads(1, {"CIA"})) return put("X", 3);                            // "focaccia"
    if (near(1) == 'C' && !(at_ == 1 && at(0) == 'M')) return letters_cc();
    if (is(1, "KGQ")) return put("K", 2);
    if (is(1, "IEY")) return put("S", reads(0, {"CIO", "CIE", "CIA"}) ? "X" : "S", 2);
    if (reads(1, {" C", " Q", " G"})) return put("K", 3);  // "Mac Gregor"
    bool same = is(1, "CKQ") && !reads(1, {"CE", "CI"});
    put("K", same ? 2 : 1);
}

void DoubleMetaphoneCoder::letters_ch() {
    if (at_ > 0 && reads(0, {"CHAE"})) return put("K", "X", 2);  // "Michael"
    bool greek =
        at_ == 0 && reads(1, {"HARAC", "HARIS", "HOR", "HYM", "HIA", "HEM"}) && !has(0, {"CHORE"});
    bool hard = germanic_name() || reads(-2, {"ORCHES", "ARCHIT", "ORCHID"}) || is(2, "TS") ||
                ((at_ == 0 || is(-1, "AOUE")) && is(2, "LRNMBHFVW "));  // "Wechsler"
    if (greek || hard || (at_ > 0 && has(0, {"MC"}))) return put("K", 2);
    put("X", at_ > 0 ? "K" : "X", 2);
}

void DoubleMetaphoneCoder::letters_cc() {
    bool soft = is(2, "IEH") && !reads(2, {"HU"});  // "bellocchio", but not "Bacchus"
    if (!soft) return put("K", 2);
    bool english = (at_ == 1 && near(-1) == 'A') || reads(-1, {"UCCEE", "UCCES"});
    put(english ? "KS" : "X", 3);  // "accident", "Bertucci"
}

void DoubleMetaphoneCoder::letter_d() {
    if (near(1) == 'G') return is(2, "IEY") ? put("J", 3) : put("TK", 2);  // "edge", "Edgar"
    put("T", doubled("TD"));
}

void DoubleMetaphoneCoder::letter_g() {
    char next = near(1);
    if (next == 'H') return letters_gh();
    if (next == 'N') return letters_gn();
    if (reads(1, {"LI"}) && !slavo_germanic_) return put("KL", "L", 2);  // "Tagliaro"
    bool hard_beginning = at_ == 0 && (next == 'Y' || reads(1, {"ES", "EP", "EB", "EL", "EY", "IB",
                                                                "IL", "IN", "IE", "EI", "ER"}));
    if (hard_beginning) return put("K", "J", 2);
    bool hard_ger = (next == 'Y' || reads(1, {"ER"})) && !has(0, {"DANGER", "RANGER", "MANGER"}) &&
                    !is(-1, "EI") && !reads(-1, {"RGY", "OGY"});
    if (hard_ger) return put("K", "J", 2);
    if (is(1, "EIY") || reads(-1, {"AGGI", "OGGI"})) {  // "Biaggi"
        if (germanic_name() || reads(1, {"ET"})) return put("K", 2);
        return put("J", reads(1, {"IER "}) ? "J" : "K", 2);
    }
    put("K", doubled("G"));
}

void DoubleMetaphoneCoder::letters_gh() {
    if (at_ > 0 && !vowel(-1)) return put("K", 2);
    if (at_ == 0) return put(near(2) == 'I' ? "J" : "K", 2);  // "Ghiradelli"
    // Parker's rule: "Hugh", "bough", "Broughton"
    bool silent =
        (at_ > 1 && is(-2, "BHD")) || (at_ > 2 && is(-3, "BHD")) || (at_ > 3 && is(-4, "BH"));
    if (silent) return put("", 2);
    if (at_ > 2 && near(-1) == 'U' && is(-3, "CGLRT")) return put("F", 2);  // "laugh"
    put(near(-1) != 'I' ? "K" : "", 2);
}

void DoubleMetaphoneCoder::letters_gn() {
    if (at_ == 1 && vowel(-1) && !slavo_germanic_) return put("KN", "N", 2);
    if (!reads(2, {"EY"}) && !slavo_germanic_) return put("N", "KN", 2);  // not "Cagney"
    put("KN", 2);
}

void DoubleMetaphoneCoder::letter_h() {
    bool said = (at_ == 0 || vowel(-1)) && vowel(1);
    if (said) return put("H", 2);
    put("", 1);
}

void DoubleMetaphoneCoder::letter_j() {
    bool san = has(0, {"SAN "}), jose = reads(0, {"JOSE"});
    if (jose || san) {
        bool spanish = san || (at_ == 0 && near(4) == ' ');
        return put(spanish ? "H" : "J", "H", 1);
    }
    int letters = doubled("J");
    if (at_ == 0) return put("J", "A", letters);  // "Jankelowicz" is "Yankelovich"
    if (vowel(-1) && !slavo_germanic_ && is(1, "AO")) return put("J", "H", letters);  // "bajador"
    if (is_last()) return put("J", "", letters);
    bool silent = is(1, "LTKSNMBZ") || is(-1, "SKL");
    put(silent ? "" : "J", letters);
}

}  // namespace recon::similarity
