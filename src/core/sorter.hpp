// Sorts any number of small entries in a fixed amount of memory: sorted runs in a scratch file,
// merged when they are read back (Knuth, The Art of Computer Programming 3, 5.4: replacement by
// plain sorting of what memory holds, then balanced merging).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace recon {

// Bytes appended, and read back at any place.
class ScratchFile {
  public:
    virtual ~ScratchFile() = default;
    virtual void append(const void* bytes, std::size_t size) = 0;
    virtual void read(std::uint64_t offset, void* bytes, std::size_t size) = 0;
};

// Entry: trivially copyable, with operator<. Equal entries come in any order. Where it has radix()
// (64 bits that never descend where entries ascend), sorting uses it.
template <class Entry>
class Sorter {
    static_assert(std::is_trivially_copyable_v<Entry>);

  public:
    // `held`: entries in memory, of which about as many again are held while runs are merged.
    Sorter(ScratchFile& file, std::size_t held) : file_(file), held_(held) {}

    void add(const Entry& entry) {
        if (memory_.capacity() == 0) memory_.reserve(held_);
        if (memory_.size() == held_) write_run();
        memory_.push_back(entry);
        ++count_;
    }
    std::uint64_t count() const { return count_; }

    // Ends adding; then next() gives the entries in ascending order.
    void sort() {
        if (runs_.empty()) {
            sort_memory();
            return;
        }
        if (!memory_.empty()) write_run();
        memory_ = std::vector<Entry>();
        while (runs_.size() > most_runs) merge_some();
        open(runs_);
    }

    // Reads from the first entry again.
    void rewind() {
        at_ = 0;
        if (!runs_.empty()) open(runs_);
    }

    bool next(Entry& entry) {
        if (runs_.empty()) {
            if (at_ == memory_.size()) return false;
            entry = memory_[at_++];
            return true;
        }
        return pop(entry);
    }

  private:
    static constexpr std::size_t most_runs = 512;  // merged at a time
    static constexpr std::size_t block = std::max<std::size_t>(8192 / sizeof(Entry), 1);

    struct Run {
        std::uint64_t offset, entries;
    };
    struct Reader {
        Run rest;
        std::vector<Entry> block;
        std::size_t at = 0;
        const Entry& front() const { return block[at]; }
    };

    // By the first byte in place (American flag sort: McIlroy, Bostic & McIlroy 1993), which hashes
    // spread evenly, then bucket by bucket.
    void sort_memory() {
        if constexpr (requires(const Entry& entry) { entry.radix(); }) {
            constexpr std::size_t worth_it = 4096;
            if (memory_.size() < worth_it) {
                std::sort(memory_.begin(), memory_.end());
                return;
            }
            auto bucket = [](const Entry& entry) { return entry.radix() >> 56; };
            std::array<std::size_t, 257> first{};
            for (const Entry& entry : memory_) ++first[bucket(entry) + 1];
            for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
            std::array<std::size_t, 257> next = first;
            for (std::size_t i = 0; i + 1 < first.size(); ++i) {
                while (next[i] < first[i + 1]) {
                    Entry entry = memory_[next[i]];
                    for (std::size_t to; (to = bucket(entry)) != i;)
                        std::swap(entry, memory_[next[to]++]);
                    memory_[next[i]++] = entry;
                }
            }
            for (std::size_t i = 0; i + 1 < first.size(); ++i)
                std::sort(memory_.begin() + static_cast<std::ptrdiff_t>(first[i]),
                          memory_.begin() + static_cast<std::ptrdiff_t>(first[i + 1]));
        } else {
            std::sort(memory_.begin(), memory_.end());
        }
    }

    void write_run() {
        sort_memory();
        runs_.push_back({end_, memory_.size()});
        write(memory_);
        memory_.clear();
    }

    void write(std::span<const Entry> entries) {
        file_.append(entries.data(), entries.size() * sizeof(Entry));
        end_ += entries.size() * sizeof(Entry);
    }

    bool refill(Reader& reader) {
        std::size_t wanted = std::min<std::uint64_t>(reader.rest.entries, block);
        if (wanted == 0) return false;
        reader.block.resize(wanted);
        file_.read(reader.rest.offset, reader.block.data(), wanted * sizeof(Entry));
        reader.rest.offset += wanted * sizeof(Entry);
        reader.rest.entries -= wanted;
        reader.at = 0;
        return true;
    }

    void open(const std::vector<Run>& runs) {
        readers_.clear();
        heap_.clear();
        readers_.resize(runs.size());
        for (std::size_t i = 0; i < runs.size(); ++i) {
            readers_[i].rest = runs[i];
            if (refill(readers_[i])) heap_.push_back(i);
        }
        std::make_heap(heap_.begin(), heap_.end(), later());
    }

    auto later() {
        return [this](std::size_t a, std::size_t b) {
            return readers_[b].front() < readers_[a].front();
        };
    }

    bool pop(Entry& entry) {
        if (heap_.empty()) return false;
        std::size_t first = heap_.front();
        Reader& reader = readers_[first];
        entry = reader.front();
        if (++reader.at == reader.block.size() && !refill(reader)) {
            std::pop_heap(heap_.begin(), heap_.end(), later());
            heap_.pop_back();
        } else {
            sink_first();
        }
        return true;
    }

    // The reader at the top has a later entry now: down to its place.
    void sink_first() {
        std::size_t at = 0, moved = heap_[0];
        for (;;) {
            std::size_t child = 2 * at + 1;
            if (child >= heap_.size()) break;
            if (child + 1 < heap_.size() &&
                readers_[heap_[child + 1]].front() < readers_[heap_[child]].front())
                ++child;
            if (!(readers_[heap_[child]].front() < readers_[moved].front())) break;
            heap_[at] = heap_[child];
            at = child;
        }
        heap_[at] = moved;
    }

    // The first runs become one at the end of the file.
    void merge_some() {
        std::vector<Run> some(runs_.begin(), runs_.begin() + most_runs);
        open(some);
        Run merged{end_, 0};
        std::vector<Entry> out;
        out.reserve(block);
        for (Entry entry; pop(entry);) {
            out.push_back(entry);
            ++merged.entries;
            if (out.size() == block) {
                write(out);
                out.clear();
            }
        }
        write(out);
        runs_.erase(runs_.begin(), runs_.begin() + most_runs);
        runs_.push_back(merged);
    }

    ScratchFile& file_;
    std::size_t held_, at_ = 0;
    std::uint64_t count_ = 0, end_ = 0;
    std::vector<Entry> memory_;
    std::vector<Run> runs_;
    std::vector<Reader> readers_;
    std::vector<std::size_t> heap_;
};

}  // namespace recon
