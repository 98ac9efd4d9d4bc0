#include "jobs/match_store.hpp"

#include "access/acting_roles.hpp"
#include "access/project_settings.hpp"
#include "jobs/claim.hpp"
#include "jobs/rejections.hpp"
#include "match/open_records.hpp"
#include "pg/sequence.hpp"
#include "pg/tuple_batch.hpp"

namespace recon::jobs {

namespace {

constexpr std::size_t steps_told = 1000;  // at a time, of what is stored

// Rows of recon.open_singles for records that are open again, or not in a range any more.
class OpenWriter {
  public:
    explicit OpenWriter(std::int64_t project_id)
        : project_id_(project_id),
          former_("open_singles", columns),
          writer_("open_singles", columns) {}

    void add(std::int64_t record_id, std::int64_t source_id, std::string_view reason) {
        former_.begin(batch_.bytes());
        former_.bigint(record_id);
        former_.bigint(project_id_);
        former_.bigint(source_id);
        former_.text(reason);
        former_.null();
        batch_.add(former_.finish());
        if (batch_.rows() == pg::Writer::batch_rows) batch_.write_to(writer_);
    }
    void finish() {
        batch_.write_to(writer_);
        writer_.finish();
    }

  private:
    static constexpr std::initializer_list<const char*> columns = {
        "record_id", "project_id", "source_id", "reason", "set_aside"};
    std::int64_t project_id_;
    pg::TupleFormer former_;
    pg::Writer writer_;
    pg::TupleBatch batch_;
};

class MatchWriter {
  public:
    // `now`: when all of them are made.
    MatchWriter(const Job& job, const Matched& matched, TimestampTz now)
        : job_(job),
          matched_(matched),
          amount_a_(matched.a.columns[static_cast<std::size_t>(matched.a.find("amount"))]),
          amount_b_(matched.b.columns[static_cast<std::size_t>(matched.b.find("amount"))]),
          former_("matches", match_columns),
          matches_("matches", match_columns, pg::Writer::Sorted{{"record_b_id", "confidence"}}),
          member_former_("match_members", member_columns),
          members_("match_members", member_columns, &matches_),
          ids_("matches_match_id_seq"),
          now_(now) {}

    void add(const match::Match& match) {
        begin(match.rule);
        former_.bigint(matched_.a.record_ids[match.a]);
        former_.bigint(matched_.b.record_ids[match.b]);
        add_verdict(match);
        if (amount_a_.is_known(match.a) && amount_b_.is_known(match.b))
            former_.difference(amount_a_.decimal(match.a), amount_b_.decimal(match.b));
        else
            former_.null();
        end();
    }
    void add(const match::GroupMatch& match) {
        std::int64_t match_id = begin(match.rule);
        former_.null();
        former_.null();
        add_verdict(match);
        former_.difference(match.sum_a, match.sum_b);
        end();
        const match::Result& result = matched_.result;
        for (std::uint32_t row : result.rows_a(match))
            add_member(match_id, matched_.a.record_ids[row], 'A');
        for (std::uint32_t row : result.rows_b(match))
            add_member(match_id, matched_.b.record_ids[row], 'B');
    }

    void finish() {
        write();
        matches_.finish();
        members_.finish();
    }

  private:
    static constexpr std::initializer_list<const char*> match_columns = {
        "match_id",          "project_id",  "job_id",          "rule_id",
        "record_a_id",       "record_b_id", "created_at",      "confidence",
        "rule_version",      "cardinality", "status",          "ambiguous",
        "amount_difference", "reviewed_by", "reviewed_at",     "note",
        "written_off",       "proposed_by", "proposed_session"};
    static constexpr std::initializer_list<const char*> member_columns = {"project_id", "match_id",
                                                                          "record_id", "side"};

    // A row of recon.matches up to its rule; from its creation to its ambiguity; and the rest.
    std::int64_t begin(std::uint32_t rule) {
        std::int64_t match_id = ids_.next();
        former_.begin(batch_.bytes());
        former_.bigint(match_id);
        former_.bigint(job_.project_id);
        former_.bigint(job_.job_id);
        former_.bigint(job_.rule_ids[rule].rule_id);
        return match_id;
    }
    template <class M>
    void add_verdict(const M& match) {
        former_.timestamp(now_);
        former_.real(to_double(match.confidence));
        former_.integer(static_cast<std::int32_t>(job_.rule_ids[match.rule].version));
        former_.text(rule::cardinality_name(job_.rules[match.rule].cardinality));
        former_.text(job_.status_of(match));
        former_.boolean(match.ambiguous);
    }
    void end() {
        // Of a review, or of a match by hand.
        for (int unset = 0; unset < 6; ++unset) former_.null();
        batch_.add(former_.finish());
        if (batch_.rows() == pg::Writer::batch_rows) write();
    }

    void add_member(std::int64_t match_id, std::int64_t record_id, char side) {
        member_former_.begin(member_batch_.bytes());
        member_former_.bigint(job_.project_id);
        member_former_.bigint(match_id);
        member_former_.bigint(record_id);
        member_former_.character(side);
        member_batch_.add(member_former_.finish());
        if (member_batch_.rows() == pg::Writer::batch_rows) write();
    }

