// libcsv behind RAII: fields of one record, as views into its raw bytes wherever they stand there
// as they are.
#pragma once

#include <csv.h>

#include <cstddef>
#include <exception>
#include <string_view>
#include <vector>

#include "core/csv/dialect.hpp"
#include "core/csv/reader.hpp"

namespace recon::csv {

// The reader finds line ends and does not pass them on; csv_fini in strict mode says whether the
// record is over there. So one rule serves LF, CRLF and CR.
class LineParser {
  public:
    explicit LineParser(const Dialect& dialect);
    ~LineParser();
    LineParser(const LineParser&) = delete;
    LineParser& operator=(const LineParser&) = delete;

    // `record`: the record's raw bytes so far; bytes from `from` on are new. False on a quote that
    // libcsv refuses.
    bool feed(std::string_view record, std::size_t from);

    // At a line end. False where a quoted field is still open: the record then goes on.
    bool end_line(std::string_view record);

    bool blank() const { return count_ == 0; }
    bool too_many_fields() const { return count_ > max_fields_; }
    std::size_t long_field() const {
        return long_field_;
    }  // 1-based, the first over the limit; or 0
    // After end_line(); valid until reset(), feed() or a move of the record's bytes.
    const std::vector<Field>& fields() const { return fields_; }

    void reset();  // ready for the next record

  private:
    // A field seen: its place in the record, or in unescaped_ where quotes were doubled.
    struct Seen {
        std::size_t begin = 0, length = 0;
        bool unescaped = false, quoted = false, null = false;
    };

    static void on_field(void* text, std::size_t length, void* self) noexcept;
    static void on_row(int terminator, void* self) noexcept;
    void take_field(const char* text, std::size_t length);
    void take_quoted(Seen& field, const char* text, std::size_t length);
    void raise_failure();

    csv_parser parser_{};
    char quote_;
    std::size_t max_field_bytes_, max_fields_;
    std::string_view record_;
    std::size_t cursor_ = 0;  // where the next field begins in the record
    std::size_t count_ = 0;
    std::size_t long_field_ = 0;
    std::vector<Seen> seen_;
    std::vector<char> unescaped_;
    std::vector<Field> fields_;
    std::exception_ptr failure_;  // of a callback: no exception crosses C code
};

}  // namespace recon::csv
