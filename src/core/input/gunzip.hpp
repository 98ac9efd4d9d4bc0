// A stream of gzip members, unpacked by zlib in bounded memory.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

struct z_stream_s;

namespace recon::input {

class Gunzip {
  public:
    using Take = std::function<void(std::string_view)>;

    explicit Gunzip(std::size_t block_bytes);
    ~Gunzip();
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    // Members follow one another; zero bytes after the last are padding. Throws Error 22P04.
    void feed(std::string_view bytes, const Take& take);
    void finish();

  private:
    [[noreturn]] void fail(int result) const;
    bool next_member();

    std::unique_ptr<z_stream_s> stream_;
    std::unique_ptr<char[]> block_;
    const std::size_t block_bytes_;
    bool member_over_ = false;  // nothing of the next one was seen
    bool padding_ = false;
};

}  // namespace recon::input
