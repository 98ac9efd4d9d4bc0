#include "core/match/edge_file.hpp"

#include <algorithm>
#include <cstring>

#include "core/match/edge_store.hpp"

namespace recon::match {

namespace {

struct Head {
    std::uint32_t a, count;
};

}  // namespace

EdgeFile::EdgeFile(ScratchFiles& files, std::size_t buffer, MemoryBudget& budget)
    : file_(files.make()), memory_(budget) {
    memory_.take(buffer);
    buffer_.resize(buffer);
}

void EdgeFile::put(const void* bytes, std::size_t size) {
    const char* from = static_cast<const char*>(bytes);
    while (size > 0) {
        if (used_ == buffer_.size()) finish();
        std::size_t some = std::min(size, buffer_.size() - used_);
        std::memcpy(buffer_.data() + used_, from, some);
        used_ += some;
        from += some;
        size -= some;
    }
}

void EdgeFile::append(std::uint32_t a, std::span<const Edge> edges) {
    Head head{a, static_cast<std::uint32_t>(edges.size())};
    put(&head, sizeof head);
    put(edges.data(), edges.size_bytes());
}

void EdgeFile::finish() {
    file_->append(buffer_.data(), used_);
    written_ += used_;
    used_ = 0;
}

void EdgeFile::get(void* bytes, std::size_t size) {
    char* to = static_cast<char*>(bytes);
    while (size > 0) {
        if (at_ == used_) {
            used_ = static_cast<std::size_t>(
                std::min<std::uint64_t>(buffer_.size(), written_ - offset_));
            file_->read(offset_, buffer_.data(), used_);
            offset_ += used_;
            at_ = 0;
        }
        std::size_t some = std::min(size, used_ - at_);
        std::memcpy(to, buffer_.data() + at_, some);
        at_ += some;
        to += some;
        size -= some;
    }
}

void EdgeFile::for_each(
    const std::function<void(std::uint32_t, std::uint32_t, const Read&)>& each) {
    while (offset_ < written_ || at_ < used_) {
        Head head;
        get(&head, sizeof head);
        each(head.a, head.count, [&](Edge* edges) { get(edges, head.count * sizeof(Edge)); });
    }
}

}  // namespace recon::match
