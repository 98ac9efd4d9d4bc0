// The dialects that libcsv does not read: a delimiter of several bytes, an escape other than the
// quote, no quote, blanks around quotes. Strict as libcsv is run: a quote opens a field only at its
// beginning, and only a delimiter or the end of the record follows a closing one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/csv/line_parser.hpp"

namespace recon::csv {

class StrictParser final : public LineParser {
  public:
    explicit StrictParser(const Dialect& dialect);

    bool feed(std::string_view record, std::size_t from) override;
    Outcome end_line(std::string_view record) override;
    void reset() override;

  private:
    enum class State : std::uint8_t { begin, unquoted, quoted, closed, stray };
    enum class Match : std::uint8_t { no, yes, cut };

    // Each goes on from at_ as far as the bytes tell; false where they do not tell enough. `whole`:
    // the line has no more.
    void run(bool whole);
    bool begin_field(bool whole);
    bool pass_unquoted(bool whole);
    bool pass_quoted(bool whole);
    bool pass_closed(bool whole);

    Match delimiter_at(std::size_t at, bool whole) const;
    bool is_blank(char c) const { return trim_ && (c == ' ' || c == '\t'); }
    bool is_quote(char c) const { return has_quote_ && c == quote_; }
    void end_field();
    void add_quoted();

    const std::string delimiter_;
    const bool has_quote_, has_escape_, trim_;
    const char quote_, escape_;
    std::array<bool, 256> stops_unquoted_{};  // bytes at which an unquoted field may end

    std::string_view record_;
    std::size_t at_ = 0;               // what is before it is dealt with
    State state_ = State::begin;       // at at_
    std::size_t begin_ = 0, end_ = 0;  // of the field at hand; end_: of a quoted one
    bool quoted_ = false, escaped_ = false;
};

}  // namespace recon::csv
