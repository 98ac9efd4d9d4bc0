#include "core/field/boolean.hpp"

#include <array>

#include "core/field/raw_text.hpp"

namespace recon::field {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// As PostgreSQL's parse_bool: any prefix of the word that is long enough to be unique.
bool abbreviates(std::string_view text, std::string_view word, std::size_t shortest) {
    if (text.size() < shortest || text.size() > word.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (lower(text[i]) != word[i]) return false;
    return true;
}

struct Word {
    std::string_view text;
    std::size_t shortest;
    bool value;
};

constexpr std::array<Word, 8> words = {{{"true", 1, true},
                                        {"false", 1, false},
                                        {"yes", 1, true},
                                        {"no", 1, false},
                                        {"on", 2, true},
                                        {"off", 2, false},
                                        {"1", 1, true},
                                        {"0", 1, false}}};

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
    text = trim_blanks(text);
    for (const Word& word : words)
        if (abbreviates(text, word.text, word.shortest)) return word.value;
    return std::nullopt;
}

}  // namespace recon::field
