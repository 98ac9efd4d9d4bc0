#include "core/match/segment_join.hpp"

#include <array>
#include <bit>
#include <cmath>

#include "core/match/dictionary.hpp"

namespace recon::match {

namespace {

// Beyond, there are more places to look up than texts to scan.
constexpr std::size_t most_segments = 24, longest_cut = 512;
constexpr std::size_t least_segment = 2;             // characters, on average
constexpr std::size_t fewest_to_index = 64;          // texts of one length
constexpr std::size_t sampled = 1024;                // texts
constexpr std::uint64_t base = 0x9E3779B97F4A7C15u;  // odd

BagLimitOf edits_limit(const similarity::PreparedEdits& prepared) {
    return [&prepared](std::size_t a, std::size_t b) -> std::optional<BagLimit> {
        std::size_t cutoff = prepared.cutoff(a, b);
        if ((a > b ? a - b : b - a) > cutoff) return std::nullopt;
        return BagLimit{cutoff, cutoff, prepared.is_indel() ? cutoff : similarity::no_cutoff};
    };
}

}  // namespace

SegmentJoin::SegmentJoin(const similarity::PreparedEdits& prepared, TextNumbers a, TextNumbers b,
                         Reservation& memory, StopToken& stop)
    : prepared_(prepared),
      sequences_(prepared.sequences()),
      a_(sequences_, a, memory),
      b_(sequences_, b, memory),
      memory_(memory),
      stop_(stop),
      limit_of_(edits_limit(prepared)) {
    std::size_t longest = 0;
    if (!a_.groups().empty()) longest = a_.groups().back().length;
    if (!b_.groups().empty()) longest = std::max(longest, b_.groups().back().length);
    memory_.take((2 * longest + 2) * sizeof(std::uint64_t));
    beginnings_.resize(longest + 1);
    powers_.assign(longest + 1, 1);
    for (std::size_t i = 1; i <= longest; ++i) powers_[i] = powers_[i - 1] * base;
    for (const LengthGroup& group : b_.groups()) {
        check_stop(stop);
        cuts_.push_back(cut(group));
    }
    index();
    estimate();
}

// Levenshtein edits to any text of A; a transposition is two of them.
std::size_t SegmentJoin::most_edits(std::size_t length_b) const {
    std::size_t most = 0;
    for (const LengthGroup& group : a_.groups()) {
        std::size_t a = group.length, cutoff = prepared_.cutoff(a, length_b);
        if ((a > length_b ? a - length_b : length_b - a) <= cutoff)
            most = std::max(most, std::min(cutoff, std::max(a, length_b)));
    }
    return prepared_.transposes() ? 2 * most : most;
}

// Where all texts say the same ("INV-2024-"), a segment would tell nothing: segments are cut so
// that each has about as much of the information, by how often two texts differ at a place.
SegmentJoin::Cut SegmentJoin::cut(const LengthGroup& group) const {
    std::size_t segments = most_edits(group.length) + 1, length = group.length;
    if (group.size() < fewest_to_index || segments > most_segments || length > longest_cut ||
        length < segments * least_segment)
        return {};
    std::vector<std::array<std::uint32_t, 64>> counts(length);
    std::size_t texts = std::min(group.size(), sampled);
    for (std::size_t i = 0; i < texts; ++i) {
        std::size_t at = 0;
        sequences_.for_each_character(sequences_[b_.texts(group)[i * group.size() / texts]],
                                      [&](char32_t c) { ++counts[at++][c & 63]; });
    }
    std::vector<double> information(length);
    double whole = 0;
    for (std::size_t at = 0; at < length; ++at) {
        double same = 0;
        for (std::uint32_t count : counts[at]) {
            double share = static_cast<double>(count) / static_cast<double>(texts);
            same += share * share;
        }
        whole += information[at] = 0.01 - std::log2(same);
    }
    Cut result;
    result.begins.push_back(0);
    double sum = 0;
    for (std::size_t at = 0; at < length && result.begins.size() < segments; ++at) {
        sum += information[at];
        std::size_t left = segments - result.begins.size();  // segments after this one
        bool full = sum >= whole * static_cast<double>(result.begins.size()) /
                               static_cast<double>(segments);
        if (full || length - at - 1 == left)
            result.begins.push_back(static_cast<std::uint32_t>(at + 1));
    }
    result.begins.push_back(static_cast<std::uint32_t>(length));
    return result;
}

void SegmentJoin::hash_beginnings(std::uint32_t text) {
    std::size_t at = 0;
    sequences_.for_each_character(sequences_[text], [&](char32_t c) {
        beginnings_[at + 1] = beginnings_[at] * base + c + 1;
        ++at;
    });
}

std::size_t SegmentJoin::key(std::uint64_t hash, std::size_t length_b, std::size_t segment) const {
    return mix(hash + (length_b * most_segments + segment) * base) >> (64 - key_bits_);
}

void SegmentJoin::index() {
    std::uint64_t entries = 1;
    for (std::size_t g = 0; g < cuts_.size(); ++g)
        entries += b_.groups()[g].size() * cuts_[g].segments();
    key_bits_ = static_cast<unsigned>(std::bit_width(entries));
    StopCheck stop(stop_);
    postings_.emplace(std::size_t{1} << key_bits_, memory_, [&](auto add) {
        for (std::size_t g = 0; g < cuts_.size(); ++g) {
            const Cut& cut = cuts_[g];
            if (cut.segments() == 0) continue;
            for (std::uint32_t text : b_.texts(b_.groups()[g])) {
                stop();
                hash_beginnings(text);
                for (std::size_t i = 0; i < cut.segments(); ++i) {
                    std::size_t begin = cut.begins[i], length = cut.begins[i + 1] - begin;
                    add(key(hash_of(begin, length), b_.groups()[g].length, i), text);
                }
            }
        }
    });
}

// Some unchanged segment i has at most i edits before it and k - i behind it, which bounds where it
// stands in the other text.
template <class Visit>
void SegmentJoin::look_up(std::size_t length_a, std::size_t group_b, Visit visit) const {
    const Cut& cut = cuts_[group_b];
    auto length_b = static_cast<long>(b_.groups()[group_b].length);
    auto k = static_cast<long>(cut.segments()) - 1, longer = static_cast<long>(length_a) - length_b;
    for (long i = 0; i <= k; ++i) {
        auto begin = static_cast<long>(cut.begins[static_cast<std::size_t>(i)]);
        long length = static_cast<long>(cut.begins[static_cast<std::size_t>(i) + 1]) - begin;
        long first = std::max({0L, begin - i, begin + longer - (k - i)});
        long last =
            std::min({static_cast<long>(length_a) - length, begin + i, begin + longer + (k - i)});
        for (long place = first; place <= last; ++place) {
            std::uint64_t hash =
                hash_of(static_cast<std::size_t>(place), static_cast<std::size_t>(length));
            visit((*postings_)[key(hash, static_cast<std::size_t>(length_b),
                                   static_cast<std::size_t>(i))]);
        }
    }
}

void SegmentJoin::estimate() {
    StopCheck stop(stop_, 64);
    for (const LengthGroup& x : a_.groups()) {
        std::size_t step = (x.size() + sampled - 1) / sampled;
        for (std::size_t g = 0; g < cuts_.size(); ++g) {
            const LengthGroup& y = b_.groups()[g];
            stop();
            if (!limit_of_(x.length, y.length)) continue;
            if (cuts_[g].segments() == 0) {
                comparisons_ += std::uint64_t{x.size()} * y.size();
                continue;
            }
            for (std::size_t at = 0; at < x.size(); at += step) {
                stop();
                hash_beginnings(a_.texts(x)[at]);
                look_up(x.length, g, [&](std::span<const std::uint32_t> list) {
                    comparisons_ += list.size() * step;
                });
            }
        }
    }
}

void SegmentJoin::run(const Each& each) {
    BagScan scan(sequences_, a_, b_, stop_);
    StopCheck stop(stop_);
    // Texts that share more than one segment come once: B's number of the last text that had it.
    std::vector<std::uint32_t> found;
    for (const LengthGroup& x : a_.groups())
        for (std::size_t g = 0; g < cuts_.size(); ++g) {
            const LengthGroup& y = b_.groups()[g];
            std::optional<BagLimit> limit = limit_of_(x.length, y.length);
            if (!limit) continue;
            if (cuts_[g].segments() == 0) {
                scan.run(x, y, *limit, each);
                continue;
            }
            for (std::uint32_t a : a_.texts(x)) {
                stop();
                hash_beginnings(a);
                similarity::Bag bag = sequences_[a].bag;
                found.clear();
                look_up(x.length, g, [&](std::span<const std::uint32_t> list) {
                    for (std::uint32_t b : list) {
                        stop();
                        const similarity::Sequence& text = sequences_[b];
                        auto [only_a, only_b] = difference(bag, text.bag);
                        if (text.length == y.length && only_a <= limit->only_a &&
                            only_b <= limit->only_b && only_a + only_b <= limit->together)
                            found.push_back(b);
                    }
                });
                std::sort(found.begin(), found.end());
                found.erase(std::unique(found.begin(), found.end()), found.end());
                for (std::uint32_t b : found) each(a, b);
            }
        }
}

}  // namespace recon::match
