#include "ingest/known_records.hpp"

namespace recon::ingest {

namespace {

constexpr std::int32_t pages_at_once = 16;

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
        for (std::size_t e = first; e < entries_.size(); ++e) entries_[e] = big_endian(entries_[e]);
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
                return big_endian({high}).high;
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

}  // namespace recon::ingest
