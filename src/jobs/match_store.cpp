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

// The open rows of the records that a run has read, taken from recon.open_ranges and
// recon.open_singles. A range is taken whole: what is left of it comes back as single rows.
class Claim {
  public:
    Claim(pg::Spi& spi, const Job& job, const Matched& matched,
          std::span<const std::int64_t> wanted)
        : spi_(spi), project_id_(job.project_id) {
        take_ranges(job, matched);
        take_singles(wanted);
    }

    // Whether the run got this record, of those wanted.
    bool has(std::int64_t id) const {
        return in_range(id) || std::binary_search(singles_.begin(), singles_.end(), id);
    }

    // Whether it was in a range that this run took.
    bool in_range(std::int64_t id) const {
        auto after = std::upper_bound(
            ranges_.begin(), ranges_.end(), id,
            [](std::int64_t wanted, const Range& range) { return wanted < range.first; });
        return after != ranges_.begin() && id <= std::prev(after)->last;
    }

  private:
    struct Range {
        std::int64_t first, last;
    };

    void take_ranges(const Job& job, const Matched& matched) {
        std::vector<std::int64_t> read = matched.a.record_ids, wanted;
        read.insert(read.end(), matched.b.record_ids.begin(), matched.b.record_ids.end());
        std::sort(read.begin(), read.end());
        pg::Rows rows = spi_.query(
            "SELECT first_id, last_id FROM recon.open_ranges WHERE project_id = $1 AND source_id "
            "IN ($2, $3)",
            {pg::bigint(project_id_), pg::bigint(job.source_a), pg::bigint(job.source_b)});
        for (std::uint64_t i = 0; i < rows.size(); ++i) {
            // One that came after the run had read is none of its business.
            auto first = std::lower_bound(read.begin(), read.end(), rows.bigint(i, 0));
            if (first != read.end() && *first <= rows.bigint(i, 1))
                wanted.push_back(rows.bigint(i, 0));
        }
        spi_.free(rows);
        for_parts(wanted, [&](std::span<const std::int64_t> some) {
            pg::Rows taken = spi_.query(
                "DELETE FROM recon.open_ranges WHERE project_id = $1 AND first_id = ANY ($2) "
                "RETURNING first_id, last_id",
                {pg::bigint(project_id_), pg::bigints(some)});
            for (std::uint64_t i = 0; i < taken.size(); ++i)
                ranges_.push_back({taken.bigint(i, 0), taken.bigint(i, 1)});
            spi_.free(taken);
        });
        std::sort(ranges_.begin(), ranges_.end(),
                  [](const Range& a, const Range& b) { return a.first < b.first; });
    }

    void take_singles(std::span<const std::int64_t> wanted) {
        std::vector<std::int64_t> ids;
        for (std::int64_t id : wanted)
            if (!in_range(id)) ids.push_back(id);
        std::sort(ids.begin(), ids.end());
        for_parts(ids, [&](std::span<const std::int64_t> some) {
            pg::Rows rows = spi_.query(
                "DELETE FROM recon.open_singles o USING unnest($2) u(record_id) "
                "WHERE o.project_id = $1 AND o.record_id = u.record_id RETURNING o.record_id",
                {pg::bigint(project_id_), pg::bigints(some)});
            for (std::uint64_t i = 0; i < rows.size(); ++i) singles_.push_back(rows.bigint(i, 0));
            spi_.free(rows);
        });
        std::sort(singles_.begin(), singles_.end());
    }

    pg::Spi& spi_;
    std::int64_t project_id_;
    std::vector<Range> ranges_;
    std::vector<std::int64_t> singles_;
};

// Rows of recon.open_singles for records that are open again, or not in a range any more.
class OpenWriter {
  public:
    explicit OpenWriter(std::int64_t project_id)
        : project_id_(project_id),
          writer_("open_singles", {"record_id", "project_id", "source_id", "reason"}) {}

    void add(std::int64_t record_id, std::int64_t source_id, std::string_view reason) {
        writer_.bigint(0, record_id);
        writer_.bigint(1, project_id_);
        writer_.bigint(2, source_id);
        writer_.text(3, reason);
        writer_.add();
    }
    void finish() { writer_.finish(); }

  private:
    std::int64_t project_id_;
    pg::Writer writer_;
};

class MatchWriter {
  public:
    MatchWriter(const Job& job, const Matched& matched)
        : job_(job),
          matched_(matched),
          amount_a_(matched.a.columns[static_cast<std::size_t>(matched.a.find("amount"))]),
          amount_b_(matched.b.columns[static_cast<std::size_t>(matched.b.find("amount"))]),
          matches_("matches",
                   {"match_id", "project_id", "job_id", "rule_id", "record_a_id", "record_b_id",
                    "created_at", "confidence", "rule_version", "cardinality", "status",
                    "ambiguous", "amount_difference", "reviewed_by", "reviewed_at", "note"}),
          members_("match_members", {"project_id", "match_id", "record_id", "side"}, &matches_),
          ids_("matches_match_id_seq"),
          now_(GetCurrentTimestamp()) {}

