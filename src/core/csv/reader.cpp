#include "core/csv/reader.hpp"

#include <algorithm>

#include "core/csv/clean_splitter.hpp"
#include "core/csv/line_parser.hpp"
#include "core/error.hpp"

namespace recon::csv {

namespace {

// A record of which more than this was seen without its end goes to LineParser, which need not
// begin again when more comes.
constexpr std::size_t longest_unfinished = 4096;

// A record that spans chunks is completed line by line, so that only it is copied, not the chunk.
constexpr std::size_t largest_piece = 64 * 1024;

std::size_t piece_length(std::string_view chunk) {
    chunk = chunk.substr(0, largest_piece);
    std::size_t lf = chunk.find('\n');
    if (lf != std::string_view::npos) chunk = chunk.substr(0, lf + 1);
    std::size_t cr = chunk.find('\r');
    return cr != std::string_view::npos ? cr + 1 : chunk.size();
}

}  // namespace

RecordReader::RecordReader(const Dialect& dialect, RecordHandler& handler,
                           std::uint64_t first_offset)
    : dialect_(dialect),
      handler_(handler),
      parser_(LineParser::make(dialect)),
      splitter_(dialect.clean_path && CleanSplitter::reads(dialect)
                    ? std::make_unique<CleanSplitter>(dialect)
                    : nullptr),
      lines_(dialect),
      stray_quote_{sqlstate::bad_copy_file_format, "stray quote in field"},
      open_quote_{sqlstate::bad_copy_file_format, "unterminated quoted field"},
      long_record_{sqlstate::program_limit_exceeded,
                   "record is longer than " + std::to_string(dialect.max_record_bytes) + " bytes"},
      offset_(first_offset),
      lines_to_skip_(dialect.skip_lines) {}

RecordReader::~RecordReader() = default;

void RecordReader::feed(std::string_view chunk) {
    while (!carry_.empty() && !chunk.empty()) {
        std::size_t length = piece_length(chunk);
        hold(chunk.substr(0, length));
        chunk.remove_prefix(length);
        carry_.erase(0, run(carry_, false));
    }
    if (chunk.empty()) return;
    carry_.assign(chunk.substr(run(chunk, false)));
}

// A long record gets at once the memory that it may come to: by doubling, it would hold three times
// as much on the way.
void RecordReader::hold(std::string_view piece) {
    constexpr std::size_t usual = 4 * largest_piece;
    if (carry_.size() + piece.size() > std::max(usual, carry_.capacity()))
        carry_.reserve(dialect_.max_record_bytes + usual);
    carry_.append(piece);
}

void RecordReader::finish() {
    run(carry_, true);
    carry_.clear();
}

// Reads what the window tells and returns how much of it is done with; the rest is the record at
// hand, whose first fed_ bytes LineParser has seen.
std::size_t RecordReader::run(std::string_view window, bool last) {
    lines_.restart();
    if (splitter_ != nullptr) splitter_->restart();
    std::size_t start = 0;
    while (true) {
        if (!skipping_ && at_record_start()) {
            if (start == window.size()) return start;
            skipping_ = begin_skipped_line(window[start]);
            if (!skipping_ && splitter_ != nullptr) {
                switch (splitter_->split(window, start, last)) {
                    case CleanSplitter::Outcome::record:
                        take_clean(window, start);
                        continue;
                    case CleanSplitter::Outcome::incomplete:
                        if (window.size() - start <= longest_unfinished) return start;
                        break;
                    case CleanSplitter::Outcome::declined:
                        break;
                }
            }
        }
        if (skipping_) {
            if (!skip_line(window, last, start)) return start;
            continue;
        }
        Line line = lines_.find(window, start + fed_, last);
        bool too_long = feed_line(window, start, line);
        if (failure_ != nullptr) {
            if (line_ends_ == 0 && !line.complete && !too_long) return start;
            reject_first_line(window, start, line);
            continue;
        }
        if (!line.complete) return start;
        LineParser::Outcome outcome = parser_->end_line(window.substr(start, fed_));
        if (outcome == LineParser::Outcome::record) {
            end_record(window.substr(start, fed_));
            move_on(start, line.next, line_ends_ + 1);
            continue;
        }
        bool input_ends = line.next == line.content_end;
        if (outcome == LineParser::Outcome::stray || input_ends) {
            failure_ = outcome == LineParser::Outcome::stray ? &stray_quote_ : &open_quote_;
            reject_first_line(window, start, line);
            continue;
        }
        if (line_ends_++ == 0) {
            first_end_ = fed_;
            first_next_ = line.next - start;
        }
        // The terminator is part of the open field.
        parser_->feed(window.substr(start, line.next - start), fed_);
        fed_ = line.next - start;
    }
}

void RecordReader::take_clean(std::string_view window, std::size_t& start) {
    std::size_t end = splitter_->content_end();
    if (end > start)  // a blank line is no record
        handler_.on_record(splitter_->fields(),
                           {line_, offset_, window.substr(start, end - start)});
    else
        handler_.on_line_without_record();
    offset_ += splitter_->next() - start;
    line_ += splitter_->line_ends() + 1;
    start = splitter_->next();
}

bool RecordReader::begin_skipped_line(char first) {
    if (lines_to_skip_ > 0) {
        --lines_to_skip_;
        return true;
    }
    return dialect_.comment.has_value() && first == *dialect_.comment;
}

// False where the line goes on after the window.
bool RecordReader::skip_line(std::string_view window, bool last, std::size_t& start) {
    Line line = lines_.find(window, start, last);
    skipping_ = !line.complete;
    handler_.on_line_without_record();
    move_on(start, line.complete ? line.next : line.content_end, line.complete ? 1 : 0);
    return line.complete;
}

// Gives LineParser the rest of the line as far as the record may grow, so that where a record fails
// does not depend on how the input was cut into chunks. True where the record is too long.
bool RecordReader::feed_line(std::string_view window, std::size_t start, const Line& line) {
    std::size_t wanted = line.content_end - start;
    std::size_t fed = std::max(fed_, std::min(wanted, dialect_.max_record_bytes));
    if (failure_ == nullptr && !parser_->feed(window.substr(start, fed), fed_))
        failure_ = &stray_quote_;
    fed_ = wanted;
    bool too_long = wanted > dialect_.max_record_bytes;
    if (failure_ == nullptr && too_long) failure_ = line_ends_ > 0 ? &open_quote_ : &long_record_;
    return too_long;
}

void RecordReader::end_record(std::string_view record) {
    if (parser_->blank()) {
        handler_.on_line_without_record();
        return;
    }
    Place place{line_, offset_, record};
    if (parser_->too_many_fields()) {
        handler_.on_reject(
            sqlstate::program_limit_exceeded,
            "record has more than " + std::to_string(dialect_.max_fields) + " fields", place);
    } else if (std::size_t field = parser_->long_field(); field != 0) {
        handler_.on_reject(sqlstate::program_limit_exceeded,
                           "field " + std::to_string(field) + " is longer than " +
                               std::to_string(dialect_.max_field_bytes) + " bytes",
                           place);
    } else {
        handler_.on_record(parser_->fields(), place);
    }
}

void RecordReader::reject_first_line(std::string_view window, std::size_t& start,
                                     const Line& line) {
    std::size_t length = line_ends_ > 0 ? first_end_ : line.content_end - start;
    bool endless = length > dialect_.max_record_bytes;
    std::size_t kept = endless ? std::min(kept_of_endless_line, dialect_.max_record_bytes) : length;
    handler_.on_reject(failure_->code, failure_->message,
                       {line_, offset_, window.substr(start, kept)});
    if (endless) {
        // Its end may be far away: the rest is passed over, not held.
        skipping_ = true;
        move_on(start, start + kept, 0);
    } else {
        move_on(start, line_ends_ > 0 ? start + first_next_ : line.next, 1);
    }
}

void RecordReader::move_on(std::size_t& start, std::size_t next, std::uint64_t lines) {
    if (next < start + fed_) lines_.restart();  // back to the second line of a bad record
    offset_ += next - start;
    line_ += lines;
    start = next;
    fed_ = 0;
    line_ends_ = 0;
    failure_ = nullptr;
    parser_->reset();
}

}  // namespace recon::csv
