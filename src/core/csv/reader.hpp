// CSV bytes in chunks of any size to records and rejects with their place in the file.
//
// Records that are beyond doubt are split at once (CleanSplitter); of all others, LineParser
// decides what a field is: libcsv, for the dialects that it reads. It does not tell positions, and
// it takes the rest of a file into a field whose quote stays open; so the reader feeds it one
// physical line at a time, keeps the raw bytes of the record at hand, and asks it at each line end
// whether the record is over. A quote that it refuses, or that is still open at the end of the
// input or after max_record_bytes, costs the first physical line of its record; reading goes on
// with the line after it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/csv/dialect.hpp"
#include "core/csv/line_finder.hpp"

namespace recon::csv {

struct Field {
    std::string_view text;
    bool null = false;  // empty and not quoted
    bool quoted = false;
};

// Where a record stands; `raw` is without its line terminator.
struct Place {
    std::uint64_t line = 0;    // 1-based physical line of its first byte
    std::uint64_t offset = 0;  // of its first byte in the input
    std::string_view raw;
};

class RecordHandler {
  public:
    virtual ~RecordHandler() = default;
    // Views are valid during the call only. Both may throw: the reader is then not to be used
    // again.
    virtual void on_record(std::span<const Field> fields, const Place& place) = 0;
    virtual void on_reject(const char* code, std::string_view message, const Place& place) = 0;
    virtual void on_line_without_record() {}  // blank, comment, or to be skipped
};

// Raw bytes kept of a line that is longer than max_record_bytes.
inline constexpr std::size_t kept_of_endless_line = 64 * 1024;

class LineParser;
class CleanSplitter;

class RecordReader {
  public:
    // `first_offset`: bytes that came before the first one fed (a byte order mark), for the
    // offsets.
    RecordReader(const Dialect& dialect, RecordHandler& handler, std::uint64_t first_offset = 0);
    ~RecordReader();
    RecordReader(const RecordReader&) = delete;
    RecordReader& operator=(const RecordReader&) = delete;

    void feed(std::string_view chunk);
    void finish();

    // Bytes held of a record that is not over.
    std::size_t held() const { return carry_.size(); }
    // Nothing before it in the input is part of a record to come.
    std::uint64_t position() const { return offset_; }

  private:
    struct Failure {
        const char* code;
        std::string message;
    };

    void hold(std::string_view piece);
    std::size_t run(std::string_view window, bool last);
    void take_clean(std::string_view window, std::size_t& start);
    bool at_record_start() const { return fed_ == 0 && line_ends_ == 0 && failure_ == nullptr; }
    bool begin_skipped_line(char first);
    bool skip_line(std::string_view window, bool last, std::size_t& start);
    bool feed_line(std::string_view window, std::size_t start, const Line& line);
    void end_record(std::string_view record);
    void reject_first_line(std::string_view window, std::size_t& start, const Line& line);
    void move_on(std::size_t& start, std::size_t next, std::uint64_t lines);

    Dialect dialect_;
    RecordHandler& handler_;
    std::unique_ptr<LineParser> parser_;
    std::unique_ptr<CleanSplitter> splitter_;  // where the dialect asks for it
    LineFinder lines_;
    const Failure stray_quote_, open_quote_, long_record_;

    std::string carry_;     // the record at hand, where it began in an earlier chunk
    std::uint64_t offset_;  // of the record at hand, as line_
    std::uint64_t line_ = 1;
    std::uint64_t lines_to_skip_;
    bool skipping_ = false;  // inside a line that is no record

    // The record at hand; positions count from its first byte.
    std::size_t fed_ = 0;                         // bytes dealt with
    std::size_t line_ends_ = 0;                   // inside quotes
    std::size_t first_end_ = 0, first_next_ = 0;  // the first line's end, where line_ends_ > 0
    const Failure* failure_ = nullptr;            // it is bad, and its first line goes on
};

}  // namespace recon::csv
