#include "core/similarity/words.hpp"

#include "core/field/text.hpp"
#include "core/similarity/characters.hpp"

namespace recon::similarity {

namespace {

// The runs of characters of which `inside` is true.
template <class Inside>
std::vector<std::string_view> runs(std::string_view text, Inside inside, StopToken* stop) {
    std::optional<StopCheck> check;
    if (stop != nullptr) check.emplace(*stop);
    std::vector<std::string_view> result;
    std::size_t begin = 0, at = 0;
    while (at < text.size()) {
        if (check) (*check)();
        field::CodePoint next = field::first_code_point(text.substr(at));
        if (!inside(next.value)) {
            if (at > begin) result.push_back(text.substr(begin, at - begin));
            begin = at + next.bytes;
        }
        at += next.bytes;
    }
    if (at > begin) result.push_back(text.substr(begin));
    return result;
}

}  // namespace

std::vector<std::string_view> words_between_spaces(std::string_view text, StopToken* stop) {
    return runs(
        text, [](char32_t c) { return !field::is_space(c); }, stop);
}

LowerWords::LowerWords(std::string_view text, StopToken* stop) : lower_(text) {
    field::lower(lower_);
    words_ = runs(lower_, field::is_alnum, stop);
}

std::vector<Trigram> trigrams(const LowerWords& words, StopToken* stop) {
    constexpr Trigram mask = (Trigram{1} << 63) - 1, blank = ' ';
    std::vector<Trigram> result;
    for (std::string_view word : words.all()) {
        if (stop != nullptr && word.size() > 4096) check_stop(*stop);
        Trigram last_three = blank << 21 | blank;
        auto add = [&](char32_t c) {
            last_three = (last_three << 21 | c) & mask;
            result.push_back(last_three);
        };
        for_each_code_point(word, add);
        add(' ');
    }
    return result;
}

}  // namespace recon::similarity
