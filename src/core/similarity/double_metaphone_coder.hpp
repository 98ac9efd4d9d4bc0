// The rules of Double Metaphone, letter by letter.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/similarity/double_metaphone.hpp"

namespace recon::similarity {

class DoubleMetaphoneCoder {
  public:
    // `text` is in capital letters, and begins and ends with one.
    explicit DoubleMetaphoneCoder(std::string text);
    DoubleMetaphone code();

  private:
    using Words = std::initializer_list<std::string_view>;

    char at(int place) const {
        return place >= 0 && place < static_cast<int>(text_.size())
                   ? text_[static_cast<std::size_t>(place)]
                   : '\0';
    }
    char near(int distance) const { return at(at_ + distance); }
    // Whether one of the words stands at a place, or so far from the current letter.
    bool has(int place, Words words) const;
    bool reads(int distance, Words words) const { return has(at_ + distance, words); }
    bool is(int distance, std::string_view letters) const {
        char c = near(distance);
        return c != '\0' && letters.find(c) != std::string_view::npos;
    }
    bool vowel(int distance) const { return is(distance, "AEIOUY"); }
    bool germanic_name() const { return has(0, {"VAN ", "VON ", "SCH"}); }
    bool is_last() const { return at_ == last_; }

    // Adds the sounds of the next `letters`.
    void put(std::string_view primary, std::string_view alternate, int letters) {
        code_.primary += primary;
        code_.alternate += alternate;
        at_ += letters;
    }
    void put(std::string_view both, int letters) { put(both, both, letters); }
    // Two for a letter that is doubled (or followed by one that says the same), else one.
    int doubled(std::string_view same) const { return is(1, same) ? 2 : 1; }

    void letter();
    void letter_c();
    void letters_ch();
    void letters_cc();
    void letter_d();
    void letter_g();
    void letters_gh();
    void letters_gn();
    void letter_h();
    void letter_j();
    void letter_l();
    void letter_m();
    void letter_p();
    void letter_r();
    void letter_s();
    void letters_sch();
    void letter_t();
    void letter_w();
    void letter_x();
    void letter_z();

    std::string text_;  // padded by blanks
    DoubleMetaphone code_;
    int at_ = 0, last_ = 0;
    bool slavo_germanic_ = false;
};

}  // namespace recon::similarity
