#include "core/match/edge_store.hpp"

#include <algorithm>

#include "core/match/work_check.hpp"

namespace recon::match {

namespace {

constexpr std::size_t share_held = 4;  // of the budget; what solves the components needs more
constexpr std::size_t most_batches = 256, file_buffer = 64 * 1024;

}  // namespace

EdgeStore::EdgeStore(std::size_t classes_a, std::size_t classes_b, MemoryBudget& budget,
                     ScratchFiles* files)
    : shift_(static_cast<std::uint32_t>(classes_a)),
      memory_(budget),
      joined_((
          memory_.take(UnionFind::bytes(classes_a + classes_b) + classes_a * sizeof(std::uint64_t)),
          classes_a + classes_b)),
      ranges_(classes_a),
      last_(shift_),
      files_(files),
      most_held_(std::max<std::size_t>(budget.limit() / share_held / sizeof(Edge), 4096)) {}

void EdgeStore::begin_class(std::uint32_t a) {
    if (ranges_[a] != 0)
        throw Error(sqlstate::internal_error, "candidates of a class came in two places");
    end_class();
    last_begin_ = edges_.size();
    last_ = a;
}

// Keeps where the class that is complete has its candidates, and joins it with its partners.
void EdgeStore::end_class() {
    if (last_ == shift_) return;
    const Edge* edges = edges_.data() + last_begin_;
    std::size_t count = edges_.size() - last_begin_;
    if (count >= long_range) long_.push_back({last_, static_cast<std::uint32_t>(count)});
    ranges_[last_] = (last_begin_ << count_bits) | std::min<std::uint64_t>(count, long_range);
    constexpr std::size_t ahead = 12;
    std::uint32_t root = joined_.find(last_);
    for (std::size_t i = 0; i < count; ++i) {
        if (i + ahead < count) joined_.prefetch(shift_ + edges[i + ahead].b);
        root = joined_.join(root, joined_.find(shift_ + edges[i].b));
    }
    if (spilled_ == nullptr) return;
    spilled_->append(last_, {edges, count});
    edges_.clear();
}

std::size_t EdgeStore::long_count(std::uint32_t a) const {
    return std::find_if(long_.begin(), long_.end(), [a](const Long& it) { return it.a == a; })
        ->count;
}

void EdgeStore::reserve(std::size_t edges) {
    if (edges <= edges_.capacity()) return;
    memory_.take((edges - edges_.capacity()) * sizeof(Edge));
    edges_.reserve(edges);
}

void EdgeStore::grow() {
    std::size_t before = edges_.capacity(),
                after = std::max<std::size_t>(before + before / 2, 4096);
    if (files_ != nullptr && spilled_ == nullptr && after > most_held_) spill();
    if (edges_.size() == edges_.capacity()) reserve(after);
}

// The classes that are complete; from here on each goes to the file when it is.
void EdgeStore::spill() {
    spilled_ = std::make_unique<EdgeFile>(*files_, file_buffer, memory_.budget());
    for (std::uint32_t a = 0; a < shift_; ++a)
        if (ranges_[a] != 0) spilled_->append(a, of(a));
    std::size_t rest = edges_.size() - last_begin_;
    std::copy(edges_.begin() + last_begin_, edges_.end(), edges_.begin());
    edges_.resize(rest);
    last_begin_ = 0;
}

// Puts the candidates of each batch into a file of its own.
void EdgeStore::split(const LargeVector<std::uint32_t>& component_of_root, StopCheck& stop) {
    spilled_->finish();
    std::uint64_t most = std::max<std::uint64_t>(most_held_, size_ / most_batches);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
        std::uint32_t begin = i == 0 ? 0 : ends_[i - 1].b;
        std::uint64_t candidates = 0;
        for (std::uint32_t at = begin; at < ends_[i].a; ++at) candidates += count(nodes_[at]);
        if (batches_.empty() || batches_.back().candidates + candidates > most)
            batches_.push_back({i, 0, nullptr});
        batches_.back().end = i + 1;
        batches_.back().candidates += candidates;
    }
    std::size_t buffer = std::max<std::size_t>(
        std::min(file_buffer, most_held_ * sizeof(Edge) / 4 / batches_.size()), 4096);
    for (Batch& batch : batches_)
        batch.file = std::make_unique<EdgeFile>(*files_, buffer, memory_.budget());
    spilled_->for_each([&](std::uint32_t a, std::uint32_t edges, const EdgeFile::Read& read) {
        stop();
        edges_.clear();
        reserve(edges);
        edges_.resize(edges);
        read(edges_.data());
        std::size_t component = component_of_root[joined_.find(a)];
        std::upper_bound(batches_.begin(), batches_.end(), component,
                         [](std::size_t i, const Batch& batch) { return i < batch.end; })
            ->file->append(a, {edges_.data(), edges});
    });
    for (Batch& batch : batches_) batch.file->finish();
    spilled_.reset();
}

