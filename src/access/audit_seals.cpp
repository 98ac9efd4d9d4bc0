#include "access/audit_seals.hpp"

#include "access/audit_chain.hpp"
#include "pg/last_row.hpp"
#include "pg/processes.hpp"
#include "pg/table.hpp"
#include "pg/transaction_end.hpp"
#include "pg/worker.hpp"

namespace recon::access {

namespace {

// By the keys of both tables, a few steps a chain, however long the chains are.
pg::Prepared find_projects(
    "WITH RECURSIVE chains AS ((SELECT project_id, chain_no FROM recon.audit_batches "
    "ORDER BY project_id, chain_no LIMIT 1) UNION ALL "
    "SELECT n.project_id, n.chain_no FROM chains c, LATERAL (SELECT b.project_id, b.chain_no "
    "FROM recon.audit_batches b WHERE (b.project_id, b.chain_no) > (c.project_id, c.chain_no) "
    "ORDER BY b.project_id, b.chain_no LIMIT 1) n) "
    "SELECT DISTINCT project_id FROM chains c WHERE "
    "(SELECT max(b.batch_no) FROM recon.audit_batches b WHERE b.project_id = c.project_id AND "
    "b.chain_no = c.chain_no) > coalesce((SELECT max(s.batch_no) FROM recon.audit_seals s WHERE "
    "s.project_id = c.project_id AND s.chain_no = c.chain_no), 0) ORDER BY project_id");

pg::Prepared find_chains(
    "WITH RECURSIVE chains AS ((SELECT chain_no FROM recon.audit_batches WHERE project_id = $1 "
    "ORDER BY project_id, chain_no LIMIT 1) UNION ALL "
    "SELECT n.chain_no FROM chains c, LATERAL (SELECT b.chain_no FROM recon.audit_batches b "
    "WHERE b.project_id = $1 AND b.chain_no > c.chain_no ORDER BY b.project_id, b.chain_no LIMIT "
    "1) n) "
    "SELECT c.chain_no, l.batch_no, l.hash FROM chains c, LATERAL (SELECT b.batch_no, b.hash FROM "
    "recon.audit_batches b WHERE b.project_id = $1 AND b.chain_no = c.chain_no "
    "ORDER BY b.batch_no DESC LIMIT 1) l WHERE l.batch_no > "
    "coalesce((SELECT max(s.batch_no) FROM recon.audit_seals s WHERE s.project_id = $1 AND "
    "s.chain_no = c.chain_no), 0) ORDER BY c.chain_no");

pg::Prepared insert_seal(
    "WITH seal AS (SELECT $1 AS project_id, $2 AS seal_no, clock_timestamp() AS at, $3 AS "
    "chain_no, $4 AS batch_no) INSERT INTO recon.audit_seals (project_id, seal_no, at, chain_no, "
    "batch_no, batch_hash, hash) SELECT project_id, seal_no, at, chain_no, batch_no, $5, "
    "sha256($6 || " RECON_AUDIT_SEAL_TEXT " || $5) FROM seal RETURNING hash");

// Of this backend: after the commit it cannot be asked for.
std::string database;

void tell_now(const pg::CommitTask& task) noexcept {
    const auto& [project_id, seal_no, a, b, c, d] = task.values;
    std::string hash;
    for (std::int64_t word : {a, b, c, d}) {
        char digits[17];
        (void)std::snprintf(digits, sizeof digits, "%016llx",
                            static_cast<unsigned long long>(word));
        hash += digits;
    }
    pg::log("recon audit trail of project " + std::to_string(project_id) + " in database \"" +
            database + "\" is sealed by seal " + std::to_string(seal_no) + ", hash " + hash);
}

void tell_at_commit(std::int64_t project_id, std::int64_t seal_no, std::string_view hash) {
    database = pg::database_name();
    pg::CommitTask task{tell_now, {project_id, seal_no}};
    for (std::size_t i = 0; i < hash.size(); ++i) {
        auto& word = task.values[2 + i / 8];
        word = static_cast<std::int64_t>(static_cast<std::uint64_t>(word) << 8 |
                                         static_cast<unsigned char>(hash[i]));
    }
    pg::run_at_commit(task);
}

}  // namespace

std::vector<std::int64_t> projects_to_seal(pg::Spi& spi) {
    std::vector<std::int64_t> projects;
    if (pg::has_fixed_snapshot()) return projects;
    pg::Rows rows = spi.query(find_projects);
    for (std::uint64_t i = 0; i < rows.size(); ++i) projects.push_back(rows.bigint(i, 0));
    return projects;
}

std::int64_t seal(pg::Spi& spi, std::int64_t project_id) {
    if (!pg::try_lock_object(pg::table_oid("audit_seals"), project_id)) return 0;
    std::int64_t seal_no = 0;
    std::string hash(32, '\0');
    std::array<Datum, 2> last{};
    if (pg::read_last_row("audit_seals", {project_id}, {"seal_no", "hash"}, last)) {
        seal_no = DatumGetInt64(last[0]);
        hash = pg::bytes_of(last[1]);
    }
    pg::Rows chains = spi.query(find_chains, {pg::bigint(project_id)});
    for (std::uint64_t i = 0; i < chains.size(); ++i) {
        std::string batch_hash(pg::bytes_of(chains.datum(i, 2)));
        pg::Rows made = spi.query(
            insert_seal,
            {pg::bigint(project_id), pg::bigint(++seal_no), pg::bigint(chains.bigint(i, 0)),
             pg::bigint(chains.bigint(i, 1)), pg::bytes(batch_hash), pg::bytes(hash)});
        hash = pg::bytes_of(made.datum(0, 0));
        spi.free(made);
    }
    if (!chains.empty()) tell_at_commit(project_id, seal_no, hash);
    return static_cast<std::int64_t>(chains.size());
}

}  // namespace recon::access
