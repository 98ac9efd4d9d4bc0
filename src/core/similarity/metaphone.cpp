#include "core/similarity/metaphone.hpp"

#include "core/similarity/phonetic.hpp"

namespace recon::similarity {

namespace {

bool one_of(char c, std::string_view letters) {
    return c != 0 && letters.find(c) != std::string_view::npos;
}
bool is_vowel(char c) {
    return one_of(c, "AEIOU");
}
bool softens(char c) {
    return one_of(c, "EIY");
}

class Coder {
  public:
    explicit Coder(std::string_view text) : text_(text) {}

    std::string code() {
        begin();
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (is_capital(c) && (c != near(-1) || c == 'C')) letter(c);
        }
        return code_;
    }

  private:
    // The character so far from the current one; 0 beyond the text.
    char near(int distance) const {
        std::size_t place = at_ + static_cast<std::size_t>(distance);
        return place < text_.size() ? text_[place] : '\0';
    }
    // The sound of this letter and `more` further ones.
    void put(char sound, std::size_t more = 0) {
        code_ += sound;
        at_ += more;
    }
    bool follows_with(char first, std::string_view second) const {
        return near(1) == first && one_of(near(2), second);
    }

    // Beginnings of their own; whatever else comes first is a letter like others.
    void begin() {
        if (text_.empty()) return;
        char c = text_[0], next = near(1);
        if (c == 'A' && next == 'E') return start('E', 2);
        if (is_vowel(c)) return start(c, 1);
        if (one_of(c, "GKP") && next == 'N') return start('N', 2);
        if (c == 'W' && (next == 'H' || next == 'R')) return start(next, 2);
        if (c == 'W' && is_vowel(next)) return start('W', 2);
        if (c == 'X') return start('S', 1);
    }
    void start(char sound, std::size_t letters) {
        code_ += sound;
        at_ = letters;
    }

    void letter(char c) {
        char next = near(1);
        switch (c) {
            case 'B':
                if (near(-1) != 'M') put('B');
                return;
            case 'C':
                return letter_c();
            case 'D':
                return follows_with('G', "EIY") ? put('J', 1) : put('T');
            case 'G':
                return letter_g();
            case 'H':
                if (is_vowel(next) && !one_of(near(-1), "CGPST")) put('H');
                return;
            case 'K':
                if (near(-1) != 'C') put('K');
                return;
            case 'P':
                return put(next == 'H' ? 'F' : 'P');
            case 'Q':
                return put('K');
            case 'S':
                if (follows_with('I', "AO")) return put('X');
                if (next == 'H') return put('X', 1);
                if (follows_with('C', "H") && near(3) == 'W') return put('X', 2);
                return put('S');
            case 'T':
                if (follows_with('I', "AO")) return put('X');
                return next == 'H' ? put('0', 1) : put('T');
            case 'V':
                return put('F');
            case 'W':
            case 'Y':
                if (is_vowel(next)) put(c);
                return;
            case 'X':
                put('K');
                return put('S');
            case 'Z':
                return put('S');
            default:
                if (!is_vowel(c)) put(c);
        }
    }

    void letter_c() {
        if (softens(near(1))) {
            if (follows_with('I', "A")) return put('X');
            if (near(-1) != 'S') put('S');
        } else if (near(1) == 'H') {
            put(near(2) == 'R' || near(-1) == 'S' ? 'K' : 'X', 1);
        } else {
            put('K');
        }
    }

    void letter_g() {
        if (near(1) == 'H') {
            // "gh" is silent in "bough" and "daughter", and F in "laugh".
            if (!one_of(near(-3), "BDH") && near(-4) != 'H') put('F', 1);
        } else if (near(1) == 'N') {
            bool silent = !is_capital(near(2)) || (near(2) == 'E' && near(3) == 'D');
            if (!silent) put('K');
        } else {
            put(softens(near(1)) && near(-1) != 'G' ? 'J' : 'K');
        }
    }

    std::string_view text_;
    std::string code_;
    std::size_t at_ = 0;
};

}  // namespace

std::string metaphone(std::string_view text) {
    std::string letters = capitals(text);
    return Coder(letters).code();
}

}  // namespace recon::similarity
