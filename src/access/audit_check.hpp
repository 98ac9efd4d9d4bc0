// Proving a project's audit trail whole: see docs/audit.md.
#pragma once

#include "access/audit_chain.hpp"
#include "pg/sha256.hpp"

namespace recon::access {

// Where the trail is broken; what does not apply is empty.
struct Broken {
    std::string problem;
    std::optional<std::int64_t> chain_no, batch_no, audit_id, seal_no;
};

// What is there, and the first thing that is wrong with it: chain by chain, then the seals.
struct AuditCheck {
    std::int64_t chains = 0, batches = 0, entries = 0, seals = 0;
    std::int64_t unsealed = 0;  // batches after the last one of their chain that was sealed
    std::int64_t last_seal = 0;
    std::string last_seal_hash;
    std::optional<Broken> broken;
};

// Reads everything once, in the snapshot of the calling query; `spi` is a read-only one.
AuditCheck check_audit(pg::Spi& spi, std::int64_t project_id);

}  // namespace recon::access
