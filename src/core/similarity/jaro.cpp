#include "core/similarity/jaro.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace recon::similarity {

namespace {

std::size_t window_of(std::size_t a, std::size_t b) {
    std::size_t half = std::max(a, b) / 2;
    return half > 0 ? half - 1 : 0;
}

struct Taken {
    std::uint64_t a = 0, b = 0;
};

// Each character of `a` takes the first equal one of `b` in its window that is still free.
template <class Char>
Taken take_common(Text<Char> a, std::size_t window, const PatternBits<Char>& bits) {
    Taken taken;
    std::uint64_t at = 1;
    // The window of the first character; then it grows to its full width, and moves on.
    std::uint64_t inside =
        window + 1 < word_bits ? (std::uint64_t{1} << (window + 1)) - 1 : ~std::uint64_t{0};
    std::size_t i = 0, growing = std::min(window, a.size());
    auto take = [&] {
        std::uint64_t found = bits[a[i]] & inside & ~taken.b;
        taken.b |= found & (0 - found);
        taken.a |= found != 0 ? at : 0;
        at <<= 1;
        ++i;
    };
    while (i < growing) {
        take();
        inside = (inside << 1) | 1;
    }
    while (i < a.size()) {
        take();
        inside <<= 1;
    }
    return taken;
}

template <class Char>
std::size_t out_of_order(Text<Char> a, Taken taken, const PatternBits<Char>& bits) {
    std::size_t count = 0;
    while (taken.a != 0) {
        auto i = static_cast<std::size_t>(std::countr_zero(taken.a));
        std::uint64_t lowest_b = taken.b & (0 - taken.b);
        count += (bits[a[i]] & lowest_b) == 0;
        taken.a &= taken.a - 1;
        taken.b ^= lowest_b;
    }
    return count;
}

// The same in linear time: as the window only moves on, the places of one character in `b` are
// taken in order.
template <class Char>
class LongCommon {
  public:
    LongCommon(Text<Char> a, Text<Char> b, std::size_t window, StopToken* stop) {
        if (stop != nullptr) stop_.emplace(*stop);
        find_places(b);
        std::vector<Char> taken_a;
        std::vector<bool> taken_b(b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            ask();
            auto entry = first_.find(a[i]);
            if (entry == first_.end()) continue;
            std::size_t& at = entry->second;
            while (at != none && at + window < i) at = next_[at];
            if (at == none || at > i + window) continue;
            taken_b[at] = true;
            at = next_[at];
            taken_a.push_back(a[i]);
        }
        for (std::size_t j = 0; j < b.size(); ++j) {
            ask();
            if (taken_b[j]) out_of_order += taken_a[common++] != b[j];
        }
    }
    std::size_t common = 0, out_of_order = 0;

  private:
    static constexpr std::size_t none = ~std::size_t{0};
    void ask() {
        if (stop_) (*stop_)();
    }
    // The places of each character as a list in ascending order.
    void find_places(Text<Char> b) {
        next_.resize(b.size());
        for (std::size_t j = b.size(); j-- > 0;) {
            ask();
            std::size_t& first = first_.try_emplace(b[j], none).first->second;
            next_[j] = first;
            first = j;
        }
    }
    std::optional<StopCheck> stop_;
    std::vector<std::size_t> next_;
    std::unordered_map<Char, std::size_t> first_;
};

}  // namespace

template <class Char>
double jaro_similarity(Text<Char> a, Text<Char> b, std::size_t prefix, double share,
                       PatternBits<Char>& bits, StopToken* stop) {
    if (a.empty() && b.empty()) return 1;
    if (a.empty() || b.empty()) return 0;
    std::size_t window = window_of(a.size(), b.size());
    std::size_t common = 0, moved = 0;
    if (a.size() <= word_bits && b.size() <= word_bits) {
        bits.set(b);
        Taken taken = take_common(a, window, bits);
        common = count_bits(taken.a);
        bool possible = jaro_can_reach(share, common, a.size(), b.size());
        if (possible) moved = out_of_order(a, taken, bits);
        bits.clear(b);
        if (!possible) return 0;
    } else {
        LongCommon<Char> found(a, b, window, stop);
        common = found.common;
        moved = found.out_of_order;
    }
    if (common == 0) return 0;
    return with_winkler_bonus(jaro_of(common, moved / 2, a.size(), b.size()), prefix);
}

template double jaro_similarity(Text<Byte>, Text<Byte>, std::size_t, double, PatternBits<Byte>&,
                                StopToken*);
template double jaro_similarity(Text<char32_t>, Text<char32_t>, std::size_t, double,
                                PatternBits<char32_t>&, StopToken*);

double jaro(std::string_view a, std::string_view b, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        PatternBits<Char> bits;
        return jaro_similarity(x, y, 0, -1, bits, stop);
    });
}

double jaro_winkler(std::string_view a, std::string_view b, double min, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        std::size_t prefix = winkler_prefix(x, y);
        double share = jaro_share(min, prefix);
        if (!jaro_can_reach(share, std::min(x.size(), y.size()), x.size(), y.size())) return 0.0;
        PatternBits<Char> bits;
        return jaro_similarity(x, y, prefix, share, bits, stop);
    });
}

}  // namespace recon::similarity
