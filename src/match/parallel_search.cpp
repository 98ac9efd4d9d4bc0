#include "match/parallel_search.hpp"
#include "match/rule_spec.hpp"

#include "core/match/candidates.hpp"
#include "core/match/rejected.hpp"
#include "core/match/search_image.hpp"
#include "pg/parallel.hpp"
#include "pg/spi.hpp"

namespace recon::match {

namespace {

// Below this, starting workers and copying the index takes longer than they save. Where no texts
// are compared it always does: a pair takes some nanoseconds, and nearly every one that is compared
// is a candidate, which is copied twice.
constexpr double least_comparisons = 2e6;

constexpr double comparisons_a_piece = 65536;
constexpr std::size_t most_pieces = 64;

struct Range {
    std::size_t begin, end;
};
Range range_of(std::size_t classes, std::uint32_t piece, std::uint32_t pieces) {
    return {classes * piece / pieces, classes * (piece + 1) / pieces};
}

// The classes marked, which are unmarked again.
std::vector<std::uint32_t> take_marked(std::vector<std::uint8_t>& marks) {
    std::vector<std::uint32_t> marked;
    std::uint8_t* begin = marks.data();
    std::uint8_t* end = begin + marks.size();
    for (std::uint8_t* at = begin; at != end; ++at) {
        at = std::find(at, end, 1);
        if (at == end) break;
        marked.push_back(static_cast<std::uint32_t>(at - begin));
        *at = 0;
    }
    return marked;
}

void mark(std::vector<std::uint8_t>& marks, std::span<const std::uint32_t> classes) {
    for (std::uint32_t c : classes) marks[c] = 1;
}

// Keeps the candidates of a piece.
class ListSink final : public CandidateSink {
  public:
    explicit ListSink(MemoryBudget& budget) : memory_(budget) {}
    void add(std::span<const Candidate> candidates) override {
        std::size_t needed = list_.size() + candidates.size();
        if (needed > list_.capacity()) {
            std::size_t capacity = std::max(needed, list_.grown());
            memory_.take((capacity - list_.capacity()) * sizeof(Candidate));
            list_.reserve(capacity);
        }
        list_.append(candidates.data(), candidates.size());
    }
    std::span<const Candidate> list() const { return {list_.data(), list_.size()}; }
    // The list of before, with its memory.
    void clear() {
        memory_.give(list_.bytes());
        list_ = {};
    }

  private:
    Reservation memory_;
    Buffer<Candidate> list_;
};

// One search for all pieces of a process, as it prepares the texts; each piece has its own list.
struct Redirect final : CandidateSink {
    CandidateSink* to = nullptr;
    void add(std::span<const Candidate> candidates) override { to->add(candidates); }
};

bool pays(const Plan& plan, double comparisons) {
    bool texts = std::any_of(plan.checks.begin(), plan.checks.end(), [](const Check& check) {
        return check.kind == CheckKind::similar || check.kind == CheckKind::contains;
    });
    return texts && comparisons >= least_comparisons;
}

}  // namespace

void ParallelSearch::find(const Plan& plan, const Index& index, double comparisons,
                          CandidateSink& sink, Below& below, Reservation& memory, StopToken& stop) {
    std::size_t classes = index.a.classes();
    auto pieces = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(std::min(classes, most_pieces), 1,
                                1 + static_cast<std::size_t>(comparisons / comparisons_a_piece)));
    progress_.begin("candidates", pieces);
    int workers = pays(plan, comparisons) ? pg::parallel_workers() : 0;
    if (workers == 0) {
        CandidateSearch search(plan, index, sink, below, memory, stop);
        for (std::uint32_t piece = 0; piece < pieces; ++piece) {
            auto [begin, end] = range_of(classes, piece, pieces);
            search.run(begin, end);
            progress_.advance(piece + 1);
        }
        return;
    }

    SearchImage image(plan, index);
    const std::string& spec = specs_[static_cast<std::size_t>(plan.rule - rules_.data())];
    // The rule is more than its JSON says where the project has a closed period, or rejected
    // matches are told apart.
    std::vector<std::uint8_t> closed(rule::keeps_period_closed(*plan.rule) ? 1 : 0);
    std::vector<std::uint8_t> apart(reads_rejected(*plan.rule) ? 1 : 0);
    std::vector<pg::Bytes> input = {pg::bytes_of_items(spec), pg::bytes_of_items(closed),
                                    pg::bytes_of_items(apart)};
    input.insert(input.end(), image.parts().begin(), image.parts().end());
    pg::ParallelPieces work("recon_find_candidates", pieces, input, workers, budget_);

    std::vector<std::unique_ptr<ListSink>> own(pieces);
    Redirect redirect;
    CandidateSearch search(plan, index, redirect, below, memory, stop);
    while (auto piece = work.next()) {
        auto [begin, end] = range_of(classes, *piece, pieces);
        own[*piece] = std::make_unique<ListSink>(budget_);
        redirect.to = own[*piece].get();
        search.run(begin, end);
        progress_.advance(work.taken());
    }
    for (std::uint32_t piece = 0; piece < pieces; ++piece) {
        check_stop(stop);
        if (own[piece] != nullptr) {
            sink.add(own[piece]->list());
            own[piece].reset();
            continue;
        }
        std::vector<pg::Bytes> given = work.result(piece);
        sink.add(pg::items_of<Candidate>(given[0]));
        mark(below.a, pg::items_of<std::uint32_t>(given[1]));
        mark(below.b, pg::items_of<std::uint32_t>(given[2]));
        work.release(piece);
    }
}

}  // namespace recon::match

using namespace recon;

RECON_PARALLEL(recon_find_candidates) {
    pg::Spi spi(pg::Spi::read_only);
    pg::Bytes json = share.input()[0];
    rule::Rule rule = match::read_rule(
        spi.query("SELECT $1",
                  {pg::jsonb({reinterpret_cast<const char*>(json.data()), json.size()})})
            .datum(0, 0));
    if (!share.input()[1].empty()) rule::keep_period_closed(rule);
    if (!share.input()[2].empty()) match::tell_rejected_apart(rule);
    match::SearchView view(std::span(share.input()).subspan(3), rule);
    pg::Interrupts interrupts;
    match::Reservation memory(share.budget());
    match::Below below(view.index(), memory);
    match::ListSink found(share.budget());
    match::CandidateSearch search(view.plan(), view.index(), found, below, memory, interrupts);
    while (auto piece = share.next()) {
        auto [begin, end] = match::range_of(view.index().a.classes(), *piece, share.pieces());
        search.run(begin, end);
        std::vector<std::uint32_t> below_a = match::take_marked(below.a);
        std::vector<std::uint32_t> below_b = match::take_marked(below.b);
        share.deliver(*piece, std::array{pg::bytes_of_items(found.list()),
                                         pg::bytes_of_items(below_a), pg::bytes_of_items(below_b)});
        found.clear();
    }
}
