#include "ingest/load.hpp"

#include "access/acting_roles.hpp"
#include "access/audit.hpp"
#include "core/ingest/options.hpp"
#include "ingest/missing_records.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "ingest/load_counters.hpp"
#include "pg/report.hpp"
#include "stats/counters.hpp"

namespace recon::ingest {

namespace {

// A relation is read to be kept in step with: what it has now replaces what was there, unless its
// options say otherwise.
Options load_options(const json::Value& given, Door door) {
    Options options = parse_options(given);
    if (door == Door::relation && given.find("on_duplicate") == nullptr)
        options.on_duplicate = OnDuplicate::update;
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

field::Day utc_day(TimestampTz at) {
    TimestampTz day = at / USECS_PER_DAY;
    return static_cast<field::Day>(at % USECS_PER_DAY < 0 ? day - 1 : day);
}

pg::Param count(std::uint64_t n) {
    return pg::bigint(static_cast<std::int64_t>(n));
}

}  // namespace

Load::Load(pg::Spi& spi, const Source& source, Door door, const json::Value& overrides,
           std::string file_name, Oid user)
    : spi_(spi),
      source_(source),
      door_(door),
      file_name_(std::move(file_name)),
      user_(user),
      user_name_(pg::role_name(user)),
      given_options_(merge(source.options, overrides)),
      options_(load_options(given_options_, door)),
      ingestion_id_(pg::Sequence("ingestions_ingestion_id_seq").next()),
      codec_(options_.encoding),
      progress_({ingestion_id_, source.project_id, source.source_id, user, door}),
      sink_(source.project_id, source.source_id, ingestion_id_),
      engine_(options_,
              parse_mapping(source.mapping ? &*source.mapping : nullptr, door == Door::relation),
              codec_, sink_, progress_) {
    sink_.use_attributes(engine_.attribute_keys());
    if (source.closed_until) sink_.note_closed(*source.closed_until, utc_day(started_at_));
    progress_.begin([this] { return figures(); });
}

// A percentage means something at the end of a load only.
bool Load::wants_more() const {
    return options_.max_rejects.kind != MaxRejects::Kind::count || !engine_.over_max_rejects();
}

bool Load::feed(std::string_view bytes) {
    do {
        std::string_view part = bytes.substr(0, engine_.part_bytes());
        bytes.remove_prefix(part.size());
        fingerprint_.add(part);
        engine_.feed(part);
        if (!end_part()) return false;
    } while (!bytes.empty());
    return true;
}

void Load::begin_columns(std::vector<std::string> names, std::vector<std::string> types) {
    engine_.begin_columns(std::move(names));
    column_types_ = std::move(types);
    if (door_ == Door::relation) sink_.note_rejected_ids();
}

bool Load::reject(const Reject& reject) {
    engine_.add_reject(reject);
    return end_part();
}

bool Load::add(std::span<const csv::Field> fields, const csv::Place& place) {
    engine_.add(fields, place);
    return end_part();
}

void Load::retries(std::int64_t ingestion_id) {
    retry_of_ = ingestion_id;
    lock_source();
}

bool Load::retry(const csv::Place& place) {
    engine_.add_raw(place);
    return end_part();
}

bool Load::end_part() {
    if (!wants_more()) return false;
    if (!undo_ && pays_to_store_directly()) store_directly();
    return true;
}

// Staging a record costs about as much as reading the entries of some dozens of known ones: what
// was staged so far has to be worth reading those that there are. So a load never costs more than
// twice what the better way for it would.
bool Load::pays_to_store_directly() {
    constexpr std::uint64_t fewest = 5000, known_for_one_staged = 32;
    std::uint64_t staged = sink_.stage.count();
    if (staged < fewest || retry_of_ != 0) return false;
    if (!known_guess_)
        known_guess_ = KnownRecords(spi_, source_.project_id, source_.source_id).entries();
    return *known_guess_ < KeyFilter::useful_keys && *known_guess_ <= staged * known_for_one_staged;
}

void Load::store_directly() {
    begin_ingestion();
    lock_source();
    sink_.open_files();
    outcome_.resolution.open_files();
    KnownRecords known(spi_, source_.project_id, source_.source_id);
    known_guess_ = known.entries();
    known.open_all();
    for (; const KeyEntry* entry = known.front(); known.pop())
        sink_.filter.add(entry->high, entry->low);
    undo_.emplace();
    make_store();
    sink_.store_directly(*store_);
}

void Load::make_store() {
    if (store_) return;
    store_.emplace(spi_,
                   RecordStore::Target{source_.project_id, source_.source_id, ingestion_id_,
                                       update_no_, source_.closed_until, user_},
                   options_, engine_.column_of(Field::external_id), sink_.rejects, progress_);
}

Progress::Figures Load::figures() const {
    const Counts& counts = engine_.counts();
    return {counts.bytes, counts.read, store_ ? store_->stored() : 0,
            std::max(counts.rejected, outcome_.report.counts.rejected)};
}

void Load::make_key_run(std::uint64_t entries) {
    key_run_.emplace(spi_, source_.project_id, source_.source_id, entries);
}

bool Load::over_limit(const Counts& counts) const {
    return options_.max_rejects.exceeded(counts.rejected, counts.read);
}

Report Load::finish() {
    Report& report = outcome_.report;
    report.ingestion_id = ingestion_id_;
    bool cut_short = !wants_more();
    if (!cut_short && has_file()) engine_.finish();
    progress_.enter(Phase::resolving);
    sink_.end();
    report.counts = engine_.counts();
    bool over = cut_short || over_limit(report.counts), repeated = false;
    if (!over) {
        lock_source();
        repeated = find_duplicate_file();
        if (!repeated) resolve_records();
        over = over_limit(report.counts);
    }
    if (over) {
        report.status = "failed";
        report.counts.loaded = report.updated = 0;
        report.missing.reset();
        outcome_.message = "load has more rejected records than max_rejects allows";
    }
    if (undo_ && (over || repeated)) {
        undo_->rollback();
        store_.reset();
        key_run_.reset();
    }
    progress_.enter(Phase::storing);
    begin_ingestion();
    if (!repeated) write_records();
    if (undo_ && !over && !repeated) undo_->commit();
    if (!repeated) write_rejects();
    sink_.close();
    outcome_.resolution.close();
    fresh_keys_.close();
    end_ingestion();
    count_load(report);
    if (over)
        pg::warning(
            "load has more rejected records than \"max_rejects\" allows; nothing was loaded",
            "Rejected records: " + std::to_string(report.counts.rejected) + ".",
            "See recon.ingest_errors for ingestion " + std::to_string(ingestion_id_) + ".");
    return report;
}

bool Load::has_file() const {
    return door_ == Door::file || door_ == Door::copy || door_ == Door::upload;
}

// Loads into one source that reach this point wait for one another. An update, not a lock alone: a
// transaction whose snapshot is older than another's load fails instead of missing its records.
void Load::lock_source() {
    if (locked_) return;
    locked_ = true;
    Phase before = progress_.phase();
    progress_.enter(Phase::waiting);
    if (options_.on_duplicate == OnDuplicate::update)
        spi_.query("SELECT 1 FROM recon.projects WHERE project_id = $1 FOR NO KEY UPDATE",
                   {pg::bigint(source_.project_id)});
    pg::Rows row = spi_.query(
        "UPDATE recon.data_sources SET loads = loads + 1 WHERE project_id = $1 AND source_id = $2 "
        "RETURNING updates + 1",
        {pg::bigint(source_.project_id), pg::bigint(source_.source_id)});
    update_no_ = row.bigint(0, 0);
    progress_.enter(before);
}

// The same bytes were loaded before: nothing is done.
bool Load::find_duplicate_file() {
    if (options_.force || !has_file()) return false;
    std::string fingerprint = hexadecimal(fingerprint_.value());
    pg::Rows known = spi_.query(
        "SELECT f.file_id FROM recon.files f JOIN recon.ingestions i ON i.project_id = "
        "f.project_id AND i.file_id = f.file_id AND i.status = 'completed' "
        "WHERE f.project_id = $1 AND f.source_id = $2 AND f.fingerprint = decode($3, 'hex') AND "
        "f.bytes = $4 LIMIT 1",
        {pg::bigint(source_.project_id), pg::bigint(source_.source_id), pg::text(fingerprint),
         count(engine_.counts().bytes)});
    if (known.empty()) return false;
    Report& report = outcome_.report;
    outcome_.file_id = known.bigint(0, 0);
    report.status = "duplicate";
    report.counts.duplicate = report.counts.read;
    report.counts.loaded = report.counts.rejected = 0;
    return true;
}

void Load::resolve_records() {
    KnownRecords known(spi_, source_.project_id, source_.source_id);
    Resolution& resolution = outcome_.resolution;
    ResolveOptions how;
    how.update = options_.on_duplicate == OnDuplicate::update;
    how.find_missing = door_ == Door::relation;
    how.retry_of = retry_of_;
    how.closed_until = source_.closed_until;
    // What is undone with its records may be written at once.
    if (undo_) make_key_run(store_->stored());
    resolve(spi_, source_.project_id, how, known, sink_.keys,
            key_run_ ? static_cast<KeyOutput&>(*key_run_) : fresh_keys_, resolution, progress_);
    Report& report = outcome_.report;
    Counts& counts = report.counts;
    counts.loaded = resolution.fresh + resolution.updates;
    counts.rejected += resolution.conflicts + resolution.approved + resolution.closed;
    if (options_.on_duplicate == OnDuplicate::skip || how.update)
        counts.duplicate = resolution.known;
    else
        counts.rejected += resolution.known;
    report.updated = resolution.updates;
    if (how.find_missing) report.missing = resolution.missing_count;
}

void Load::write_records() {
    bool failed = outcome_.message.has_value();
    Resolution& resolution = outcome_.resolution;
    make_store();
    if (retry_of_ != 0 && !failed) store_->note_lines(lines_);
    store_->run(sink_.stage, resolution, !failed);
    if (failed) return;
    store_->finish(sink_.ids);
    remember_attribute_keys();
    if (!key_run_) {
        make_key_run(fresh_keys_.count());
        fresh_keys_.hand_over(*key_run_);
    }
    key_run_->finish();
    if (resolution.updates > 0)
        spi_.execute(
            "UPDATE recon.data_sources SET updates = $3 WHERE project_id = $1 AND source_id = $2",
            {pg::bigint(source_.project_id), pg::bigint(source_.source_id),
             pg::bigint(update_no_)});
    if (door_ == Door::relation)
        outcome_.report.newly_missing = write_missing(
            spi_, {source_.project_id, source_.source_id, ingestion_id_}, resolution.missing);
}

void Load::write_rejects() {
    if (retry_of_ == 0) {
        sink_.rejects.write_out(source_.project_id, ingestion_id_);
        return;
    }
    sink_.rejects.write_back(spi_, source_.project_id, retry_of_);
    resolve_rejects();
}

void Load::resolve_rejects() {
    pg::SpoolReader reader(lines_);
    std::vector<std::int64_t> some;
    while (reader.left() > 0) {
        some.resize(std::min<std::uint64_t>(reader.left() / sizeof(std::int64_t), 10000));
        reader.read(some.data(), some.size() * sizeof(std::int64_t));
        spi_.execute(
            "UPDATE recon.ingest_errors SET resolved_by = $4 WHERE project_id = $1 AND "
            "ingestion_id = $2 AND line_no = ANY ($3)",
            {pg::bigint(source_.project_id), pg::bigint(retry_of_), pg::bigints(some),
             pg::bigint(ingestion_id_)});
    }
    lines_.close();
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

// Its row stands before what refers to it.
void Load::begin_ingestion() {
    if (begun_) return;
    begun_ = true;
    std::optional<std::int64_t> retry_of;
    if (retry_of_ != 0) retry_of = retry_of_;
    std::string options = json::to_text(resolved(given_options_, engine_.options()));
    std::vector<std::int64_t> roles = access::acting_roles(user_);
    roles.insert(roles.end(), brought_by_.begin(), brought_by_.end());
    spi_.execute(
        "INSERT INTO recon.ingestions (ingestion_id, project_id, source_id, status, records_read, "
        "records_loaded, records_rejected, records_duplicate, bytes_read, elapsed_ms, retry_of, "
        "options, column_names, created_by, started_at, finished_at, loaded_by) SELECT $1, $2, $3, "
        "'completed', 0, 0, 0, 0, 0, 0, $4, $5, '{}', $6::name, $7, $7, ARRAY(SELECT unnest($8::"
        "oid[]::regrole[]) UNION SELECT unnest(i.loaded_by) FROM recon.ingestions i WHERE "
        "i.project_id = $2 AND i.ingestion_id = $4)",
        {pg::bigint(ingestion_id_), pg::bigint(source_.project_id), pg::bigint(source_.source_id),
         pg::bigint(retry_of), pg::jsonb(std::string_view(options)), pg::text(user_name_),
         pg::timestamp(started_at_), pg::bigints(roles)});
}

void Load::add_file() {
    std::string fingerprint = hexadecimal(fingerprint_.value());
    outcome_.file_id =
        spi_.query(
                "INSERT INTO recon.files (project_id, source_id, name, bytes, fingerprint, status, "
                "uploaded_by) VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7::name) RETURNING "
                "file_id",
                {pg::bigint(source_.project_id), pg::bigint(source_.source_id),
                 pg::text(file_name_), count(outcome_.report.counts.bytes), pg::text(fingerprint),
                 pg::text(outcome_.message ? "failed" : "loaded"), pg::text(user_name_)})
            .bigint(0, 0);
}

void Load::end_ingestion() {
    if (has_file() && !outcome_.file_id) add_file();
    Report& report = outcome_.report;
    const Counts& counts = report.counts;
    std::optional<std::int64_t> missing;
    if (report.missing) missing = static_cast<std::int64_t>(*report.missing);
    std::vector<std::string_view> columns(engine_.column_names().begin(),
                                          engine_.column_names().end());
    std::vector<std::string_view> types(column_types_.begin(), column_types_.end());
    report.elapsed_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
            .count();
    std::string after =
        spi_.query(
                "UPDATE recon.ingestions i SET file_id = $3, status = $4, records_read = $5, "
                "records_loaded = $6, records_rejected = $7, records_duplicate = $8, "
                "records_updated = $9, records_missing = $10, bytes_read = $11, elapsed_ms = $12, "
                "message = $13, column_names = $14, column_types = CASE WHEN $15 <> '{}' THEN $15 "
                "END, "
                "finished_at = clock_timestamp() "
                "WHERE project_id = $1 AND ingestion_id = $2 RETURNING to_jsonb(i)::text",
                {pg::bigint(source_.project_id), pg::bigint(ingestion_id_),
                 pg::bigint(outcome_.file_id), pg::text(std::string_view(report.status)),
                 count(counts.read), count(counts.loaded), count(counts.rejected),
                 count(counts.duplicate), count(report.updated), pg::bigint(missing),
                 count(counts.bytes), pg::real(report.elapsed_ms), pg::text(outcome_.message),
                 pg::texts(columns), pg::texts(types)})
            .text(0, 0);
    access::audit(spi_, user_, source_.project_id, "load", "ingestion", ingestion_id_, std::nullopt,
                  after);
    add_to_stats();
}

void Load::add_to_stats() {
    const Report& report = outcome_.report;
    stats::Delta change;
    change.records = static_cast<std::int64_t>(report.counts.loaded - report.updated);
    bool repeated = std::string_view(report.status) == "duplicate";
    if (has_file() && !repeated) {
        change.files = 1;
        change.bytes = static_cast<std::int64_t>(report.counts.bytes);
    }
    stats::add(spi_, source_.project_id, change);
}

Datum report_row(FunctionCallInfo fcinfo, const Report& report) {
    const Counts& counts = report.counts;
    return pg::make_row(
        fcinfo, {report.ingestion_id, report.status, counts.read, counts.loaded, counts.rejected,
                 counts.duplicate, counts.bytes, report.elapsed_ms});
}

}  // namespace recon::ingest
