#include "access/audit_check.hpp"

namespace recon::access {

namespace {

constexpr long rows_at_once = 1000;

// Each batch, and after it the entries that say they are of it.
constexpr char chains_sql[] =
    "SELECT chain_no, batch_no, NULL::bigint AS audit_id, entries, hash, NULL::bytea AS computed "
    "FROM recon.audit_batches WHERE project_id = $1 UNION ALL "
    "SELECT coalesce(chain_no, -1), coalesce(batch_no, -1), audit_id, 0, coalesce(hash, "
    "''), " RECON_AUDIT_ENTRY_HASH
    " FROM recon.audit_log WHERE project_id = $1 "
    "ORDER BY chain_no, batch_no, audit_id NULLS FIRST";

// Each seal with what its hash is to be made of, and the hash that its batch has now.
constexpr char seals_sql[] =
    "SELECT s.seal_no, chain_no, batch_no, " RECON_AUDIT_SEAL_TEXT
    ", s.batch_hash, s.hash, b.hash FROM recon.audit_seals s LEFT JOIN recon.audit_batches b "
    "USING (project_id, chain_no, batch_no) WHERE project_id = $1 ORDER BY s.seal_no";

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string batch_name(std::int64_t batch_no, std::int64_t chain_no) {
    return "batch " + number(batch_no) + " of chain " + number(chain_no);
}

struct Link {
    std::int64_t chain_no, batch_no;
};

class Checker {
  public:
    explicit Checker(std::int64_t project_id) : project_id_(project_id) {}

    void begin_batch(std::int64_t chain_no, std::int64_t batch_no, std::int64_t entries,
                     std::string_view hash) {
        end_batch();
        if (lengths_.empty() || lengths_.back().chain_no != chain_no) {
            ++check.chains;
            lengths_.push_back({chain_no, 0});
            previous_ = std::string(32, '\0');
        }
        std::int64_t next = lengths_.back().batch_no + 1;
        if (batch_no != next)
            fail({batch_name(next, chain_no) + " is missing", chain_no, next, {}, {}});
        ++check.batches;
        lengths_.back().batch_no = batch_no;
        in_batch_ = true;
        expected_ = entries;
        found_ = 0;
        hash_ = hash;
        sha256_.add(previous_);
        sha256_.add("[" + number(project_id_) + ", " + number(chain_no) + ", " + number(batch_no) +
                    ", " + number(entries) + "]");
    }

    void add_entry(std::int64_t chain_no, std::int64_t batch_no, std::int64_t audit_id,
                   std::string_view hash, std::string_view computed) {
        ++check.entries;
        if (!in_batch_ || chain_no != lengths_.back().chain_no ||
            batch_no != lengths_.back().batch_no) {
            end_batch();
            fail({"entry " + number(audit_id) + " is of " + batch_name(batch_no, chain_no) +
                      ", which is missing",
                  chain_no,
                  batch_no,
                  audit_id,
                  {}});
            return;
        }
        if (hash != computed)
            fail({"entry " + number(audit_id) + " is not as it was written: its hash differs",
                  chain_no,
                  batch_no,
                  audit_id,
                  {}});
        ++found_;
        sha256_.add(hash);
    }

    void end_batch() {
        if (!in_batch_) return;
        in_batch_ = false;
        const auto [chain_no, batch_no] = lengths_.back();
        pg::Sha256::Digest digest = sha256_.finish();
        if (found_ != expected_)
            fail({batch_name(batch_no, chain_no) + " has " + number(found_) + " of its " +
                      number(expected_) + " entries",
                  chain_no,
                  batch_no,
                  {},
                  {}});
        else if (hash_ != pg::bytes_of(digest))
            fail({batch_name(batch_no, chain_no) +
                      " does not follow from the one before and its entries: its hash differs",
                  chain_no,
                  batch_no,
                  {},
                  {}});
        previous_ = hash_;
    }

    void add_seal(std::int64_t seal_no, const Link& link, std::string_view text,
                  std::string_view batch_hash, std::string_view hash,
                  std::optional<std::string_view> now) {
        if (check.seals == 0) previous_ = std::string(32, '\0');
        ++check.seals;
        const auto [chain_no, batch_no] = link;
        std::int64_t next = check.last_seal + 1;
        if (seal_no != next) fail({"seal " + number(next) + " is missing", {}, {}, {}, next});
        check.last_seal = seal_no;
        for (std::string_view part : {std::string_view(previous_), text, batch_hash})
            sha256_.add(part);
        pg::Sha256::Digest digest = sha256_.finish();
        if (hash != pg::bytes_of(digest))
            fail({"seal " + number(seal_no) +
                      " is not as it was written, or does not follow from the one before: its "
                      "hash differs",
                  {},
                  {},
                  {},
                  seal_no});
        std::string which =
            batch_name(batch_no, chain_no) + ", which seal " + number(seal_no) + " is of, ";
        if (!now)
            fail({which + "is missing", chain_no, batch_no, {}, seal_no});
        else if (*now != batch_hash)
            fail({which + "is another one now: its hash differs", chain_no, batch_no, {}, seal_no});
        std::int64_t& sealed = sealed_[chain_no];
        sealed = std::max(sealed, batch_no);
        previous_ = hash;
        check.last_seal_hash = hash;
    }

    void finish() {
        for (const auto& [chain_no, batch_no] : lengths_)
            check.unsealed += std::max(std::int64_t{0}, batch_no - sealed_[chain_no]);
    }

    AuditCheck check;

  private:
    void fail(Broken broken) {
        if (!check.broken) check.broken = std::move(broken);
    }

    std::int64_t project_id_;
    pg::Sha256 sha256_;
    std::string previous_;       // hash of the batch or seal before
    std::vector<Link> lengths_;  // of the chains, the last one is at hand
    bool in_batch_ = false;
    std::int64_t expected_ = 0, found_ = 0;                  // entries
    std::string hash_;                                       // that the batch says it has
    std::unordered_map<std::int64_t, std::int64_t> sealed_;  // the last batch of a chain
};

}  // namespace

AuditCheck check_audit(pg::Spi& spi, std::int64_t project_id) {
    Checker checker(project_id);
    spi.for_batches(chains_sql, {pg::bigint(project_id)}, rows_at_once, [&](const pg::Rows& rows) {
        for (std::uint64_t i = 0; i < rows.size(); ++i) {
            std::string_view hash = pg::bytes_of(rows.datum(i, 4));
            if (rows.is_null(i, 2))
                checker.begin_batch(rows.bigint(i, 0), rows.bigint(i, 1), rows.bigint(i, 3), hash);
            else
                checker.add_entry(rows.bigint(i, 0), rows.bigint(i, 1), rows.bigint(i, 2), hash,
                                  pg::bytes_of(rows.datum(i, 5)));
        }
    });
    checker.end_batch();
    spi.for_batches(seals_sql, {pg::bigint(project_id)}, rows_at_once, [&](const pg::Rows& rows) {
        for (std::uint64_t i = 0; i < rows.size(); ++i) {
            std::optional<std::string_view> now;
            if (!rows.is_null(i, 6)) now = pg::bytes_of(rows.datum(i, 6));
            checker.add_seal(rows.bigint(i, 0), {rows.bigint(i, 1), rows.bigint(i, 2)},
                             pg::bytes_of(rows.datum(i, 3)), pg::bytes_of(rows.datum(i, 4)),
                             pg::bytes_of(rows.datum(i, 5)), now);
        }
    });
    checker.finish();
    return std::move(checker.check);
}

}  // namespace recon::access
