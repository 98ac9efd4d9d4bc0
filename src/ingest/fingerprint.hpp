// What a file is known by: XXH3, 128 bits, over its bytes as they came.
#pragma once

#include <array>
#include <memory>
#include <new>
#include <string_view>

#include <xxhash.h>

namespace recon::ingest {

class Fingerprint {
  public:
    Fingerprint() : state_(XXH3_createState(), XXH3_freeState) {
        if (state_ == nullptr) throw std::bad_alloc();
        XXH3_128bits_reset(state_.get());
    }
    void add(std::string_view bytes) {
        XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
    }

    // In the canonical (big endian) form, the same on every machine.
    std::array<unsigned char, 16> value() const {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
        std::array<unsigned char, 16> bytes;
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = canonical.digest[i];
        return bytes;
    }

  private:
    std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

}  // namespace recon::ingest
