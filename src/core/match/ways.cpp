#include "core/match/ways.hpp"

#include <string_view>

#include "core/error.hpp"
#include "core/match/lanes.hpp"

namespace recon::match {

namespace {

using Range = TextPairFinder::Range;

// A join takes a step for each text before it saves any.
constexpr std::uint64_t least_pairs_a_class = 64;

class Chooser {
  public:
    Chooser(const Plan& plan, Index& index, const Limits& limits, Reservation& memory,
            StopToken& token)
        : index_(index),
          limits_(limits),
          stop_(token, 256),
          lanes_(plan, index),
          finder_(plan, index, memory, token) {}

    Ways run();

  private:
    void choose(std::uint32_t group, std::uint64_t least);
    bool join(std::uint32_t group, const std::vector<Range>& b, std::uint64_t pairs, bool is_swept);
    std::uint64_t count_pairs(std::uint32_t begin, std::uint32_t end);
    std::vector<Range> ranges(std::uint32_t begin, std::uint32_t end) const;
    void set(std::uint32_t group, Way way) {
        if (index_.ways.empty()) {
            index_.ways.resize(index_.a.groups.size());
            std::fill(index_.ways.begin(), index_.ways.end(), Way::sweep);
        }
        index_.ways[group] = way;
    }
    void leave_out(std::uint32_t group, const std::vector<Range>& b);

    Index& index_;
    const Limits& limits_;
    StopCheck stop_;
    Lanes lanes_;
    TextPairFinder finder_;
    Ways ways_;
    std::vector<std::uint8_t> left_b_;
};

Ways Chooser::run() {
    // Of groups with fewer pairs it does not matter.
    std::uint64_t least = limits_.max_comparisons;
    if (finder_.is_possible()) least = std::min(least, limits_.join_texts_from);
    const std::vector<Group>& groups = index_.a.groups;
    const Side& b = index_.b;
    for (std::uint32_t g = 0; g + 1 < groups.size(); ++g) {
        stop_();
        // The whole block first: nearly all are small enough anyway.
        std::uint64_t block = b.groups[b.block_begins[groups[g].block + 1]].begin -
                              b.groups[b.block_begins[groups[g].block]].begin;
        if (block != 0 && groups[g + 1].begin - groups[g].begin > least / block) choose(g, least);
    }
    finder_.finish();
    for (std::uint32_t c = 0; c < left_b_.size(); ++c)
        if (left_b_[c] != 0) ways_.left_b.push_back(c);
    return std::move(ways_);
}

void Chooser::choose(std::uint32_t group, std::uint64_t least) {
    std::uint32_t begin = index_.a.groups[group].begin, end = index_.a.groups[group + 1].begin;
    lanes_.open(index_.a.groups[group], begin);
    if (lanes_.classes() <= least / (end - begin)) return;
    std::uint64_t pairs = count_pairs(begin, end);
    if (pairs <= least) return;
    std::vector<Range> b = ranges(begin, end);
    bool is_swept = pairs <= limits_.max_comparisons;
    if (finder_.is_possible() && join(group, b, pairs, is_swept)) return;
    if (is_swept) return;
    ways_.left_pairs += pairs;
    leave_out(group, b);
}

// Where the group can be swept, only if that is much more to do, and the memory suffices.
bool Chooser::join(std::uint32_t group, const std::vector<Range>& b, std::uint64_t pairs,
                   bool is_swept) {
    std::uint64_t most = limits_.max_comparisons;
    bool is_free = is_swept && limits_.join_texts_from != 0;
    if (is_free) {
        std::uint64_t classes = index_.a.groups[group + 1].begin - index_.a.groups[group].begin;
        for (auto [first, last] : b) classes += last - first;
        if (pairs / least_pairs_a_class < classes) return false;
        most = std::min(most, pairs / 2);
    }
    std::optional<TextPairFinder::Joined> joined;
    try {
        joined = finder_.add(group, b, most);
    } catch (const Error& error) {
        if (!is_free || std::string_view(error.code()) != sqlstate::configuration_limit_exceeded)
            throw;
    }
    if (!joined) return false;
    set(group, Way::text_join);
    ++ways_.joined_groups;
    ways_.swept_pairs += pairs;
    ways_.joined.texts += joined->texts;
    ways_.joined.alike += joined->alike;
    ways_.joined.pairs += joined->pairs;
    return true;
}

std::uint64_t Chooser::count_pairs(std::uint32_t begin, std::uint32_t end) {
    std::uint64_t pairs = 0;
    for (std::uint32_t a = begin; a < end; ++a) {
        stop_();
        lanes_.for_ranges(a, [&](std::uint32_t first, std::uint32_t last) {
            pairs += last > first ? last - first : 0;
        });
    }
    return pairs;
}

// What the group is compared with: from the window of the first to that of the last, in each lane.
std::vector<Range> Chooser::ranges(std::uint32_t begin, std::uint32_t end) const {
    std::vector<Range> result;
    lanes_.for_ranges(begin, [&](std::uint32_t first, std::uint32_t) {
        result.push_back({first, first});
    });
    std::size_t lane = 0;
    lanes_.for_ranges(end - 1, [&](std::uint32_t, std::uint32_t last) {
        Range& range = result[lane++];
        range.second = std::max(range.first, last);
    });
    return result;
}

void Chooser::leave_out(std::uint32_t group, const std::vector<Range>& b) {
    set(group, Way::left_out);
    ++ways_.left_groups;
    for (std::uint32_t a = index_.a.groups[group].begin; a < index_.a.groups[group + 1].begin;
         ++a) {
        stop_();
        ways_.left_a.push_back(a);
    }
    left_b_.resize(index_.b.classes());
    for (auto [first, last] : b)
        for (std::uint32_t c = first; c < last; ++c) left_b_[c] = 1;
}

}  // namespace

Ways choose_ways(const Plan& plan, Index& index, const Limits& limits, Reservation& memory,
                 StopToken& stop) {
    Ways ways = Chooser(plan, index, limits, memory, stop).run();
    if (ways.left_groups != 0 && !plan.is_selective())
        refuse_all_pairs(
            "No condition of $.match that must hold is of op \"equal\", \"within\" or "
            "\"starts_with\", and the texts of " +
            std::to_string(index.a.rows.size()) + " x " + std::to_string(index.b.rows.size()) +
            " open records leave more than " + std::to_string(limits.max_comparisons) +
            " pairs to compare.");
    return ways;
}

}  // namespace recon::match
