#include "ingest/key_run_builder.hpp"

#include "pg/writer.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t page_entries = 250;  // of 32 bytes: one row fills a page of the table

}  // namespace

// One run as it is written: pages, and the directory of their first keys.
class RunWriter {
  public:
    RunWriter(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id, std::int64_t run_no)
        : spi_(spi),
          project_id_(project_id),
          source_id_(source_id),
          run_no_(run_no),
          writer_("fingerprints", {"source_id", "run_no", "page_no", "project_id", "entries"}) {
        page_.reserve(page_entries);
        spi_.execute(
            "INSERT INTO recon.fingerprint_runs (source_id, run_no, project_id, entries, pages, "
            "directory) VALUES ($1, $2, $3, 1, 1, '')",
            {pg::bigint(source_id_), pg::bigint(run_no_), pg::bigint(project_id_)});
    }

    void add(const KeyEntry& entry) {
        page_.push_back(big_endian(entry));
        ++entries_;
        if (page_.size() == page_entries) end_page();
    }

    void finish() {
        if (!page_.empty()) end_page();
        writer_.finish();
        spi_.execute(
            "UPDATE recon.fingerprint_runs SET entries = $4, pages = $5, directory = $6 "
            "WHERE source_id = $1 AND run_no = $2 AND project_id = $3",
            {pg::bigint(source_id_), pg::bigint(run_no_), pg::bigint(project_id_),
             pg::bigint(entries_), pg::bigint(std::int64_t{pages_}), pg::bytes(directory_)});
    }

  private:
    void end_page() {
        directory_.append(reinterpret_cast<const char*>(&page_[0].high), sizeof page_[0].high);
        writer_.bigint(0, source_id_);
        writer_.bigint(1, run_no_);
        writer_.integer(2, pages_++);
        writer_.bigint(3, project_id_);
        writer_.text(
            4, {reinterpret_cast<const char*>(page_.data()), page_.size() * sizeof(KeyEntry)});
        writer_.add();
        page_.clear();
    }

    pg::Spi& spi_;
    std::int64_t project_id_, source_id_, run_no_, entries_ = 0;
    std::int32_t pages_ = 0;
    pg::Writer writer_;
    std::vector<KeyEntry> page_;
    std::string directory_;
};

KeyRunBuilder::KeyRunBuilder(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id,
                             std::uint64_t entries)
    : spi_(spi), project_id_(project_id), source_id_(source_id) {
    KnownRecords known(spi, project_id, source_id);
    run_no_ = known.runs().empty() ? 1 : known.runs().front().run_no + 1;
    std::vector<KeyRun> absorbed;
    for (const KeyRun& run : known.runs()) {
        if (static_cast<std::uint64_t>(run.entries) > 2 * entries) break;
        absorbed.push_back(run);
        absorbed_.push_back(run.run_no);
        entries += static_cast<std::uint64_t>(run.entries);
    }
    old_.emplace(spi, project_id, source_id, std::move(absorbed));
    old_->open_all();
}

KeyRunBuilder::~KeyRunBuilder() = default;

void KeyRunBuilder::add(const KeyEntry& entry) {
    for (const KeyEntry* old; (old = old_->front()) != nullptr && old->key_before(entry);
         old_->pop())
        write(*old);
    write(entry);
}

// What a record was before is of no use any more.
void KeyRunBuilder::write(const KeyEntry& entry) {
    bool shadowed = any_ && !entry.by_content() && entry.same_key(last_);
    last_ = entry;
    any_ = true;
    if (shadowed) return;
    if (!writer_) writer_ = std::make_unique<RunWriter>(spi_, project_id_, source_id_, run_no_);
    writer_->add(entry);
}

void KeyRunBuilder::finish() {
    for (const KeyEntry* old; (old = old_->front()) != nullptr; old_->pop()) write(*old);
    if (!writer_) return;
    writer_->finish();
    if (absorbed_.empty()) return;
    for (const char* statement :
         {"DELETE FROM recon.fingerprints WHERE source_id = $1 AND project_id = $2 AND run_no = "
          "ANY ($3)",
          "DELETE FROM recon.fingerprint_runs WHERE source_id = $1 AND project_id = $2 AND run_no "
          "= ANY ($3)"})
        spi_.execute(statement,
                     {pg::bigint(source_id_), pg::bigint(project_id_), pg::bigints(absorbed_)});
}

}  // namespace recon::ingest
