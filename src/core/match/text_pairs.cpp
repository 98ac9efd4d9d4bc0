#include "core/match/text_pairs.hpp"

#include "core/match/pair_scorer.hpp"
#include "core/match/radix_sort.hpp"
#include "core/match/text_join.hpp"

namespace recon::match {

namespace {

using Range = TextPairFinder::Range;

// Room for so many more, so that adding them cannot fail.
template <class T>
void make_room(Buffer<T>& buffer, std::size_t count, Reservation& memory) {
    if (buffer.size() + count <= buffer.capacity()) return;
    std::size_t capacity = std::max(buffer.size() + count, buffer.grown());
    memory.take((capacity - buffer.capacity()) * sizeof(T));
    buffer.reserve(capacity);
}

// The different texts of some classes, ascending and numbered from 0, and the classes of each.
struct Runs {
    Buffer<std::uint32_t> texts, begins, classes;

    Runs(const Buffer<std::uint32_t>& ids, std::span<const Range> of, Reservation& memory,
         StopToken& stop);
    std::uint32_t place(std::uint32_t text) const {
        return static_cast<std::uint32_t>(std::lower_bound(texts.begin(), texts.end(), text) -
                                          texts.begin());
    }
    std::uint64_t size(std::uint32_t place) const { return begins[place + 1] - begins[place]; }
    TextNumbers numbers() const { return {texts.data(), texts.size()}; }
};

Runs::Runs(const Buffer<std::uint32_t>& ids, std::span<const Range> of, Reservation& memory,
           StopToken& stop) {
    std::size_t count = 0;
    for (auto [begin, end] : of) count += end - begin;
    Reservation passing(memory.budget());
    passing.take(count * 2 * sizeof(SortEntry));
    Buffer<SortEntry> entries;
    entries.reserve(count);
    for (auto [begin, end] : of)
        for (std::uint32_t c = begin; c < end; ++c) entries.push_back({0, ids[c] - 1, c});
    check_stop(stop);
    radix_sort(entries);
    check_stop(stop);
    memory.take((3 * count + 1) * sizeof(std::uint32_t));
    texts.reserve(count);
    begins.reserve(count + 1);
    classes.reserve(count);
    for (const SortEntry& entry : entries) {
        if (texts.empty() || entry.high != texts[texts.size() - 1]) {
            texts.push_back(entry.high);
            begins.push_back(static_cast<std::uint32_t>(classes.size()));
        }
        classes.push_back(entry.value);
    }
    begins.push_back(static_cast<std::uint32_t>(classes.size()));
}

}  // namespace

// The join of a group's texts by one condition.
struct TextPairFinder::Found {
    std::uint32_t check;
    Reservation memory;
    Runs a, b;
    std::unique_ptr<TextJoin> join;
    Buffer<std::uint64_t> alike;  // pairs of places in a and b

