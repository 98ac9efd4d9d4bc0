#include "core/similarity/prepared_token_sets.hpp"

#include <memory_resource>
#include <string>
#include <unordered_map>

#include "core/similarity/pattern_bits.hpp"
#include "core/similarity/token_sets.hpp"
#include "core/similarity/words.hpp"

namespace recon::similarity {

namespace {

// Numbers tokens in the order in which they come.
template <class Token>
class Numbering {
  public:
    template <class Key>
    std::uint32_t operator()(const Key& key, std::uint32_t& next) {
        auto [entry, is_new] = numbers_.try_emplace(Token(key), next);
        next += is_new;
        return entry->second;
    }

  private:
    std::pmr::monotonic_buffer_resource arena_;
    std::pmr::unordered_map<Token, std::uint32_t> numbers_{&arena_};
};

}  // namespace

PreparedTokenSets::PreparedTokenSets(const Measure& measure, Texts texts, StopToken& stop)
    : algorithm_(measure.algorithm) {
    StopCheck check(stop, 64);
    Numbering<Trigram> trigram_numbers;
    Numbering<std::pmr::string> word_numbers, tokenless;
    std::vector<std::uint32_t> set;
    sets_.reserve(texts.size());
    for (std::string_view text : texts) {
        check();
        set.clear();
        LowerWords words(text, &stop);
        if (measure.word_tokens) {
            for (std::string_view word : words.all())
                set.push_back(word_numbers(word, token_count_));
        } else {
            for (Trigram trigram : trigrams(words, &stop))
                set.push_back(trigram_numbers(trigram, token_count_));
        }
        if (set.empty()) set.push_back(tokenless(text, token_count_));
        add(set, stop);
    }
}

void PreparedTokenSets::add(std::vector<std::uint32_t>& set, StopToken& stop) {
    make_set(set, &stop);
    Set added{tokens_.size(), static_cast<std::uint32_t>(set.size()), {0, 0}};
    for (std::uint32_t token : set) {
        std::uint32_t bit = token * 0x9E3779B1u >> 25;
        added.signature[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    }
    tokens_.insert(tokens_.end(), set.begin(), set.end());
    sets_.push_back(added);
}

double PreparedTokenSets::score(std::uint32_t a, std::uint32_t b, double bound) const {
    const Set &x = sets_[a], &y = sets_[b];
    std::size_t most = std::min(x.size, y.size);
    if (bound > 0) {
        if (set_similarity(algorithm_, most, x.size, y.size) < bound) return -1;
        // Each bit that only one of them has is a token at least that the other lacks.
        std::size_t only_x = count_bits(x.signature[0] & ~y.signature[0]) +
                             count_bits(x.signature[1] & ~y.signature[1]);
        std::size_t only_y = count_bits(y.signature[0] & ~x.signature[0]) +
                             count_bits(y.signature[1] & ~x.signature[1]);
        most = std::min(x.size - only_x, y.size - only_y);
        if (set_similarity(algorithm_, most, x.size, y.size) < bound) return -1;
    }
    std::span<const std::uint32_t> p = tokens(a), q = tokens(b);
    std::size_t shared =
        shared_values(p.data(), p.data() + p.size(), q.data(), q.data() + q.size());
    double similarity = set_similarity(algorithm_, shared, x.size, y.size);
    return similarity >= bound ? similarity : -1;
}

Prepared prepare_token_sets(const Measure& measure, Texts texts, StopToken& stop) {
    return std::make_unique<PreparedTokenSets>(measure, texts, stop);
}

}  // namespace recon::similarity
