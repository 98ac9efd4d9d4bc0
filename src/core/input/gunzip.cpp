#include "core/input/gunzip.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <climits>
#include <new>
#include <string>

#include "core/error.hpp"

namespace recon::input {

namespace {

[[noreturn]] void damaged(const char* reason) {
    throw Error(sqlstate::bad_copy_file_format, "the gzip data of the file are damaged",
                std::string("zlib reports: ") + reason + ".");
}

}  // namespace

Gunzip::Gunzip(std::size_t block_bytes)
    : stream_(std::make_unique<z_stream_s>()),
      block_(std::make_unique<char[]>(block_bytes)),
      block_bytes_(block_bytes) {
    constexpr int gzip_only = 16;
    if (int result = inflateInit2(stream_.get(), MAX_WBITS + gzip_only); result != Z_OK)
        fail(result);
}

Gunzip::~Gunzip() {
    inflateEnd(stream_.get());
}

void Gunzip::fail(int result) const {
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_NEED_DICT) damaged("preset dictionary needed");
    damaged(stream_->msg != nullptr ? stream_->msg : zError(result));
}

void Gunzip::feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty()) {
        std::string_view part = bytes.substr(0, UINT_MAX);
        bytes.remove_prefix(part.size());
        stream_->next_in = reinterpret_cast<const Bytef*>(part.data());
        stream_->avail_in = static_cast<uInt>(part.size());
        bool full = false;  // more may come of what zlib has already taken
        while (stream_->avail_in > 0 || full) {
            if (member_over_ && !next_member()) break;
            stream_->next_out = reinterpret_cast<Bytef*>(block_.get());
            stream_->avail_out = static_cast<uInt>(block_bytes_);
            int result = inflate(stream_.get(), Z_NO_FLUSH);
            std::size_t size = block_bytes_ - stream_->avail_out;
            full = stream_->avail_out == 0;
            if (result == Z_STREAM_END) {
                member_over_ = true;
                full = false;
            }
            // What came before the damage first: it may be at fault itself.
            if (size > 0) take(std::string_view(block_.get(), size));
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) fail(result);
        }
    }
}

// False where only padding is left of the input at hand.
bool Gunzip::next_member() {
    while (stream_->avail_in > 0 && *stream_->next_in == 0) {
        padding_ = true;
        ++stream_->next_in;
        --stream_->avail_in;
    }
    if (stream_->avail_in == 0) return false;
    if (padding_) damaged("bytes after the padding at the end");
    if (int result = inflateReset(stream_.get()); result != Z_OK) fail(result);
    member_over_ = false;
    return true;
}

void Gunzip::finish() {
    if (!member_over_)
        throw Error(sqlstate::bad_copy_file_format, "the gzip data of the file end too early", {},
                    "The file was not written or transferred completely.");
}

}  // namespace recon::input