    Found(Index& index, std::uint32_t of, std::span<const Range> ranges_a,
          std::span<const Range> ranges_b, MemoryBudget& budget, StopToken& stop)
        : check(of),
          memory(budget),
          a(index.a.values[of].ids, ranges_a, memory, stop),
          b(index.b.values[of].ids, ranges_b, memory, stop),
          join(join_texts(*index.prepared[of], a.numbers(), b.numbers(), memory, stop)) {}
};

TextPairFinder::TextPairFinder(const Plan& plan, Index& index, Reservation& memory, StopToken& stop)
    : plan_(plan), index_(index), memory_(memory), stop_(stop) {
    for (std::uint32_t i = 0; i < plan.checks.size(); ++i)
        if (joins_texts(plan.checks[i])) checks_.push_back(i);
}

std::optional<TextPairFinder::Joined> TextPairFinder::add(std::uint32_t group,
                                                          std::span<const Range> b,
                                                          std::uint64_t most) {
    Range a{index_.a.groups[group].begin, index_.a.groups[group + 1].begin};
    std::unique_ptr<Found> best;
    for (std::uint32_t check : checks_) {
        if (index_.prepared[check] == nullptr)
            index_.prepared[check] = prepare_texts(plan_, index_, check, memory_, stop_);
        auto found =
            std::make_unique<Found>(index_, check, std::span(&a, 1), b, memory_.budget(), stop_);
        if (best == nullptr || found->join->comparisons() < best->join->comparisons())
            best = std::move(found);
    }
    if (best == nullptr || best->join->comparisons() > most) return std::nullopt;
    std::optional<Joined> joined = look(*best, most);
    if (joined) keep(group, *best);
    return joined;
}

// Which texts are alike, as long as they do not stand for more than `most` pairs of classes.
std::optional<TextPairFinder::Joined> TextPairFinder::look(Found& found, std::uint64_t most) {
    const similarity::PreparedTexts& prepared = *index_.prepared[found.check];
    Joined joined;
    found.join->run([&](std::uint32_t text_a, std::uint32_t text_b) {
        ++joined.texts;
        if (joined.pairs > most || prepared.score(text_a, text_b) < 0) return;
        std::uint32_t a = found.a.place(text_a), b = found.b.place(text_b);
        ++joined.alike;
        joined.pairs += found.a.size(a) * found.b.size(b);
        make_room(found.alike, 1, found.memory);
        found.alike.push_back(std::uint64_t{a} << 32 | b);
    });
    found.join.reset();
    if (joined.pairs > most) return std::nullopt;
    return joined;
}

// Adds the pairs of a group to those of the index, or nothing where the memory does not suffice.
void TextPairFinder::keep(std::uint32_t group, const Found& found) {
    TextPairs& to = index_.text_pairs;
    std::size_t most_texts = std::min(found.alike.size(), found.a.texts.size());
    make_room(to.groups, 1, memory_);
    make_room(to.texts, most_texts, memory_);
    make_room(to.partner_begins, most_texts, memory_);
    make_room(to.partners, found.alike.size(), memory_);
    make_room(to.run_begins, found.b.begins.size(), memory_);
    make_room(to.classes, found.b.classes.size(), memory_);
    Reservation passing(memory_.budget());
    passing.take(found.a.begins.size() * sizeof(std::uint32_t));
    Buffer<std::uint32_t> ends;  // in partners, of each text of A, filled from behind
    ends.resize(found.a.texts.size());
    std::fill(ends.begin(), ends.end(), 0);

    to.groups.push_back({group, found.check, static_cast<std::uint32_t>(to.texts.size())});
    auto first_run = static_cast<std::uint32_t>(to.run_begins.size());
    auto first_class = static_cast<std::uint32_t>(to.classes.size());
    to.classes.append(found.b.classes.data(), found.b.classes.size());
    // The end of a group's last run is an entry of its own.
    for (std::uint32_t begin : found.b.begins) to.run_begins.push_back(first_class + begin);

    std::size_t first = to.partners.size();
    for (std::uint64_t pair : found.alike) ++ends[pair >> 32];
    std::uint32_t end = 0;
    for (std::uint32_t a = 0; a < ends.size(); ++a) {
        if (ends[a] == 0) continue;
        to.texts.push_back(found.a.texts[a] + 1);
        to.partner_begins.push_back(first + end);
        ends[a] = end += ends[a];
    }
    to.partners.resize(first + found.alike.size());
    for (std::uint64_t pair : found.alike)
        to.partners[first + --ends[pair >> 32]] = first_run + static_cast<std::uint32_t>(pair);
}

void TextPairFinder::finish() {
    TextPairs& to = index_.text_pairs;
    if (to.groups.empty()) return;
    make_room(to.groups, 1, memory_);
    make_room(to.partner_begins, 1, memory_);
    to.groups.push_back({no_id, 0, static_cast<std::uint32_t>(to.texts.size())});
    to.partner_begins.push_back(to.partners.size());
}

}  // namespace recon::match