    void add(const match::Match& match) {
        const JobRule& rule = job_.rule_ids[match.rule];
        std::int64_t match_id = ids_.next();
        matches_.bigint(0, match_id);
        matches_.bigint(1, job_.project_id);
        matches_.bigint(2, job_.job_id);
        matches_.bigint(3, rule.rule_id);
        matches_.timestamp(6, now_);
        matches_.real(7, to_double(match.confidence));
        matches_.integer(8, static_cast<std::int32_t>(rule.version));
        rule::Cardinality cardinality = job_.rules[match.rule].cardinality;
        matches_.text(9, rule::cardinality_name(cardinality));
        matches_.text(10, match.approved ? "approved" : "proposed");
        matches_.boolean(11, match.ambiguous);
        if (amount_a_.present[match.a] && amount_b_.present[match.b])
            matches_.difference(12, {amount_a_.decimals[match.a], amount_a_.scale},
                                {amount_b_.decimals[match.b], amount_b_.scale});
        std::int64_t a = matched_.a.record_ids[match.a], b = matched_.b.record_ids[match.b];
        bool one_to_one = cardinality == rule::Cardinality::one_to_one;
        if (one_to_one) {
            matches_.bigint(4, a);
            matches_.bigint(5, b);
        }
        matches_.add();
        if (!one_to_one) {
            add_member(match_id, a, 'A');
            add_member(match_id, b, 'B');
        }
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

// Why the others stay open: a new row where they were in a range, else the row they have.
void set_reasons(pg::Spi& spi, const Job& job, std::int64_t source_id, const match::Table& table,
                 const std::vector<match::Reason>& reasons, const std::vector<bool>& matched,
                 const Claim& claim, OpenWriter& open) {
    for (int r = 0; r <= static_cast<int>(match::Reason::taken_by_better); ++r) {
        auto reason = static_cast<match::Reason>(r);
        std::vector<std::int64_t> ids;
        for (std::size_t row = 0; row < table.rows(); ++row) {
            if (matched[row] || reasons[row] != reason) continue;
            std::int64_t id = table.record_ids[row];
            if (claim.in_range(id))
                open.add(id, source_id, match::reason_text(reason));
            else
                ids.push_back(id);
        }
        for_parts(ids, [&](std::span<const std::int64_t> some) {
            spi.execute(
                "UPDATE recon.open_singles o SET reason = $3 FROM unnest($2) u(record_id) "
                "WHERE o.project_id = $1 AND o.record_id = u.record_id AND o.reason IS DISTINCT "
                "FROM "
                "$3",
                {pg::bigint(job.project_id), pg::bigints(some),
                 pg::text(match::reason_text(reason))});
        });
    }
}

// Records that a load gave new content after the run had read them, ascending: what was matched is
// not what is there.
std::vector<std::int64_t> changed_records(pg::Spi& spi, const Job& job, const Matched& matched) {
    pg::Rows rows = spi.query(
        "SELECT DISTINCT v.record_id FROM recon.record_versions v WHERE v.project_id = $1 AND "
        "((v.source_id = $2 AND v.update_no > $3) OR (v.source_id = $4 AND v.update_no > $5)) "
        "ORDER BY 1",
        {pg::bigint(job.project_id), pg::bigint(job.source_a), pg::bigint(matched.updates_a),
         pg::bigint(job.source_b), pg::bigint(matched.updates_b)});
    std::vector<std::int64_t> ids;
    for (std::uint64_t i = 0; i < rows.size(); ++i) ids.push_back(rows.bigint(i, 0));
    spi.free(rows);
    return ids;
}

}  // namespace

Stored store(pg::Spi& spi, const Job& job, const Matched& matched) {
    const match::Result& result = matched.result;
    lock_storing(spi, job.project_id);
    std::vector<std::int64_t> changed = changed_records(spi, job, matched);
    auto as_read = [&](std::int64_t id) {
        return !std::binary_search(changed.begin(), changed.end(), id);
    };
    std::vector<std::int64_t> wanted;
    wanted.reserve(result.matches.size() * 2);
    for (const match::Match& match : result.matches) {
        std::int64_t a = matched.a.record_ids[match.a], b = matched.b.record_ids[match.b];
        if (!as_read(a) || !as_read(b)) continue;
        wanted.push_back(a);
        wanted.push_back(b);
    }
    Claim claim(spi, job, matched, wanted);

    Stored stored;
    std::vector<bool> matched_a(matched.a.rows()), matched_b(matched.b.rows());
    MatchWriter writer(job, matched);
    OpenWriter open(job.project_id);
    // A match that lost a record: its other record stays open.
    auto release = [&](std::int64_t id, std::int64_t source_id, bool got) {
        if (got) open.add(id, source_id, "taken by a better match");
    };
    for (const match::Match& match : result.matches) {
        matched_a[match.a] = matched_b[match.b] = true;
        std::int64_t a = matched.a.record_ids[match.a], b = matched.b.record_ids[match.b];
        bool unchanged = as_read(a) && as_read(b);
        bool has_a = unchanged ? claim.has(a) : claim.in_range(a);
        bool has_b = unchanged ? claim.has(b) : claim.in_range(b);
        if (!unchanged || !has_a || !has_b) {
            release(a, job.source_a, has_a);
            release(b, job.source_b, has_b);
            continue;
        }
        writer.add(match);
        ++stored.matches;
        stored.matched_records += 2;
        stored.confidence += match.confidence;
        ++(match.approved ? stored.approved : stored.proposed);
    }
    writer.finish();
    set_reasons(spi, job, job.source_a, matched.a, result.reasons_a, matched_a, claim, open);
    set_reasons(spi, job, job.source_b, matched.b, result.reasons_b, matched_b, claim, open);
    open.finish();
    return stored;
}

}  // namespace recon::jobs
