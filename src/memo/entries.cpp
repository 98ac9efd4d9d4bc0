// A table of sets of eight entries, found by a hash, and pages that hold the values in chains. An
// entry is written between two steps of its sequence number; a reader that sees the same even
// number before and after has read one value whole (a sequence lock).
#include "memo/entries.hpp"

#include <atomic>

#include "pg/settings.hpp"
#include "pg/shared_lock.hpp"
#include "pg/shared_memory.hpp"

namespace recon::memo::entries {

namespace {

using Word = std::atomic<std::uint64_t>;

constexpr std::size_t ways = 8, page_words = 64, payload_words = page_words - 1;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr std::uint8_t most_used = 3;

struct Page {
    Word next;
    std::array<Word, payload_words> words;
};

constexpr std::size_t question_words = sizeof(Question) / sizeof(std::uint64_t);
static_assert(std::has_unique_object_representations_v<Question>);

struct alignas(64) Stored {
    Word sequence;  // odd while it is written
    std::array<Word, question_words> question;
    Word version, stored_ms, bytes, epoch, first_page;  // no_page: there is nothing
    std::atomic<std::uint8_t> used;                     // by readers, up to most_used
};

struct Header {
    pg::SharedLock lock;  // for who writes
    Word epoch, free_page, free_pages;
    std::size_t sets, pages, hand;
};

struct Sizes {
    std::size_t sets, pages, bytes;
};

std::size_t round_up(std::size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

// A set of entries for so many pages, as most values take one or some.
Sizes sizes() {
    std::size_t bytes = static_cast<std::size_t>(pg::settings::memo_size) * 1024;
    if (bytes == 0) return {0, 0, 0};
    constexpr std::size_t pages_a_set = 2 * ways;
    constexpr std::size_t set = ways * sizeof(Stored) + pages_a_set * sizeof(Page);
    std::size_t sets = (bytes - round_up(sizeof(Header))) / set;
    return {sets, sets * pages_a_set, bytes};
}

void initialize(void* memory);
constinit pg::SharedArea area{"recon memo", [] { return sizes().bytes; }, initialize};

Header& header() {
    return *static_cast<Header*>(area.memory);
}
Stored* all_stored() {
    return reinterpret_cast<Stored*>(static_cast<char*>(area.memory) + round_up(sizeof(Header)));
}
Page* all_pages() {
    return reinterpret_cast<Page*>(all_stored() + header().sets * ways);
}

void initialize(void* memory) {
    area.memory = memory;
    Sizes size = sizes();
    auto* made = ::new (memory) Header();
    made->lock.initialize("ReconMemo");
    made->sets = size.sets;
    made->pages = size.pages;
    for (std::size_t i = 0; i < size.sets * ways; ++i)
        (::new (all_stored() + i) Stored())->first_page.store(no_page);
    for (std::size_t i = 0; i < size.pages; ++i)
        (::new (all_pages() + i) Page())->next.store(i + 1 < size.pages ? i + 1 : no_page);
    made->free_pages.store(size.pages);
}

std::uint64_t load(const Word& word) {
    return word.load(std::memory_order_relaxed);
}
void store(Word& word, std::uint64_t value) {
    word.store(value, std::memory_order_relaxed);
}

std::array<std::uint64_t, question_words> words_of(const Question& question) {
    std::array<std::uint64_t, question_words> words;
    std::memcpy(words.data(), &question, sizeof question);
    return words;
}

Stored* set_of(const Question& question) {
    std::uint64_t hash = 0;
    for (std::uint64_t word : words_of(question)) hash = mix(hash ^ word);
    return all_stored() + hash % header().sets * ways;
}

bool is_of(const Stored& stored, const Question& question) {
    auto words = words_of(question);
    for (std::size_t i = 0; i < question_words; ++i)
        if (load(stored.question[i]) != words[i]) return false;
    return load(stored.first_page) != no_page;
}

// What a writer meanwhile does may be read; the sequence number tells.
bool copy(const Stored& stored, Entry& entry) {
    entry.version = Version::unpacked(load(stored.version));
    entry.stored_ms = static_cast<std::int64_t>(load(stored.stored_ms));
    std::uint64_t bytes = load(stored.bytes), page = load(stored.first_page);
    if (bytes > largest) return false;
    entry.bytes = static_cast<std::uint32_t>(bytes);
    std::size_t wanted = (bytes + 7) / 8;
    entry.words.resize(wanted);
    for (std::size_t at = 0; at < wanted;) {
        if (page >= header().pages) return false;
        const Page& from = all_pages()[page];
        std::size_t here = std::min(payload_words, wanted - at);
        for (std::size_t i = 0; i < here; ++i) entry.words[at + i] = load(from.words[i]);
        at += here;
        page = load(from.next);
    }
    return true;
}

// The functions below are called with the lock held.

void begin(Stored& stored) noexcept {
    store(stored.sequence, load(stored.sequence) + 1);
    std::atomic_thread_fence(std::memory_order_release);
}
void end(Stored& stored) noexcept {
    stored.sequence.store(load(stored.sequence) + 1, std::memory_order_release);
}

void give_back_pages(std::uint64_t first) noexcept {
    while (first != no_page) {
        Page& page = all_pages()[first];
        std::uint64_t next = load(page.next);
        store(page.next, load(header().free_page));
        store(header().free_page, first);
        store(header().free_pages, load(header().free_pages) + 1);
        first = next;
    }
}

void clear(Stored& stored) noexcept {
    begin(stored);
    std::uint64_t first = load(stored.first_page);
    store(stored.first_page, no_page);
    store(stored.bytes, 0);
    end(stored);
    give_back_pages(first);
}

// The entry that was not read for longest, as the hand of a clock finds it.
void evict_one() noexcept {
    std::size_t count = header().sets * ways;
    for (std::size_t i = 0; i < count * (most_used + 1); ++i) {
        Stored& stored = all_stored()[header().hand];
        header().hand = (header().hand + 1) % count;
        if (load(stored.first_page) == no_page) continue;
        std::uint8_t used = stored.used.load(std::memory_order_relaxed);
        if (used > 0) {
            stored.used.store(static_cast<std::uint8_t>(used - 1), std::memory_order_relaxed);
            continue;
        }
        clear(stored);
        return;
    }
}

// For a new entry, in its set.
Stored* place_in(Stored* set, std::uint32_t& evicted) noexcept {
    Stored* least = set;
    for (Stored* stored = set; stored < set + ways; ++stored) {
        if (load(stored->first_page) == no_page) return stored;
        if (stored->used.load(std::memory_order_relaxed) <
            least->used.load(std::memory_order_relaxed))
            least = stored;
    }
    clear(*least);
    ++evicted;
    return least;
}

std::uint64_t fill_pages(const Entry& entry) noexcept {
    std::uint64_t first = no_page;
    Word* link = nullptr;
    std::size_t at = 0;
    do {
        std::uint64_t page = load(header().free_page);
        Page& to = all_pages()[page];
        store(header().free_page, load(to.next));
        store(header().free_pages, load(header().free_pages) - 1);
        for (std::size_t i = 0; i < payload_words && at < entry.words.size(); ++i)
            store(to.words[i], entry.words[at++]);
        store(to.next, no_page);
        if (link == nullptr)
            first = page;
        else
            store(*link, page);
        link = &to.next;
    } while (at < entry.words.size());
    return first;
}

}  // namespace

void reserve() {
    area.reserve();
}

bool available() {
    return area.memory != nullptr;
}

bool read(const Question& question, Entry& entry) {
    constexpr int tries = 100;
    Stored* set = set_of(question);
    for (Stored* stored = set; stored < set + ways; ++stored)
        for (int i = 0; i < tries; ++i) {
            std::uint64_t sequence = stored->sequence.load(std::memory_order_acquire);
            if ((sequence & 1) != 0) continue;
            bool found =
                is_of(*stored, question) && load(stored->epoch) == epoch() && copy(*stored, entry);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (load(stored->sequence) != sequence) continue;
            if (!found) break;
            // Not written at each hit.
            std::uint8_t used = stored->used.load(std::memory_order_relaxed);
            if (used < most_used)
                stored->used.store(static_cast<std::uint8_t>(used + 1), std::memory_order_relaxed);
            return true;
        }
    return false;
}

std::uint32_t write(const Question& question, const Entry& entry) noexcept {
    std::uint32_t evicted = 0;
    pg::SharedLock::Holder holder(header().lock);
    Stored* set = set_of(question);
    Stored* to = nullptr;
    for (Stored* stored = set; stored < set + ways; ++stored)
        if (is_of(*stored, question)) to = stored;
    if (to != nullptr) {
        bool is_later = Version::unpacked(load(to->version)).seen() > entry.version.seen();
        if (is_later && load(to->epoch) == epoch()) return 0;
        clear(*to);
    }
    std::size_t pages = (entry.words.size() + payload_words - 1) / payload_words;
    if (std::max<std::size_t>(pages, 1) > header().pages / 4) return 0;
    while (load(header().free_pages) < std::max<std::size_t>(pages, 1)) {
        evict_one();
        ++evicted;
    }
    if (to == nullptr) to = place_in(set, evicted);
    std::uint64_t first = fill_pages(entry);
    begin(*to);
    auto words = words_of(question);
    for (std::size_t i = 0; i < question_words; ++i) store(to->question[i], words[i]);
    store(to->version, entry.version.packed());
    store(to->stored_ms, static_cast<std::uint64_t>(entry.stored_ms));
    store(to->bytes, entry.bytes);
    store(to->epoch, epoch());
    store(to->first_page, first);
    end(*to);
    to->used.store(1, std::memory_order_relaxed);
    return evicted;
}

void reset() noexcept {
    header().epoch.fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t epoch() noexcept {
    return header().epoch.load(std::memory_order_acquire);
}

Usage usage(Oid function) {
    Usage usage;
    pg::SharedLock::Holder holder(header().lock, LW_SHARED);
    for (std::size_t i = 0; i < header().sets * ways; ++i) {
        const Stored& stored = all_stored()[i];
        if (load(stored.first_page) == no_page || load(stored.epoch) != epoch()) continue;
        Question question;
        std::array<std::uint64_t, question_words> words;
        for (std::size_t k = 0; k < question_words; ++k) words[k] = load(stored.question[k]);
        std::memcpy(static_cast<void*>(&question), words.data(), sizeof question);
        if (question.database != MyDatabaseId || question.function != function) continue;
        ++usage.entries;
        usage.bytes += load(stored.bytes);
    }
    return usage;
}

std::uint64_t bytes_used() {
    if (!available()) return 0;
    return (header().pages - load(header().free_pages)) * sizeof(Page);
}

std::uint64_t bytes_limit() {
    return available() ? header().pages * sizeof(Page) : 0;
}

}  // namespace recon::memo::entries
