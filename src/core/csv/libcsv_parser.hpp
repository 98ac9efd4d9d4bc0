// libcsv behind RAII: fields of one record, as views into its raw bytes wherever they stand there
// as they are.
#pragma once

#include <csv.h>

#include <cstddef>
#include <exception>
#include <string_view>

#include "core/csv/line_parser.hpp"

namespace recon::csv {

// It sees no line end outside quotes; csv_fini in strict mode says whether the record is over
// there.
class LibcsvParser final : public LineParser {
  public:
    explicit LibcsvParser(const Dialect& dialect);
    ~LibcsvParser() override;

    bool feed(std::string_view record, std::size_t from) override;
    Outcome end_line(std::string_view record) override;
    void reset() override;

  private:
    static void on_field(void* text, std::size_t length, void* self) noexcept;
    static void on_row(int terminator, void* self) noexcept;
    void take_field(const char* text, std::size_t length);
    void take_quoted(Seen& field, const char* text, std::size_t length);
    void raise_failure();

    csv_parser parser_{};
    char quote_;
    std::string_view record_;
    std::size_t cursor_ = 0;      // where the next field begins in the record
    std::exception_ptr failure_;  // of a callback: no exception crosses C code
};

}  // namespace recon::csv
