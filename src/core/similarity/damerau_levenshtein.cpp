#include "core/similarity/damerau_levenshtein.hpp"

#include <algorithm>

#include "core/similarity/affixes.hpp"

namespace recon::similarity {

// Row i of the table is computed from row i - 1 and, for a transposition, from one cell of an older
// row: of the row before the last that had the letter of column j (`transposed_`), or of the cell
// before the last column that had the letter of row i (`before_last`).
template <class Char>
std::size_t DamerauRows::distance(Text<Char> a, Text<Char> b, std::size_t cutoff, StopToken* stop) {
    constexpr std::size_t stop_every = 1 << 16;
    // Letters as small numbers; those of `a` index last_row_.
    auto number = [&](Char c) {
        if constexpr (sizeof(Char) == 1) return static_cast<std::uint32_t>(c);
        return numbers_.try_emplace(c, static_cast<std::uint32_t>(numbers_.size())).first->second;
    };
    numbers_.clear();
    letters_.clear();
    for (Char c : b) letters_.push_back(number(c));
    std::size_t columns = b.size(), far = std::max(a.size(), columns) + 1;
    last_row_.assign(sizeof(Char) == 1 ? 256 : numbers_.size(), 0);
    // Cell j stands at j + 1: column -1 is never the best.
    transposed_.assign(columns + 2, far);
    previous_.assign(columns + 2, far);
    current_.resize(columns + 2);
    current_[0] = far;
    for (std::size_t j = 0; j <= columns; ++j) current_[j + 1] = j;
    std::size_t cells = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        cells += columns;
        if (stop != nullptr && cells >= stop_every) {
            cells = 0;
            check_stop(*stop);
        }
        std::swap(current_, previous_);
        std::uint32_t letter = 0;
        bool known = true;
        if constexpr (sizeof(Char) == 1) {
            letter = a[i - 1];
        } else {
            auto found = numbers_.find(a[i - 1]);
            known = found != numbers_.end();
            if (known) letter = found->second;
        }
        std::size_t last_column = 0, before_last = far, lowest = i;
        std::size_t overwritten = current_[1];  // of row i - 2
        current_[1] = i;
        for (std::size_t j = 1; j <= columns; ++j) {
            bool same = known && letters_[j - 1] == letter;
            std::size_t best = previous_[j] + !same;
            best = std::min({best, current_[j] + 1, previous_[j + 1] + 1});
            if (same) {
                last_column = j;
                transposed_[j] = previous_[j - 1];
                before_last = overwritten;
            } else {
                std::size_t row = last_row_[letters_[j - 1]];
                if (last_column != 0 && j - last_column == 1)
                    best = std::min(best, transposed_[j] + (i - row));
                else if (row != 0 && i - row == 1 && last_column != 0)
                    best = std::min(best, before_last + (j - last_column));
            }
            overwritten = current_[j + 1];
            current_[j + 1] = best;
            lowest = std::min(lowest, best);
        }
        if (known) last_row_[letter] = i;
        // A transposition that passes over this row costs no less than a way through it.
        if (lowest > cutoff) return cutoff + 1;
    }
    return current_[columns + 1];
}

template <class Char>
std::size_t damerau_distance(Text<Char> a, Text<Char> b, std::size_t cutoff,
                             PatternBits<Char>& bits, DamerauRows& rows, StopToken* stop) {
    strip_affixes(a, b);
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > cutoff) return cutoff + 1;
    if (a.empty()) return b.size();
    if (cutoff < b.size()) {
        std::size_t plain = levenshtein_distance(a, b, 2 * cutoff, bits, stop);
        if (plain > 2 * cutoff) return cutoff + 1;
        if (plain == 1) return 1;
    }
    return rows.distance(a, b, cutoff, stop);
}

template std::size_t damerau_distance(Text<Byte>, Text<Byte>, std::size_t, PatternBits<Byte>&,
                                      DamerauRows&, StopToken*);
template std::size_t damerau_distance(Text<char32_t>, Text<char32_t>, std::size_t,
                                      PatternBits<char32_t>&, DamerauRows&, StopToken*);

double damerau_levenshtein(std::string_view a, std::string_view b, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        PatternBits<Char> bits;
        DamerauRows rows;
        std::size_t length = std::max(x.size(), y.size());
        return Edits{damerau_distance(x, y, no_cutoff, bits, rows, stop), length}.similarity();
    });
}

}  // namespace recon::similarity