void EdgeStore::load_batch() {
    WorkCheck stop(*token_);
    Batch& batch = batches_[next_batch_++];
    edges_.clear();
    reserve(batch.candidates);
    batch.file->for_each([&](std::uint32_t a, std::uint32_t edges, const EdgeFile::Read& read) {
        stop(edges);
        std::size_t begin = edges_.size();
        edges_.resize(begin + edges);
        read(edges_.data() + begin);
        ranges_[a] = (begin << count_bits) | std::min<std::uint64_t>(edges, long_range);
    });
    batch.file.reset();
}

void EdgeStore::finish(StopToken& token) {
    StopCheck stop(token);
    token_ = &token;
    end_class();
    last_ = shift_;
    constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::size_t all = joined_.nodes();
    Reservation passing(memory_.budget());
    passing.take(all * sizeof(std::uint32_t));
    LargeVector<std::uint32_t> number(all, none);  // of the component, by root
    // Numbers by first class of A; classes without candidates have none.
    std::size_t used = 0;
    for (std::uint32_t a = 0; a < shift_; ++a) {
        stop();
        if (ranges_[a] == 0) continue;
        std::uint32_t& found = number[joined_.find(a)];
        if (found == none) {
            found = static_cast<std::uint32_t>(ends_.size());
            if (ends_.size() == ends_.capacity()) {
                std::size_t more = ends_.size() / 2 + 64;
                memory_.take(more * sizeof(Ends));
                ends_.reserve(ends_.size() + more);
            }
            ends_.emplace_back();
        }
        ++ends_[found].a;
        ++used;
    }
    for (std::uint32_t node = shift_; node < all; ++node) {
        stop();
        std::uint32_t found = number[joined_.find(node)];
        if (found == none) continue;
        ++ends_[found].b;
        ++used;
    }
    std::uint32_t at = 0;
    for (Ends& ends : ends_) {
        std::uint32_t begin = at;
        at += ends.a + ends.b;
        ends.b = begin + ends.a;  // for now the places of the next class of each side
        ends.a = begin;
    }
    memory_.take((used + all - shift_) * sizeof(std::uint32_t));
    nodes_.resize(used);
    places_.resize(all - shift_);
    for (std::uint32_t node = 0; node < all; ++node) {
        stop();
        if (node < shift_ && ranges_[node] == 0) continue;
        std::uint32_t found = number[joined_.find(node)];
        if (found == none) continue;
        if (node < shift_) {
            nodes_[ends_[found].a++] = node;
        } else {
            nodes_[ends_[found].b++] = node - shift_;
        }
    }
    if (spilled_ != nullptr) split(number, stop);
    memory_.give(UnionFind::bytes(all));
    joined_ = UnionFind(0);
}

bool EdgeStore::next(Component& component) {
    if (at_ == ends_.size()) return false;
    if (next_batch_ < batches_.size() && (at_ == 0 || at_ == batches_[next_batch_ - 1].end))
        load_batch();
    std::uint32_t begin = at_ == 0 ? 0 : ends_[at_ - 1].b;
    const Ends& ends = ends_[at_++];
    component.a = std::span(nodes_).subspan(begin, ends.a - begin);
    component.b = std::span(nodes_).subspan(ends.a, ends.b - ends.a);
    component.candidates = 0;
    WorkCheck stop(*token_);
    for (std::uint32_t i = 0; i < component.b.size(); ++i) places_[component.b[i]] = i;
    for (std::uint32_t a : component.a) {
        std::span<const Edge> edges = of(a);
        stop(edges.size());
        component.candidates += edges.size();
        Edge* own = edges_.data() + (edges.data() - edges_.data());
        for (std::size_t k = 0; k < edges.size(); ++k) own[k].b = places_[own[k].b];
    }
    return true;
}

}  // namespace recon::match
