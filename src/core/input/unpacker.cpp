#include "core/input/unpacker.hpp"

#include <utility>

#include "core/error.hpp"
#include "core/input/gunzip.hpp"

namespace recon::input {

namespace {

constexpr std::string_view gzip_mark = "\x1F\x8B";

}  // namespace

std::string unpack_head(std::string_view bytes, std::size_t most) {
    if (!bytes.starts_with(gzip_mark)) return std::string(bytes.substr(0, most));
    struct Enough {};
    std::string text;
    Gunzip gunzip(Unpacker::block_bytes);
    try {
        gunzip.feed(bytes, [&](std::string_view block) {
            text.append(block.substr(0, most - text.size()));
            if (text.size() >= most) throw Enough();
        });
    } catch (const Enough&) {
    } catch (const Error&) {
    }
    return text;
}

Unpacker::Unpacker() = default;
Unpacker::~Unpacker() = default;

void Unpacker::feed(std::string_view bytes, const Take& take) {
    if (plain_)
        take(bytes);
    else if (gunzip_ != nullptr)
        gunzip_->feed(bytes, take);
    else
        decide(bytes, take);
}

void Unpacker::decide(std::string_view bytes, const Take& take) {
    if (bytes.empty()) return;
    if (head_.empty()) {
        if (bytes[0] != gzip_mark[0]) {
            plain_ = true;
            take(bytes);
            return;
        }
        head_ = bytes.substr(0, 1);
        bytes.remove_prefix(1);
        if (bytes.empty()) return;
    }
    plain_ = bytes[0] != gzip_mark[1];
    if (!plain_) gunzip_ = std::make_unique<Gunzip>(block_bytes);
    std::string first = std::exchange(head_, {});
    feed(first, take);
    feed(bytes, take);
}

void Unpacker::finish(const Take& take) {
    if (gunzip_ != nullptr) gunzip_->finish();
    if (!head_.empty()) take(std::exchange(head_, {}));
}

}  // namespace recon::input
