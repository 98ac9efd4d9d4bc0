// Rows of a table kept in a scratch file, for what memory does not hold.
#pragma once

#include <cstdint>
#include <memory>
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

// Rows of one shape, one behind the other, each with a number that its user gives it. Values are
// written as they are, whatever the scale or the dictionary of the table they come from.
class RowFile {
  public:
    RowFile(ScratchFiles& files, std::size_t buffer) : file_(files.make()), held_(buffer) {}

    void add(const Table& table, std::size_t row, std::uint32_t number);
    void finish();  // before it is read

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

    std::unique_ptr<ScratchFile> file_;
    std::size_t held_;  // bytes written at a time
    std::vector<char> buffer_;
    std::uint32_t rows_ = 0;
    std::uint64_t written_ = 0;
};

// Reads a file's rows in order, once.
class RowReader {
  public:
    explicit RowReader(const RowFile& file) : file_(file) {}

    // Goes to the next row, to its number; then the row is added or skipped. False at the end.
    bool next(std::uint32_t& number);
    // To or over the columns of a table that are as those that the row came from.
    void add_to(Table& table);
    void skip(const Table& table);

  private:
    template <class T>
    T get() {
        T value;
        get_bytes(&value, sizeof value);
        return value;
    }
    void fill();
    void get_bytes(void* bytes, std::size_t size);
    void get_value(Column& column);
    void skip_bytes(std::size_t size);
    void skip_value(Type type);

    const RowFile& file_;
    std::uint32_t read_ = 0;
    std::uint64_t offset_ = 0;  // of what was not read from the file yet
    std::vector<char> buffer_;
    std::size_t at_ = 0;
    std::string text_;
};

}  // namespace recon::match
