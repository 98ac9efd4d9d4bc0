// The chains of the audit trail: what a hash is made of, and who may extend a chain.
#pragma once

#include "pg/spi.hpp"

namespace recon::access {

// As SQL, in terms of the columns of audit_log: an entry's hash. It is the same whatever the
// settings and the server's encoding (but for SQL_ASCII, of which nobody knows what it is).
#define RECON_AUDIT_ENTRY_HASH                                                                \
    "sha256(convert_to(json_build_array(audit_id, project_id, extract(epoch FROM at), "       \
    "session_user_name, user_name, action, resource, resource_id, before::text, after::text)" \
    "::text, CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END))"

// Likewise of audit_seals. A seal's hash is that of the hash of the seal before (32 zero bytes for
// the first), this text, and batch_hash, end to end.
#define RECON_AUDIT_SEAL_TEXT                                                                      \
    "convert_to(json_build_array(project_id, seal_no, extract(epoch FROM at), chain_no, batch_no)" \
    "::text, 'UTF8')"

// The end of a chain that no other transaction extends until this one ends.
struct ChainEnd {
    std::int64_t chain_no = 0, batch_no = 0;  // 0: no batch yet
    std::array<char, 32> hash{};              // of the last batch

    std::string_view hash_bytes() const { return {hash.data(), hash.size()}; }
};

// The one that the transaction extended last, where it did so; else the first that nobody else has.
// Never waits. 54000 where there is none.
ChainEnd take_chain(std::int64_t project_id);

}  // namespace recon::access
