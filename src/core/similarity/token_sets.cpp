#include "core/similarity/token_sets.hpp"

#include "core/similarity/words.hpp"

namespace recon::similarity {

namespace {

template <class Token>
double of_sets(Algorithm algorithm, std::vector<Token> a, std::vector<Token> b, StopToken* stop) {
    make_set(a, stop);
    make_set(b, stop);
    std::size_t shared =
        shared_values(a.data(), a.data() + a.size(), b.data(), b.data() + b.size());
    return set_similarity(algorithm, shared, a.size(), b.size());
}

}  // namespace

double token_set_similarity(Algorithm algorithm, std::string_view a, std::string_view b,
                            bool word_tokens, StopToken* stop) {
    if (a == b) return 1;
    LowerWords words_a(a, stop), words_b(b, stop);
    if (word_tokens) return of_sets(algorithm, words_a.all(), words_b.all(), stop);
    return of_sets(algorithm, trigrams(words_a, stop), trigrams(words_b, stop), stop);
}

}  // namespace recon::similarity
