#include "pg/sha256.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "common/cryptohash.h"
#include "common/sha2.h"
}

namespace recon::pg {

namespace {

// Runs inside call().
void check(int code, pg_cryptohash_ctx* context) {
    if (code < 0) elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(context));
}

}  // namespace

// An abort frees it, too.
Sha256::Sha256() {
    context_ = call([] {
        pg_cryptohash_ctx* context = pg_cryptohash_create(PG_SHA256);
        if (context == nullptr) elog(ERROR, "out of memory");
        check(pg_cryptohash_init(context), context);
        return context;
    });
}

Sha256::~Sha256() {
    if (std::uncaught_exceptions() == exceptions_) pg_cryptohash_free(context_);
}

void Sha256::add(std::string_view bytes) {
    call([&] {
        check(pg_cryptohash_update(context_, reinterpret_cast<const uint8*>(bytes.data()),
                                   bytes.size()),
              context_);
    });
}

Sha256::Digest Sha256::finish() {
    static_assert(std::tuple_size_v<Digest> == PG_SHA256_DIGEST_LENGTH);
    return call([&] {
        Digest digest;
        check(pg_cryptohash_final(context_, reinterpret_cast<uint8*>(digest.data()), digest.size()),
              context_);
        check(pg_cryptohash_init(context_), context_);
        return digest;
    });
}

}  // namespace recon::pg
