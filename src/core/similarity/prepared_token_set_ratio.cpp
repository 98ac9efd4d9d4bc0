#include "core/similarity/prepared_token_set_ratio.hpp"

#include "core/similarity/indel.hpp"
#include "core/similarity/token_ratios.hpp"
#include "core/similarity/words.hpp"

namespace recon::similarity {

PreparedTokenSetRatio::PreparedTokenSetRatio(const Measure&, Texts texts, StopToken& stop)
    : stop_(stop) {
    StopCheck check(stop, 64);
    // In the order of their first text at first.
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    std::vector<std::string_view> words;
    begins_.reserve(texts.size() + 1);
    begins_.push_back(0);
    for (std::string_view text : texts) {
        check();
        std::vector<std::string_view> set = words_between_spaces(text, &stop);
        make_set(set, &stop);
        for (std::string_view word : set) {
            auto [entry, is_new] =
                numbers.try_emplace(word, static_cast<std::uint32_t>(words.size()));
            if (is_new) words.push_back(word);
            tokens_.push_back(entry->second);
        }
        begins_.push_back(static_cast<std::uint32_t>(tokens_.size()));
    }
    std::vector<std::string_view> sorted = words;
    make_set(sorted, &stop);
    for (std::uint32_t i = 0; i < sorted.size(); ++i) numbers[sorted[i]] = i;
    for (std::uint32_t& token : tokens_) token = numbers[words[token]];
    token_count_ = static_cast<std::uint32_t>(sorted.size());
    words_ = std::make_unique<Sequences>(sorted, stop);
    for (std::uint32_t i = 0; i < token_count_; ++i) is_wide_ |= (*words_)[i].is_wide;
}

double PreparedTokenSetRatio::score(std::uint32_t a, std::uint32_t b, double bound) const {
    std::span<const std::uint32_t> x = tokens(a), y = tokens(b);
    if (x.empty() && y.empty()) return 1;
    rest_a_.clear();
    rest_b_.clear();
    TokenSetLengths lengths;
    auto add = [&](std::size_t& length, std::uint32_t word) {
        length += (length != 0 ? 1 : 0) + (*words_)[word].length;
    };
    std::size_t i = 0, j = 0;
    while (i < x.size() || j < y.size()) {
        if (j == y.size() || (i < x.size() && x[i] < y[j])) {
            rest_a_.push_back(x[i]);
            add(lengths.rest_a, x[i++]);
        } else if (i == x.size() || y[j] < x[i]) {
            rest_b_.push_back(y[j]);
            add(lengths.rest_b, y[j++]);
        } else {
            add(lengths.shared, x[i++]);
            ++j;
        }
    }
    double best = lengths.least();
    if (best == 1) return 1;
    std::size_t length = lengths.length();
    std::size_t cutoff = cutoff_of(length, std::max(best, bound));
    std::size_t longer = lengths.rest_a > lengths.rest_b ? lengths.rest_a - lengths.rest_b
                                                         : lengths.rest_b - lengths.rest_a;
    if (longer <= cutoff) {
        std::size_t edits = is_wide_ ? distance<char32_t>(cutoff) : distance<Byte>(cutoff);
        if (edits <= cutoff) best = std::max(best, Edits{edits, length}.similarity());
    }
    return best >= bound ? best : -1;
}

template <class Char>
std::size_t PreparedTokenSetRatio::distance(std::size_t cutoff) const {
    auto& joined = std::get<Joined<Char>>(joined_);
    auto join = [&](const Tokens& words, std::vector<Char>& to) {
        to.clear();
        for (std::uint32_t word : words) {
            if (!to.empty()) to.push_back(' ');
            words_->append((*words_)[word], to);
        }
    };
    join(rest_a_, joined.a);
    join(rest_b_, joined.b);
    return indel_distance(Text<Char>(joined.a), Text<Char>(joined.b), cutoff, words_->bits(Char()),
                          &stop_);
}

Prepared prepare_token_set_ratio(const Measure& measure, Texts texts, StopToken& stop) {
    return std::make_unique<PreparedTokenSetRatio>(measure, texts, stop);
}

}  // namespace recon::similarity
