// SHA-256, by the server's own implementation.
#pragma once

#include <array>
#include <exception>
#include <string_view>

struct pg_cryptohash_ctx;

namespace recon::pg {

// Of bytes that come in pieces. After finish() it begins anew.
class Sha256 {
  public:
    using Digest = std::array<char, 32>;

    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::string_view bytes);
    Digest finish();

  private:
    pg_cryptohash_ctx* context_;
    int exceptions_ = std::uncaught_exceptions();
};

inline std::string_view bytes_of(const Sha256::Digest& digest) {
    return {digest.data(), digest.size()};
}

}  // namespace recon::pg
