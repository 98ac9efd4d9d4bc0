// Input that may be packed with gzip: its first bytes tell, whatever its name.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace recon::input {

class Gunzip;

// At most `most` bytes of what a sample's beginning holds. Packed data that are cut or damaged end
// early.
std::string unpack_head(std::string_view bytes, std::size_t most);

class Unpacker {
  public:
    using Take = std::function<void(std::string_view)>;
    static constexpr std::size_t block_bytes = 64 * 1024;

    Unpacker();
    ~Unpacker();
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;

    // Hands on what `bytes` hold, in blocks of at most block_bytes where they are packed. Throws
    // Error 22P04 for damaged gzip data and what `take` throws.
    void feed(std::string_view bytes, const Take& take);
    // The input ends: 22P04 where the gzip data do not.
    void finish(const Take& take);

    bool is_plain() const { return plain_; }  // false as long as it is not known

  private:
    void decide(std::string_view bytes, const Take& take);

    std::string head_;
    bool plain_ = false;
    std::unique_ptr<Gunzip> gunzip_;
};

}  // namespace recon::input
