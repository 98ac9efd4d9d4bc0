// Rows of a table kept in a scratch file, for what memory does not hold.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "core/match/table.hpp"
#include "core/sorter.hpp"

namespace recon::match {

// Makes files for the time of a run.
class ScratchFiles {
  public:
    virtual ~ScratchFiles() = default;
    virtual std::unique_ptr<ScratchFile> make() = 0;
};

// A row as it lies in a file; valid until its reader goes on. Columns are those of the table that
// the row came from; their values are to be known, where not said otherwise.
class RowView {
  public:
    std::uint32_t number() const { return load<std::uint32_t>(0); }
    bool is_known(std::size_t column) const;
    std::string_view text(std::size_t column) const;
    field::Decimal decimal(std::size_t column) const;
    field::Day day(std::size_t column) const { return load<field::Day>(begins_[column]); }
    std::int64_t micros(std::size_t column) const { return load<std::int64_t>(begins_[column]); }
    Type type(std::size_t column) const { return types_[column]; }

    void add_to(Table& table) const;  // one of the same columns

  private:
    friend class RowFile;
    friend class RowReader;
    template <class T>
    T load(std::size_t at) const {
        T value;
        std::memcpy(&value, bytes_.data() + at, sizeof value);
        return value;
    }

    std::string_view bytes_;
    std::vector<Type> types_;
    std::vector<std::size_t> begins_;  // of the values, in bytes_
};

// Rows of one shape, one behind the other, each with a number that its user gives it. Values are
// written as they are, whatever the scale or the dictionary of the table they come from.
class RowFile {
  public:
    RowFile(ScratchFiles& files, std::size_t buffer) : file_(files.make()), held_(buffer) {}

    void add(const Table& table, std::size_t row, std::uint32_t number);
    void add(const RowView& row) { end_row(row.bytes_); }  // with its number
    void finish();                                         // before it is read

    std::uint32_t rows() const { return rows_; }
    std::uint64_t bytes() const { return written_ + buffer_.size(); }

  private:
    friend class RowReader;
    template <class T>
    void put(T value) {
        put_bytes(&value, sizeof value);
    }
    void put_bytes(const void* bytes, std::size_t size);
    void put_value(const Column& column, std::size_t row);
    void end_row(std::string_view rest);

    std::unique_ptr<ScratchFile> file_;
    std::size_t held_;  // bytes written at a time
    std::vector<char> buffer_;
    std::uint32_t rows_ = 0;
    std::uint64_t written_ = 0;
};

// Reads a file's rows in order, once.
class RowReader {
  public:
    RowReader(const RowFile& file, const Table& shape);

    bool next();  // goes to the next row; false at the end
    const RowView& row() const { return row_; }

  private:
    std::size_t value_size(Type type);
    void need(std::size_t bytes) {
        if (end_ - at_ < bytes) read_on(bytes);
    }
    void read_on(std::size_t bytes);

    const RowFile& file_;
    std::uint32_t read_ = 0;
    std::uint64_t offset_ = 0;  // of what was not read from the file yet
    std::unique_ptr<char[]> buffer_;
    std::size_t size_ = 0, end_ = 0;  // of the buffer; of what was read into it
    std::size_t begin_ = 0, at_ = 0;  // of the row at hand; of what was not looked at yet
    RowView row_;
};

}  // namespace recon::match
