// Text of a file to the server's encoding, checked.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/guard.hpp"

namespace recon::ingest {

// 22023 for an encoding that the server does not know.
void check_encoding(const std::string& encoding);

class ServerCodec final : public TextCodec {
  public:
    // The engine decodes wide encodings itself (core/input/encodings.hpp): their text comes as
    // UTF-8. 0A000 for encodings that neither the engine nor the server can read from files.
    explicit ServerCodec(const std::string& encoding);
    bool decode(std::string_view raw, std::string& scratch, std::string_view& out) override;
    bool keeps_utf8() const override { return from_ == PG_UTF8 && to_ == PG_UTF8; }
    bool encode(std::string_view text, std::string& raw) override;
    void use_utf8() override { use("UTF8"); }
    void use(const std::string& encoding) override { *this = ServerCodec(encoding); }

  private:
    int from_, to_;
    Oid conversion_ = InvalidOid;
};

}  // namespace recon::ingest
