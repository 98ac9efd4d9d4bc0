// What splits a record that is not certainly clean into fields, line by line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/csv/dialect.hpp"
#include "core/csv/reader.hpp"

namespace recon::csv {

// The reader finds line ends and passes them on only inside an open quoted field, so that one rule
// serves every line terminator.
class LineParser {
  public:
    // libcsv for the dialects that it reads, StrictParser for all others.
    static std::unique_ptr<LineParser> make(const Dialect& dialect);

    virtual ~LineParser() = default;
    LineParser(const LineParser&) = delete;
    LineParser& operator=(const LineParser&) = delete;

    // `record`: the record's raw bytes so far; bytes from `from` on are new. False on a quote that
    // cannot stand where it does.
    virtual bool feed(std::string_view record, std::size_t from) = 0;

    // At a line end. open: a quoted field goes on behind it; stray: as where feed() is false.
    enum class Outcome : std::uint8_t { record, open, stray };
    virtual Outcome end_line(std::string_view record) = 0;

    virtual void reset() = 0;  // ready for the next record

    bool blank() const { return count_ == 0; }
    bool too_many_fields() const { return count_ > max_fields_; }
    std::size_t long_field() const {
        return long_field_;
    }  // 1-based, the first over the limit; or 0
    // After end_line(); valid until reset(), feed() or a move of the record's bytes.
    const std::vector<Field>& fields() const { return fields_; }

  protected:
    explicit LineParser(const Dialect& dialect)
        : max_field_bytes_(dialect.max_field_bytes), max_fields_(dialect.max_fields) {}

    // A field seen: its place in the record, or in unescaped_ where something was escaped.
    struct Seen {
        std::size_t begin = 0, length = 0;
        bool unescaped = false, quoted = false, null = false;
    };

    // The next field, of that many bytes; nullptr where the record has too many.
    Seen* add_field(std::size_t length);
    void make_fields(std::string_view record);  // fields_ from seen_
    void forget_fields();

    const std::size_t max_field_bytes_;
    std::vector<char> unescaped_;

  private:
    const std::size_t max_fields_;
    std::size_t count_ = 0;
    std::size_t long_field_ = 0;
    std::vector<Seen> seen_;
    std::vector<Field> fields_;
};

}  // namespace recon::csv