    void write() {
        batch_.write_to(matches_);
        member_batch_.write_to(members_);
    }

    const Job& job_;
    const Matched& matched_;
    const match::Column &amount_a_, &amount_b_;
    pg::TupleFormer former_;
    pg::Writer matches_;
    pg::TupleFormer member_former_;
    pg::Writer members_;
    pg::TupleBatch batch_, member_batch_;
    pg::Sequence ids_;
    TimestampTz now_;
};

// One side of what is stored.
struct Side {
    Side(const match::Table& records, std::int64_t source,
         const std::vector<std::uint8_t>& has_match, const std::vector<match::Reason>& why)
        : table(records), by_id(records), source_id(source), matched(has_match), reasons(why) {}

    const match::Table& table;
    RowsById by_id;
    std::int64_t source_id;
    const std::vector<std::uint8_t>& matched;
    const std::vector<match::Reason>& reasons;
};

constexpr std::size_t reason_count = static_cast<std::size_t>(match::Reason::taken_by_better) + 1;

// Why the others stay open: a new row where they were in a range, in order of their ids, else the
// row they have. `done`: steps told before.
void set_reasons(pg::Spi& spi, const Job& job, const Side& a, const Side& b, const Claim& claim,
                 OpenWriter& open, Progress& progress, std::size_t done) {
    std::array<std::vector<std::int64_t>, reason_count> singles;
    auto set = [&](const Side& side, std::size_t i) {
        std::size_t row = side.by_id.row(i);
        if (side.matched[row] != 0) return;
        match::Reason reason = side.reasons[row];
        std::int64_t id = side.table.record_ids[row];
        if (claim.in_range(id))
            open.add(id, side.source_id, match::reason_text(reason));
        else
            singles[static_cast<std::size_t>(reason)].push_back(id);
    };
    for (std::size_t i = 0, k = 0; i < a.by_id.size() || k < b.by_id.size();) {
        if ((i + k) % steps_told == 0) progress.advance(done + i + k);
        bool from_a = k == b.by_id.size() || (i < a.by_id.size() && a.by_id.id(i) < b.by_id.id(k));
        if (from_a)
            set(a, i++);
        else
            set(b, k++);
    }
    for (std::size_t r = 0; r < reason_count; ++r)
        for_parts(singles[r], [&](std::span<const std::int64_t> some) {
            spi.execute(
                "UPDATE recon.open_singles SET reason = $3 WHERE project_id = $1 AND record_id = "
                "ANY ($2) AND reason IS DISTINCT FROM $3",
                {pg::bigint(job.project_id), pg::bigints(some),
                 pg::text(match::reason_text(static_cast<match::Reason>(r)))});
        });
}

pg::Prepared changed_since(
    "SELECT record_id FROM recon.record_versions WHERE project_id = $1 AND source_id = $2 AND "
    "update_no > $3");

// Records that a load gave new content after the run had read them, ascending: what was matched is
// not what is there.
std::vector<std::int64_t> changed_records(pg::Spi& spi, const Job& job, const Matched& matched) {
    std::vector<std::int64_t> ids;
    auto add = [&](std::int64_t source_id, std::int64_t updates) {
        pg::Rows rows = spi.query(changed_since, {pg::bigint(job.project_id), pg::bigint(source_id),
                                                  pg::bigint(updates)});
        for (std::uint64_t i = 0; i < rows.size(); ++i) ids.push_back(rows.bigint(i, 0));
        spi.free(rows);
    };
    add(job.source_a, matched.updates_a);
    add(job.source_b, matched.updates_b);
    std::sort(ids.begin(), ids.end());
    return ids;
}

// Calls each(id, source_id) for the records of a match, A's first.
template <class M, class F>
void for_records(const Job& job, const Matched& matched, const M& match, F&& each) {
    for (std::uint32_t row : matched.result.rows_a(match))
        each(matched.a.record_ids[row], job.source_a);
    for (std::uint32_t row : matched.result.rows_b(match))
        each(matched.b.record_ids[row], job.source_b);
}

// Notes who runs the job, and returns when the matches are made: one time for all of them, which no
// other run of the job has. Whoever started a run in the background runs it, too.
TimestampTz begin_run(pg::Spi& spi, const Job& job) {
    std::vector<std::int64_t> roles = access::acting_roles(job.user);
    pg::Rows run = spi.query(
        "INSERT INTO recon.job_runs (job_id, project_id, created_at, run_by) SELECT $2, $1, "
        "greatest(clock_timestamp(), (SELECT max(r.created_at) + interval '1 microsecond' FROM "
        "recon.job_runs r WHERE r.project_id = $1 AND r.job_id = $2)), "
        "ARRAY(SELECT unnest($3::oid[]::regrole[]) UNION SELECT r FROM unnest(ARRAY[j.queued_as, "
        "j.queued_session]) r WHERE j.status = 'running' AND r IS NOT NULL) FROM recon.jobs j "
        "WHERE j.project_id = $1 AND j.job_id = $2 RETURNING created_at",
        {pg::bigint(job.project_id), pg::bigint(job.job_id), pg::bigints(roles)});
    return DatumGetTimestampTz(run.datum(0, 0));
}

// The matches in order of A's record ids, in which their index then grows at its end. A row of A
// has at most one.
std::vector<std::uint32_t> in_order_of_a(const std::vector<match::Match>& matches,
                                         const RowsById& rows) {
    constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::vector<std::uint32_t> of_row(rows.size(), none), order;
    for (std::uint32_t i = 0; i < matches.size(); ++i) of_row[matches[i].a] = i;
    order.reserve(matches.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (std::uint32_t match = of_row[rows.row(i)]; match != none) order.push_back(match);
    return order;
}

}  // namespace

Stored store(pg::Spi& spi, Job& job, const Matched& matched, Progress& progress) {
    const match::Result& result = matched.result;
    progress.begin("storing", result.matches.size() + result.groups.size() + matched.a.rows() +
                                  matched.b.rows());
    match::lock_matching(spi, job.project_id);
    job.four_eyes = access::has_four_eyes(spi, job.project_id);  // it may have been switched on
    std::vector<std::int64_t> changed = changed_records(spi, job, matched);
    // Of records that came to be open while they were read, more may have been rejected.
    match::Rejected rejected = read_rejections(spi, job);
    auto is_rejected = [&](const auto& match) {
        if (rejected.empty()) return false;
        std::vector<std::int64_t> ids_a, ids_b;
        for (std::uint32_t row : result.rows_a(match)) ids_a.push_back(matched.a.record_ids[row]);
        for (std::uint32_t row : result.rows_b(match)) ids_b.push_back(matched.b.record_ids[row]);
        return rejected.has(std::move(ids_a), std::move(ids_b));
    };
    auto as_read = [&](const auto& match) {
        bool same = true;
        if (!changed.empty())
            for_records(job, matched, match, [&](std::int64_t id, std::int64_t) {
                same = same && !std::binary_search(changed.begin(), changed.end(), id);
            });
        return same;
    };
    Side a(matched.a, job.source_a, result.matched_a, result.reasons_a);
    Side b(matched.b, job.source_b, result.matched_b, result.reasons_b);
    Claim claim(spi, job);
    claim.take_ranges(a.by_id, b.by_id);
    if (!claim.covers(a.by_id) || !claim.covers(b.by_id)) {
        std::vector<std::int64_t> singles;
        auto want = [&](const auto& matches) {
            for (const auto& match : matches) {
                if (!as_read(match) || is_rejected(match)) continue;
                for_records(job, matched, match, [&](std::int64_t id, std::int64_t) {
                    if (!claim.in_range(id)) singles.push_back(id);
                });
            }
        };
        want(result.matches);
        want(result.groups);
        claim.take_singles(std::move(singles));
    }

    Stored stored;
    bool any = !result.matches.empty() || !result.groups.empty();
    MatchWriter writer(job, matched, any ? begin_run(spi, job) : GetCurrentTimestamp());
    OpenWriter open(job.project_id);
    auto keep = [&](const auto& match) {
        bool unchanged = as_read(match) && !is_rejected(match), all = unchanged;
        auto got = [&](std::int64_t id) { return unchanged ? claim.has(id) : claim.in_range(id); };
        std::int64_t records = 0;
        for_records(job, matched, match, [&](std::int64_t id, std::int64_t) {
            ++records;
            all = all && got(id);
        });
        if (!all) {
            // A match that lost a record: its others stay open.
            for_records(job, matched, match, [&](std::int64_t id, std::int64_t source_id) {
                if (got(id))
                    open.add(id, source_id, match::reason_text(match::Reason::taken_by_better));
            });
            return;
        }
        writer.add(match);
        ++stored.matches;
        stored.matched_records += records;
        stored.confidence += match.confidence;
        ++(job.approves(match) ? stored.approved : stored.proposed);
    };
    // B's records stand anywhere. What they need is prefetched here, in place: calls of a function
    // that does nothing else are left out by gcc.
    const auto& amounts = matched.b.columns[static_cast<std::size_t>(matched.b.find("amount"))];
    std::vector<std::uint32_t> order = in_order_of_a(result.matches, a.by_id);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (constexpr std::size_t ahead = 16; i + ahead < order.size()) {
            std::uint32_t row = result.matches[order[i + ahead]].b;
            __builtin_prefetch(&matched.b.record_ids[row]);
            if (!amounts.is_wide) __builtin_prefetch(&amounts.numbers[row]);
        }
        if (i % steps_told == 0) progress.advance(i);
        keep(result.matches[order[i]]);
    }
    for (std::size_t i = 0; i < result.groups.size(); ++i) {
        if (i % steps_told == 0) progress.advance(order.size() + i);
        keep(result.groups[i]);
    }
    writer.finish();
    set_reasons(spi, job, a, b, claim, open, progress, order.size() + result.groups.size());
    open.finish();
    return stored;
}

}  // namespace recon::jobs
