#include "jobs/match_store.hpp"

#include "pg/sequence.hpp"
#include "pg/writer.hpp"

namespace recon::jobs {

namespace {

// Waits for other runs of the project that are storing, so that two never wait for one another's
// open records.
void lock_storing(pg::Spi& spi, std::int64_t project_id) {
    spi.query("SELECT 1 FROM recon.projects WHERE project_id = $1 FOR NO KEY UPDATE",
              {pg::bigint(project_id)});
}

// Statements take ids in arrays of a bounded size.
template <class F>
void for_parts(const std::vector<std::int64_t>& ids, F&& function) {
    constexpr std::size_t most = 500'000;
    for (std::size_t from = 0; from < ids.size(); from += most)
        function(std::span(ids.data() + from, std::min(most, ids.size() - from)));
}

// Deletes the open rows of these records; returns those that were still there, ascending.
std::vector<std::int64_t> claim(pg::Spi& spi, std::int64_t project_id,
                                std::vector<std::int64_t> ids) {
    std::sort(ids.begin(), ids.end());
    std::vector<std::int64_t> claimed;
    for_parts(ids, [&](std::span<const std::int64_t> some) {
        pg::Rows rows = spi.query(
            "DELETE FROM recon.open_records o USING unnest($2) u(record_id) "
            "WHERE o.project_id = $1 AND o.record_id = u.record_id RETURNING o.record_id",
            {pg::bigint(project_id), pg::bigints(some)});
        for (std::uint64_t i = 0; i < rows.size(); ++i) claimed.push_back(rows.bigint(i, 0));
        spi.free(rows);
    });
    std::sort(claimed.begin(), claimed.end());
    return claimed;
}

void reopen(pg::Spi& spi, std::int64_t project_id, const std::vector<std::int64_t>& ids) {
    for_parts(ids, [&](std::span<const std::int64_t> some) {
        spi.execute(
            "INSERT INTO recon.open_records (record_id, project_id, source_id, reason) "
            "SELECT record_id, project_id, source_id, 'taken by a better match' FROM recon.records "
            "WHERE project_id = $1 AND record_id = ANY ($2)",
            {pg::bigint(project_id), pg::bigints(some)});
    });
}

class MatchWriter {
  public:
    MatchWriter(const Job& job, const Matched& matched)
        : job_(job),
          matched_(matched),
          amount_a_(matched.a.columns[static_cast<std::size_t>(matched.a.find("amount"))]),
          amount_b_(matched.b.columns[static_cast<std::size_t>(matched.b.find("amount"))]),
          matches_("matches",
                   {"match_id", "project_id", "job_id", "rule_id", "rule_version", "cardinality",
                    "confidence", "status", "ambiguous", "amount_difference", "created_at",
                    "reviewed_by", "reviewed_at", "note"}),
          members_("match_records", {"project_id", "match_id", "record_id", "side"}, &matches_),
          ids_("matches_match_id_seq"),
          now_(GetCurrentTimestamp()) {}

    void add(const match::Match& match) {
        const JobRule& rule = job_.rule_ids[match.rule];
        std::int64_t match_id = ids_.next();
        matches_.bigint(0, match_id);
        matches_.bigint(1, job_.project_id);
        matches_.bigint(2, job_.job_id);
        matches_.bigint(3, rule.rule_id);
        matches_.integer(4, static_cast<std::int32_t>(rule.version));
        matches_.text(5, rule::cardinality_name(job_.rules[match.rule].cardinality));
        matches_.real(6, to_double(match.confidence));
        matches_.text(7, match.approved ? "approved" : "proposed");
        matches_.boolean(8, match.ambiguous);
        if (amount_a_.present[match.a] && amount_b_.present[match.b])
            matches_.difference(9, {amount_a_.decimals[match.a], amount_a_.scale},
                                {amount_b_.decimals[match.b], amount_b_.scale});
        matches_.timestamp(10, now_);
        matches_.add();
        add_member(match_id, matched_.a.record_ids[match.a], 'A');
        add_member(match_id, matched_.b.record_ids[match.b], 'B');
    }

    void finish() {
        matches_.finish();
        members_.finish();
    }

  private:
    void add_member(std::int64_t match_id, std::int64_t record_id, char side) {
        members_.bigint(0, job_.project_id);
        members_.bigint(1, match_id);
        members_.bigint(2, record_id);
        members_.character(3, side);
        members_.add();
    }

    const Job& job_;
    const Matched& matched_;
    const match::Column &amount_a_, &amount_b_;
    pg::Writer matches_, members_;
    pg::Sequence ids_;
    TimestampTz now_;
};

void set_reasons(pg::Spi& spi, const Job& job, const match::Table& table,
                 const std::vector<match::Reason>& reasons, const std::vector<bool>& matched) {
    for (int r = 0; r <= static_cast<int>(match::Reason::taken_by_better); ++r) {
        auto reason = static_cast<match::Reason>(r);
        std::vector<std::int64_t> ids;
        for (std::size_t row = 0; row < table.rows(); ++row)
            if (!matched[row] && reasons[row] == reason) ids.push_back(table.record_ids[row]);
        for_parts(ids, [&](std::span<const std::int64_t> some) {
            spi.execute(
                "UPDATE recon.open_records o SET reason = $3 FROM unnest($2) u(record_id) "
                "WHERE o.project_id = $1 AND o.record_id = u.record_id AND o.reason IS DISTINCT "
                "FROM "
                "$3",
                {pg::bigint(job.project_id), pg::bigints(some),
                 pg::text(match::reason_text(reason))});
        });
    }
}

}  // namespace

Stored store(pg::Spi& spi, const Job& job, const Matched& matched) {
    const match::Result& result = matched.result;
    std::vector<std::int64_t> wanted;
    wanted.reserve(result.matches.size() * 2);
    for (const match::Match& match : result.matches) {
        wanted.push_back(matched.a.record_ids[match.a]);
        wanted.push_back(matched.b.record_ids[match.b]);
    }
    lock_storing(spi, job.project_id);
    std::vector<std::int64_t> claimed = claim(spi, job.project_id, wanted);
    bool complete = claimed.size() == wanted.size();
    auto has = [&](std::int64_t id) {
        return complete || std::binary_search(claimed.begin(), claimed.end(), id);
    };

    Stored stored;
    std::vector<bool> matched_a(matched.a.rows()), matched_b(matched.b.rows());
    std::vector<std::int64_t> released;
    MatchWriter writer(job, matched);
    for (const match::Match& match : result.matches) {
        matched_a[match.a] = matched_b[match.b] = true;
        std::int64_t a = matched.a.record_ids[match.a], b = matched.b.record_ids[match.b];
        if (!has(a) || !has(b)) {
            if (has(a)) released.push_back(a);
            if (has(b)) released.push_back(b);
            continue;
        }
        writer.add(match);
        ++stored.matches;
        stored.matched_records += 2;
        ++(match.approved ? stored.approved : stored.proposed);
    }
    writer.finish();
    if (!released.empty()) reopen(spi, job.project_id, released);
    set_reasons(spi, job, matched.a, result.reasons_a, matched_a);
    set_reasons(spi, job, matched.b, result.reasons_b, matched_b);
    return stored;
}

}  // namespace recon::jobs
