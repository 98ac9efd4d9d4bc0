#include "ingest/record_store.hpp"

#include "pg/record_tuple.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t batch_bytes = std::size_t{1} << 20;

}  // namespace

RecordStore::RecordStore(pg::Spi& spi, const Target& target, const Options& options,
                         std::string_view id_column, RejectSpool& rejects, StopToken& stop)
    : spi_(spi),
      target_(target),
      options_(options),
      id_column_(id_column),
      rejects_(rejects),
      stop_(stop),
      batch_rows_(std::min<std::size_t>(options.batch_size, pg::Writer::batch_rows)) {}

void RecordStore::insert(std::string_view tuple) {
    batch().align(MAXIMUM_ALIGNOF);
    char* to = batch().extend(tuple.size());
    std::memcpy(to, tuple.data(), tuple.size());
    insert_formed({to, tuple.size()});
}

void RecordStore::insert_formed(std::span<char> tuple) {
    batch_.add(tuple);
    if (batch_.rows() == batch_rows_ || batch().size() >= batch_bytes) flush();
}

void RecordStore::flush() {
    if (batch_.rows() == 0) return;
    if (!records_) records_.emplace("records", pg::record_columns);
    stored_ += batch_.rows();
    batch_.write_to(*records_);
    check_stop(stop_);
}

void RecordStore::run(Stage& stage, Resolution& resolution, bool write) {
    if (write && resolution.updates > 0)
        updates_.emplace(spi_, target_.user, target_.project_id, target_.ingestion_id,
                         target_.update_no);
    StageReader reader(stage);
    StagedRecord record;
    Finding finding;
    bool found = resolution.findings.next(finding);
    while (reader.read_block()) {
        while (reader.next(record)) {
            if (!found || finding.record_id != record.record_id) {
                if (write) insert({record.tuple.data(), record.tuple.size()});
                if (lines_ != nullptr) lines_->append(&record.line_no, sizeof record.line_no);
                continue;
            }
            bool known_is_fault = options_.on_duplicate == OnDuplicate::reject ||
                                  options_.on_duplicate == OnDuplicate::error;
            if (finding.verdict == Verdict::conflict || finding.verdict == Verdict::approved ||
                finding.verdict == Verdict::closed ||
                (finding.verdict == Verdict::known && known_is_fault))
                reject(record, finding);
            else if (lines_ != nullptr)
                lines_->append(&record.line_no, sizeof record.line_no);
            if (write && finding.verdict == Verdict::update) {
                flush();  // it may be of a record in this batch
                updates_->add(finding.known_id, record);
                ++stored_;
            }
            found = resolution.findings.next(finding);
        }
        if (updates_) updates_->flush();
        check_stop(stop_);
    }
    if (write) flush();
}

// One row, whatever was loaded, unless other sessions took ids in between.
void RecordStore::finish(std::span<const IdRange> ids) {
    flush();
    if (updates_) updates_->finish();
    if (!records_) return;
    records_->finish();
    pg::Writer ranges("open_ranges", {"first_id", "last_id", "project_id", "source_id"});
    for (const IdRange& range : ids) {
        ranges.bigint(0, range.first);
        ranges.bigint(1, range.last);
        ranges.bigint(2, target_.project_id);
        ranges.bigint(3, target_.source_id);
        ranges.add();
    }
    ranges.finish();
}

void RecordStore::reject(const StagedRecord& record, const Finding& finding) {
    std::string id;
    bool has_id = pg::external_id_of(record.tuple, id);
    std::string what = has_id ? "record \"" + id + "\"" : "record";
    std::string known = " (record " + std::to_string(finding.known_id) + ")";
    const char* code = "23505";
    std::string message;
    switch (finding.verdict) {
        case Verdict::known:
            message = what + " is known already" + known;
            break;
        case Verdict::conflict:
            message = what + " is known already with other content" + known;
            break;
        case Verdict::approved:
            code = "55000";
            message = what + " is in an approved match and cannot be updated" + known;
            break;
        case Verdict::closed:
            code = "55000";
            message = what + " is of the period closed until " +
                      field::to_text(*target_.closed_until) +
                      (finding.known_id == 0 ? "" : " or would become so" + known);
            break;
        case Verdict::update:
            break;
    }
    if (options_.on_duplicate == OnDuplicate::error && finding.verdict == Verdict::known)
        throw Error(code, message, "Line " + std::to_string(record.line_no) + " of the input.");
    rejects_.add({record.line_no, record.byte_offset, has_id ? id_column_ : std::string_view(),
                  code, message, record.raw});
}

}  // namespace recon::ingest
