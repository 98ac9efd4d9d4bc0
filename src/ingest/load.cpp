#include "ingest/load.hpp"

#include "access/audit.hpp"
#include "core/ingest/options.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/report.hpp"

namespace recon::ingest {

namespace {

Options load_options(const Source& source, const json::Value& overrides) {
    Options options = parse_options(merge(source.options, overrides));
    check_supported(options);
    return options;
}

std::string hexadecimal(const std::array<unsigned char, 16>& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

Load::Load(pg::Spi& spi, const Source& source, const json::Value& overrides, std::string file_name,
           Oid user)
    : spi_(spi),
      source_(source),
      file_name_(std::move(file_name)),
      user_(user),
      user_name_(pg::role_name(user)),
      options_(load_options(source, overrides)),
      ingestion_id_(begin_ingestion()),
      codec_(options_.encoding),
      sink_(source.project_id, source.source_id, ingestion_id_, rejects_),
      engine_(options_, parse_mapping(source.mapping ? &*source.mapping : nullptr), codec_, sink_,
              interrupts_) {
    sink_.use_keys(engine_.attribute_keys());
}

// The row stands first: what the load writes refers to it.
std::int64_t Load::begin_ingestion() {
    std::int64_t id = spi_.query(
                              "INSERT INTO recon.ingestions (project_id, source_id, status, "
                              "records_read, records_loaded, "
                              "records_rejected, records_duplicate, bytes_read, elapsed_ms, "
                              "created_by, started_at, finished_at) "
                              "VALUES ($1, $2, 'completed', 0, 0, 0, 0, 0, 0, $3::name, "
                              "clock_timestamp(), clock_timestamp()) "
                              "RETURNING ingestion_id",
                              {pg::bigint(source_.project_id), pg::bigint(source_.source_id),
                               pg::text(user_name_)})
                          .bigint(0, 0);
    if (options_.max_rejects.kind != MaxRejects::Kind::unlimited) undo_.emplace();
    return id;
}

bool Load::feed(std::string_view bytes) {
    fingerprint_.add(bytes);
    engine_.feed(bytes);
    return !over_limit_early();
}

// A percentage means something at the end of a load only.
bool Load::over_limit_early() const {
    return options_.max_rejects.kind == MaxRejects::Kind::count && engine_.over_max_rejects();
}

Report Load::finish() {
    bool over = over_limit_early();
    if (over) {
        engine_.flush();
    } else {
        engine_.finish();
        over = engine_.over_max_rejects();
    }
    Report report;
    report.ingestion_id = ingestion_id_;
    report.counts = engine_.counts();
    std::optional<std::string> message;
    if (over) {
        undo_->rollback();
        report.status = "failed";
        report.counts.loaded = 0;
        message = "load has more rejected records than max_rejects allows";
    } else {
        sink_.finish();
        remember_attribute_keys();
        if (undo_) undo_->commit();
    }
    rejects_.write_out(source_.project_id, ingestion_id_);
    report.elapsed_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
            .count();
    end_ingestion(report, message);
    if (over)
        pg::warning(
            "load has more rejected records than \"max_rejects\" allows; nothing was loaded",
            "Rejected records: " + std::to_string(report.counts.rejected) + ".",
            "See recon.ingest_errors for ingestion " + std::to_string(ingestion_id_) + ".");
    return report;
}

// Rules may name them; what no load ever found is a typo.
void Load::remember_attribute_keys() {
    std::vector<std::string_view> keys(engine_.attribute_keys().begin(),
                                       engine_.attribute_keys().end());
    if (keys.empty()) return;
    spi_.execute(
        "UPDATE recon.data_sources SET attribute_keys = "
        "(SELECT array_agg(DISTINCT k ORDER BY k) FROM unnest(attribute_keys || $3) k) "
        "WHERE project_id = $1 AND source_id = $2 AND NOT attribute_keys @> $3",
        {pg::bigint(source_.project_id), pg::bigint(source_.source_id), pg::texts(keys)});
}

std::int64_t Load::add_file(const char* status) {
    std::string fingerprint = hexadecimal(fingerprint_.value());
    return spi_
        .query(
            "INSERT INTO recon.files (project_id, source_id, name, bytes, fingerprint, status, "
            "uploaded_by) "
            "VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7::name) RETURNING file_id",
            {pg::bigint(source_.project_id), pg::bigint(source_.source_id), pg::text(file_name_),
             pg::bigint(static_cast<std::int64_t>(engine_.counts().bytes)), pg::text(fingerprint),
             pg::text(status), pg::text(user_name_)})
        .bigint(0, 0);
}

void Load::end_ingestion(const Report& report, const std::optional<std::string>& message) {
    std::int64_t file_id = add_file(message ? "failed" : "loaded");
    auto count = [](std::uint64_t n) { return pg::bigint(static_cast<std::int64_t>(n)); };
    const Counts& counts = report.counts;
    spi_.execute(
        "UPDATE recon.ingestions SET file_id = $3, status = $4, records_read = $5, records_loaded "
        "= $6, "
        "records_rejected = $7, records_duplicate = $8, bytes_read = $9, elapsed_ms = $10, message "
        "= $11, "
        "finished_at = clock_timestamp() WHERE project_id = $1 AND ingestion_id = $2",
        {pg::bigint(source_.project_id), pg::bigint(ingestion_id_), pg::bigint(file_id),
         pg::text(report.status), count(counts.read), count(counts.loaded), count(counts.rejected),
         count(counts.duplicate), count(counts.bytes), pg::real(report.elapsed_ms),
         pg::text(message)});
    std::string after = spi_.query(
                                "SELECT to_jsonb(i)::text FROM recon.ingestions i WHERE project_id "
                                "= $1 AND ingestion_id = $2",
                                {pg::bigint(source_.project_id), pg::bigint(ingestion_id_)})
                            .text(0, 0);
    access::audit(spi_, user_, source_.project_id, "load", "ingestion", ingestion_id_, std::nullopt,
                  after);
}

}  // namespace recon::ingest
