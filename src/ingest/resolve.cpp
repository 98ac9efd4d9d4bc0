#include "ingest/resolve.hpp"

#include <unordered_set>

#include "closing/closed_period.hpp"

namespace recon::ingest {

void Resolution::open_files() {
    findings_file_.open();
    missing.open();
}

void Resolution::close() {
    findings_file_.close();
    missing.close();
}

namespace {

constexpr char approved_records[] =
    "SELECT x.record_id FROM recon.match_records x JOIN recon.matches m "
    "ON m.project_id = x.project_id AND m.match_id = x.match_id "
    "WHERE x.project_id = $1 AND x.record_id = ANY ($2) AND m.status = 'approved'";
constexpr char closed_records[] =
    "SELECT r.record_id FROM recon.records r WHERE r.project_id = $1 AND r.record_id = ANY ($2) "
    "AND " RECON_RECORD_DATE " <= date '2000-01-01' + $3::int";
constexpr char records_of_load[] =
    "SELECT r.record_id FROM recon.records r JOIN recon.ingestions i "
    "ON i.project_id = r.project_id AND i.ingestion_id = r.ingestion_id "
    "WHERE r.project_id = $1 AND r.record_id = ANY ($2) AND $3 IN (i.ingestion_id, i.retry_of)";

// Whether records are among those of a query: asked in batches, answered in the order of asking.
class Question {
  public:
    // $1 of the query is the project, $2 an array of ids, $3 the third, where it asks for one.
    Question(pg::Spi& spi, const char* query, std::int64_t project_id,
             std::optional<std::int64_t> third = std::nullopt)
        : spi_(spi), query_(query), project_id_(project_id), third_(third) {}

    void ask(std::int64_t record_id) {
        asked_.push_back(record_id);
        if (asked_.size() == batch) answer();
    }
    void end() {
        answer();
        reader_.emplace(answers_);
    }
    bool next() {
        char answer = 0;
        reader_->read(&answer, 1);
        return answer != 0;
    }
    void close() { answers_.close(); }

  private:
    static constexpr std::size_t batch = 1000;

    void answer() {
        if (asked_.empty()) return;
        pg::Rows rows = third_ ? spi_.query(query_, {pg::bigint(project_id_), pg::bigints(asked_),
                                                     pg::bigint(*third_)})
                               : spi_.query(query_, {pg::bigint(project_id_), pg::bigints(asked_)});
        std::unordered_set<std::int64_t> found;
        for (std::uint64_t i = 0; i < rows.size(); ++i) found.insert(rows.bigint(i, 0));
        spi_.free(rows);
        std::vector<char> answers;
        for (std::int64_t id : asked_) answers.push_back(found.contains(id) ? 1 : 0);
        answers_.append(answers.data(), answers.size());
        asked_.clear();
    }

    pg::Spi& spi_;
    const char* query_;
    std::int64_t project_id_;
    std::optional<std::int64_t> third_;
    std::vector<std::int64_t> asked_;
    pg::Spool answers_;
    std::optional<pg::SpoolReader> reader_;
};

// Both sides in ascending order of the keys, key by key.
class Merge {
  public:
    Merge(KnownRecords& known, Sorter<KeyEntry>& keys, StopToken& stop)
        : known_(known), keys_(keys), stop_(stop) {
        pop();
    }

    // The load's entry that is next, and the one that is there.
    const KeyEntry* here() const { return more_ ? &entry_ : nullptr; }
    const KeyEntry* there() { return known_.front(); }
    void pop() {
        stop_();
        more_ = keys_.next(entry_);
    }
    void pop_known() {
        stop_();
        known_.pop();
    }

  private:
    KnownRecords& known_;
    Sorter<KeyEntry>& keys_;
    StopCheck stop_;
    KeyEntry entry_;
    bool more_ = false;
};

class Resolver {
  public:
    Resolver(const ResolveOptions& options, KeyOutput& fresh, Resolution& result,
             Question& approved, Question& closed, Question& own)
        : options_(options),
          fresh_(fresh),
          result_(result),
          approved_(approved),
          closed_(closed),
          own_(own) {}

    void run(Merge& merge) {
        for (;;) {
            const KeyEntry* here = merge.here();
            const KeyEntry* there = merge.there();
            if (here == nullptr && (there == nullptr || !options_.find_missing)) break;
            if (there != nullptr && (here == nullptr || there->key_before(*here))) {
                pass_over(merge);
            } else if (here->is_note()) {
                pass_note(merge);
            } else if (here->by_content()) {
                by_content(merge);
            } else {
                by_external_id(merge);
            }
        }
    }

    // Only asks: which of the records that would be updated are approved or of the closed period,
    // and which of those with
    // the content of a reject that is tried again came with its load.
    void look(Merge& merge) {
        while (const KeyEntry* here = merge.here()) {
            const KeyEntry* there = merge.there();
            if (there != nullptr && there->key_before(*here)) {
                merge.pop_known();
                continue;
            }
            if (here->is_note()) {
                merge.pop();
                continue;
            }
            KeyEntry key = *here;
            bool known = there != nullptr && there->same_key(key) && !key.by_content();
            KeyEntry current = known ? *there : KeyEntry();
            bool changed = false;
            for (; (here = merge.here()) != nullptr && here->same_key(key); merge.pop())
                changed = changed || (known && here->content != current.content);
            if (changed && options_.update) {
                approved_.ask(current.record_id);
                if (options_.closed_until) closed_.ask(current.record_id);
            }
            if (options_.retry_of == 0 || !key.by_content()) continue;
            for (; (there = merge.there()) != nullptr && there->same_key(key); merge.pop_known())
                own_.ask(there->record_id);
        }
    }

