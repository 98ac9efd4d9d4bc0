#include "core/csv/libcsv_parser.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace recon::csv {

namespace {

constexpr unsigned char strict_options = CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL;

extern "C" int recon_csv_never(unsigned char) {
    return 0;
}

}  // namespace

LibcsvParser::LibcsvParser(const Dialect& dialect) : LineParser(dialect), quote_(*dialect.quote) {
    if (csv_init(&parser_, strict_options) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(dialect.delimiter[0]));
    csv_set_quote(&parser_, static_cast<unsigned char>(quote_));
    csv_set_space_func(&parser_, recon_csv_never);  // nothing is trimmed
    // It never gets a line end outside quotes to see. Its own test of CR and LF is faster than a
    // call for each byte, but not for a dialect in which one of them may be text.
    if (dialect.terminator != Terminator::any) csv_set_term_func(&parser_, recon_csv_never);
    csv_set_blk_size(&parser_, 16 * 1024);  // its buffer grows by this much at a time
}

LibcsvParser::~LibcsvParser() {
    csv_free(&parser_);
}

void LibcsvParser::on_field(void* text, std::size_t length, void* self) noexcept {
    auto* parser = static_cast<LibcsvParser*>(self);
    try {
        parser->take_field(static_cast<const char*>(text), length);
    } catch (...) {
        parser->failure_ = std::current_exception();
    }
}

void LibcsvParser::on_row(int, void*) noexcept {}

// Nothing is trimmed and quotes are strict, so the raw form of a field follows from its text: the
// text itself, or the text in quotes with the quotes in it doubled. That finds the field in the raw
// bytes and tells quoted from unquoted, which libcsv does not.
void LibcsvParser::take_field(const char* text, std::size_t length) {
    Seen* field = add_field(length);
    if (field == nullptr) return;
    field->begin = cursor_;
    field->null = text == nullptr;
    if (text != nullptr && cursor_ < record_.size() && record_[cursor_] == quote_)
        take_quoted(*field, text, length);
    else
        cursor_ += length;
    ++cursor_;  // the delimiter
}

void LibcsvParser::take_quoted(Seen& field, const char* text, std::size_t length) {
    field.quoted = true;
    ++field.begin;
    cursor_ += length + 2;
    if (length == 0 || std::memchr(text, quote_, length) == nullptr) return;
    cursor_ += static_cast<std::size_t>(std::count(text, text + length, quote_));
    if (length > max_field_bytes_) return;  // its record is rejected
    field.unescaped = true;
    field.begin = unescaped_.size();
    unescaped_.insert(unescaped_.end(), text, text + length);
}

void LibcsvParser::raise_failure() {
    if (!failure_) return;
    std::exception_ptr failure = std::exchange(failure_, nullptr);
    std::rethrow_exception(failure);
}

bool LibcsvParser::feed(std::string_view record, std::size_t from) {
    record_ = record;
    std::size_t length = record.size() - from;
    if (length == 0) return true;
    std::size_t parsed = csv_parse(&parser_, record.data() + from, length, on_field, on_row, this);
    raise_failure();
    if (parsed == length) return true;
    if (csv_error(&parser_) == CSV_EPARSE) return false;
    throw std::bad_alloc();
}

LineParser::Outcome LibcsvParser::end_line(std::string_view record) {
    record_ = record;
    int result = csv_fini(&parser_, on_field, on_row, this);
    raise_failure();
    if (result != 0) return Outcome::open;
    make_fields(record);
    return Outcome::record;
}

void LibcsvParser::reset() {
    // csv_fini without the strict options is libcsv's way to forget an unfinished record.
    csv_set_opts(&parser_, 0);
    csv_fini(&parser_, nullptr, nullptr, nullptr);
    csv_set_opts(&parser_, strict_options);
    forget_fields();
    cursor_ = 0;
    record_ = {};
}

}  // namespace recon::csv
