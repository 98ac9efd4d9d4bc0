#include "ingest/known_records.hpp"

#include "pg/writer.hpp"

namespace recon::ingest {

namespace {

constexpr std::int32_t pages_at_once = 16;
constexpr std::size_t page_entries = 250;  // of 32 bytes: one row fills a page of the table

std::uint64_t big_endian(std::uint64_t value) {
    if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(value);
    return value;
}

KeyEntry swapped(const KeyEntry& entry) {
    return {big_endian(entry.high), big_endian(entry.low), big_endian(entry.content),
            static_cast<std::int64_t>(big_endian(static_cast<std::uint64_t>(entry.record_id)))};
}

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
        page_.push_back(swapped(entry));
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

// The entries of a spool, one by one.
class EntryReader {
  public:
    explicit EntryReader(pg::Spool& spool) : reader_(spool) { pop(); }
    const KeyEntry* front() const { return valid_ ? &entry_ : nullptr; }
    void pop() {
        if (at_ == block_.size() && !read()) {
            valid_ = false;
            return;
        }
        entry_ = block_[at_++];
        valid_ = true;
    }

  private:
    bool read() {
        block_.resize(std::min<std::uint64_t>(reader_.left() / sizeof(KeyEntry), 256));
        if (block_.empty()) return false;
        reader_.read(block_.data(), block_.size() * sizeof(KeyEntry));
        at_ = 0;
        return true;
    }

    pg::SpoolReader reader_;
    std::vector<KeyEntry> block_;
    std::size_t at_ = 0;
    KeyEntry entry_;
    bool valid_ = false;
};

}  // namespace

RunReader::RunReader(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id,
                     const KeyRun& run, std::vector<bool> wanted)
    : spi_(spi),
      project_id_(project_id),
      source_id_(source_id),
      run_(run),
      wanted_(std::move(wanted)) {}

const KeyEntry* RunReader::front() {
    while (at_ == entries_.size())
        if (!read_pages()) return nullptr;
    return &entries_[at_];
}

bool RunReader::read_pages() {
    std::vector<std::int64_t> pages;
    for (; next_page_ < run_.pages && pages.size() < static_cast<std::size_t>(pages_at_once);
         ++next_page_)
        if (wanted_.empty() || wanted_[static_cast<std::size_t>(next_page_)])
            pages.push_back(next_page_);
    entries_.clear();
    at_ = 0;
    if (pages.empty()) return false;
    pg::Rows rows = spi_.query(
        "SELECT entries FROM recon.fingerprints WHERE source_id = $1 AND run_no = $2 AND "
        "project_id = $3 AND page_no = ANY ($4::int[]) ORDER BY page_no",
        {pg::bigint(source_id_), pg::bigint(run_.run_no), pg::bigint(project_id_),
         pg::bigints(pages)});
    if (rows.size() != pages.size())
        throw Error("XX001",
                    "fingerprints of source " + std::to_string(source_id_) + " are not complete");
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        std::string_view page = pg::bytes_of(rows.datum(i, 0));
        std::size_t first = entries_.size(), count = page.size() / sizeof(KeyEntry);
        entries_.resize(first + count);
        std::memcpy(entries_.data() + first, page.data(), count * sizeof(KeyEntry));
        for (std::size_t e = first; e < entries_.size(); ++e) entries_[e] = swapped(entries_[e]);
    }
    spi_.free(rows);
    return true;
}

KnownRecords::KnownRecords(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id)
    : spi_(spi), project_id_(project_id), source_id_(source_id) {
    pg::Rows rows = spi.query(
        "SELECT run_no, entries, pages FROM recon.fingerprint_runs WHERE source_id = $1 AND "
        "project_id = $2 ORDER BY run_no DESC",
        {pg::bigint(source_id), pg::bigint(project_id)});
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        runs_.push_back(
            {rows.bigint(i, 0), rows.bigint(i, 1), static_cast<std::int32_t>(rows.bigint(i, 2))});
}

std::uint64_t KnownRecords::entries() const {
    std::uint64_t sum = 0;
    for (const KeyRun& run : runs_) sum += static_cast<std::uint64_t>(run.entries);
    return sum;
}

void KnownRecords::open_all() {
    readers_.clear();
    at_ = SIZE_MAX;
    for (const KeyRun& run : runs_) readers_.emplace_back(spi_, project_id_, source_id_, run);
}