  private:
    void find(std::int64_t record_id, std::int64_t known_id, Verdict verdict) {
        result_.findings.add({record_id, known_id, verdict});
        switch (verdict) {
            case Verdict::known:
                ++result_.known;
                return;
            case Verdict::conflict:
                ++result_.conflicts;
                return;
            case Verdict::update:
                ++result_.updates;
                return;
            case Verdict::approved:
                ++result_.approved;
                return;
            case Verdict::closed:
                ++result_.closed;
                return;
        }
    }

    void miss(std::int64_t record_id) {
        if (!options_.find_missing) return;
        result_.missing.append(&record_id, sizeof record_id);
        ++result_.missing_count;
    }

    // What is there and did not come. Of one external_id only the newest entry counts.
    void pass_over(Merge& merge) {
        KeyEntry entry = *merge.there();
        miss(entry.record_id);
        merge.pop_known();
        if (!entry.by_content()) pass_older(merge, entry);
    }

    void pass_older(Merge& merge, const KeyEntry& newest) {
        for (const KeyEntry* older; (older = merge.there()) != nullptr && older->same_key(newest);)
            merge.pop_known();
    }

    // Its row came and was rejected: what is there is not missing.
    void pass_note(Merge& merge) {
        KeyEntry note = *merge.here();
        const KeyEntry* here;
        while ((here = merge.here()) != nullptr && here->same_key(note) && here->is_note())
            merge.pop();
        if (here == nullptr || !here->same_key(note)) pass_older(merge, note);
    }

    // The first of the load's are those that are there, one for one; the rest are new.
    void by_content(Merge& merge) {
        KeyEntry key = *merge.here();
        const KeyEntry* here;
        for (; (here = merge.here()) != nullptr && here->same_key(key); merge.pop()) {
            if (const KeyEntry* there = other(merge, key)) {
                find(here->staged_id(), there->record_id, Verdict::known);
                merge.pop_known();
            } else if (here->is_closed()) {
                find(here->staged_id(), 0, Verdict::closed);
            } else {
                ++result_.fresh;
                fresh_.add(*here);
            }
        }
        while (const KeyEntry* there = other(merge, key)) {
            miss(there->record_id);
            merge.pop_known();
        }
    }

    // What is there of that content. For a reject that is tried again, the records of its own load
    // do not count: they are other lines of the same file. To be popped before it is asked again.
    const KeyEntry* other(Merge& merge, const KeyEntry& key) {
        for (;; merge.pop_known()) {
            const KeyEntry* there = merge.there();
            if (there == nullptr || !there->same_key(key)) return nullptr;
            if (options_.retry_of == 0 || !own_.next()) return there;
        }
    }

    // In the order of the load: each is compared with what the record is by then.
    void by_external_id(Merge& merge) {
        KeyEntry current = *merge.here();
        const KeyEntry* there = merge.there();
        bool known = there != nullptr && there->same_key(current);
        bool write = !known, asked = false;
        std::optional<Verdict> locked;
        if (known) {
            current = *there;
            pass_older(merge, current);
        } else if (current.is_closed()) {
            pass_closed(merge, current);
            return;
        } else {
            ++result_.fresh;
            merge.pop();
        }
        const KeyEntry* here;
        for (; (here = merge.here()) != nullptr && here->same_key(current); merge.pop()) {
            if (here->content == current.content) {
                find(here->staged_id(), current.record_id, Verdict::known);
                continue;
            }
            if (!options_.update) {
                find(here->staged_id(), current.record_id, Verdict::conflict);
                continue;
            }
            if (known && !asked) {
                locked = why_locked();
                asked = true;
            }
            std::optional<Verdict> refused = locked;
            if (!refused && here->is_closed()) refused = Verdict::closed;
            find(here->staged_id(), current.record_id, refused.value_or(Verdict::update));
            if (refused) continue;
            current.content = here->content;
            write = true;
        }
        if (write) fresh_.add(current);
    }

    // Why the record that was asked for next cannot be updated.
    std::optional<Verdict> why_locked() {
        bool approved = approved_.next(), closed = options_.closed_until && closed_.next();
        if (approved) return Verdict::approved;
        return closed ? std::optional(Verdict::closed) : std::nullopt;
    }

    // Of a key that is not known and has no other record.
    void pass_closed(Merge& merge, const KeyEntry& key) {
        const KeyEntry* here;
        for (; (here = merge.here()) != nullptr && here->same_key(key); merge.pop())
            find(here->staged_id(), 0, Verdict::closed);
    }

    const ResolveOptions& options_;
    KeyOutput& fresh_;
    Resolution& result_;
    Question& approved_;
    Question& closed_;
    Question& own_;
};

}  // namespace

void resolve(pg::Spi& spi, std::int64_t project_id, const ResolveOptions& options,
             KnownRecords& known, Sorter<KeyEntry>& keys, KeyOutput& fresh, Resolution& result,
             StopToken& stop) {
    Question approved(spi, approved_records, project_id);
    Question closed(spi, closed_records, project_id, options.closed_until.value_or(0));
    Question own(spi, records_of_load, project_id, options.retry_of);
    Resolver resolver(options, fresh, result, approved, closed, own);
    if ((options.update || options.retry_of != 0) && !known.empty()) {
        known.open_for(keys);
        Merge merge(known, keys, stop);
        resolver.look(merge);
        approved.end();
        closed.end();
        own.end();
    }
    if (options.find_missing) {
        known.open_all();
        keys.rewind();
    } else {
        known.open_for(keys);
    }
    Merge merge(known, keys, stop);
    resolver.run(merge);
    approved.close();
    closed.close();
    own.close();
    result.findings.sort();
}

}  // namespace recon::ingest
