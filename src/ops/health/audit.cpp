#include "access/audit_chain.hpp"
#include "ops/health/check.hpp"
#include "ops/health/list.hpp"

namespace recon::ops {

// The newest seals of some projects, others each time: each follows from the one before it, and the
// batch that it seals is there as it was. What all entries are worth, recon.verify_audit says.
Finding check_audit(pg::Spi& spi) {
    constexpr std::int64_t most = 20;  // projects
    const char hint[] =
        "Run recon.verify_audit(project_id), which names what was changed, and find out who did "
        "it.";
    pg::Rows rows = spi.query(
        "SELECT s.project_id, s.hash = sha256(coalesce(b.hash, decode(repeat('00', 32), 'hex')) "
        "|| s.text || s.batch_hash) AND (b.hash IS NOT NULL OR s.seal_no = 1), EXISTS (SELECT FROM "
        "recon.audit_batches a WHERE a.project_id = s.project_id AND a.chain_no = s.chain_no AND "
        "a.batch_no = s.batch_no AND a.hash = s.batch_hash) FROM (SELECT project_id FROM "
        "recon.projects ORDER BY random() LIMIT $1) p CROSS JOIN LATERAL (SELECT "
        "n.*, " RECON_AUDIT_SEAL_TEXT
        " AS text FROM recon.audit_seals n WHERE n.project_id = p.project_id "
        "ORDER BY n.seal_no DESC LIMIT 5) s LEFT JOIN recon.audit_seals b ON b.project_id = "
        "s.project_id AND b.seal_no = s.seal_no - 1 ORDER BY 1",
        {pg::bigint(most)});
    List wrong;
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        if (!rows.boolean(i, 1) || !rows.boolean(i, 2)) wrong.add(rows.text(i, 0));
    if (wrong.size() > 0)
        return failed("the newest seals do not fit the trail of projects " + wrong.text(), hint);
    pg::Rows entries = spi.query("SELECT project_id, hash = " RECON_AUDIT_ENTRY_HASH
                                 " FROM (SELECT * FROM recon.audit_log "
                                 "ORDER BY audit_id DESC LIMIT 100) e");
    for (std::uint64_t i = 0; i < entries.size(); ++i)
        if (entries.is_null(i, 1) || !entries.boolean(i, 1)) wrong.add(entries.text(i, 0));
    if (wrong.size() > 0)
        return failed(
            "the newest entries are not as they were written, in projects " + wrong.text(), hint);
    return ok(std::to_string(rows.size()) + " seals and " + std::to_string(entries.size()) +
              " entries, of the newest, are as they were written");
}

}  // namespace recon::ops