void KnownRecords::open_for(Sorter<KeyEntry>& keys) {
    readers_.clear();
    at_ = SIZE_MAX;
    for (const KeyRun& run : runs_) {
        std::vector<bool> wanted;
        // Where most pages would be wanted anyway, all are read.
        if (keys.count() < static_cast<std::uint64_t>(run.pages)) {
            pg::Rows row = spi_.query(
                "SELECT directory FROM recon.fingerprint_runs WHERE source_id = $1 AND run_no = $2 "
                "AND project_id = $3",
                {pg::bigint(source_id_), pg::bigint(run.run_no), pg::bigint(project_id_)});
            std::string_view directory = pg::bytes_of(row.datum(0, 0));
            auto first_of = [&](std::size_t page) {
                std::uint64_t high;
                std::memcpy(&high, directory.data() + page * sizeof high, sizeof high);
                return big_endian(high);
            };
            wanted.resize(static_cast<std::size_t>(run.pages));
            // Both ascend: a page may hold a key from the page before the first that begins with it
            // on.
            std::size_t page = 0;
            KeyEntry key;
            keys.rewind();
            for (std::optional<std::uint64_t> last; keys.next(key); last = key.high) {
                if (last == key.high) continue;
                while (page + 1 < wanted.size() && first_of(page + 1) < key.high) ++page;
                wanted[page] = true;
                for (std::size_t more = page + 1;
                     more < wanted.size() && first_of(more) <= key.high; ++more)
                    wanted[more] = true;
            }
            spi_.free(row);
            if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) continue;
        }
        readers_.emplace_back(spi_, project_id_, source_id_, run, std::move(wanted));
    }
    keys.rewind();
}

// Few runs: a look at each is as good as a heap. An earlier one is newer.
std::size_t KnownRecords::first_reader() {
    std::size_t first = SIZE_MAX;
    const KeyEntry* lowest = nullptr;
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        const KeyEntry* front = readers_[i].front();
        if (front == nullptr || (lowest != nullptr && !front->key_before(*lowest))) continue;
        lowest = front;
        first = i;
    }
    return first;
}

const KeyEntry* KnownRecords::front() {
    if (at_ == SIZE_MAX) at_ = first_reader();
    return at_ == SIZE_MAX ? nullptr : readers_[at_].front();
}

void KnownRecords::pop() {
    readers_[at_].pop();
    at_ = SIZE_MAX;
}

void KnownRecords::add_run(pg::Spool& fresh) {
    std::uint64_t total = fresh.size() / sizeof(KeyEntry);
    if (total == 0) return;
    std::vector<KeyRun> absorbed;
    for (const KeyRun& run : runs_) {
        if (static_cast<std::uint64_t>(run.entries) > 2 * total) break;
        absorbed.push_back(run);
        total += static_cast<std::uint64_t>(run.entries);
    }
    std::int64_t run_no = runs_.empty() ? 1 : runs_.front().run_no + 1;
    KnownRecords old(spi_, project_id_, source_id_);
    old.runs_ = absorbed;
    old.open_all();
    EntryReader entries(fresh);
    RunWriter writer(spi_, project_id_, source_id_, run_no);
    KeyEntry last;
    bool any = false;
    for (;;) {
        const KeyEntry* a = entries.front();
        const KeyEntry* b = old.front();
        if (a == nullptr && b == nullptr) break;
        bool take_new = b == nullptr || (a != nullptr && !b->key_before(*a));
        KeyEntry entry = take_new ? *a : *b;
        take_new ? entries.pop() : old.pop();
        // What a record was before is of no use any more.
        bool shadowed = any && !entry.by_content() && entry.same_key(last);
        if (!shadowed) writer.add(entry);
        last = entry;
        any = true;
    }
    writer.finish();
    std::vector<std::int64_t> gone;
    for (const KeyRun& run : absorbed) gone.push_back(run.run_no);
    if (gone.empty()) return;
    for (const char* statement :
         {"DELETE FROM recon.fingerprints WHERE source_id = $1 AND project_id = $2 AND run_no = "
          "ANY ($3)",
          "DELETE FROM recon.fingerprint_runs WHERE source_id = $1 AND project_id = $2 AND run_no "
          "= ANY ($3)"})
        spi_.execute(statement,
                     {pg::bigint(source_id_), pg::bigint(project_id_), pg::bigints(gone)});
}

}  // namespace recon::ingest
