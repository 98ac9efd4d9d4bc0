#include "core/csv/line_parser.hpp"

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

LineParser::LineParser(const Dialect& dialect)
    : quote_(dialect.quote),
      max_field_bytes_(dialect.max_field_bytes),
      max_fields_(dialect.max_fields) {
    if (csv_init(&parser_, strict_options) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(dialect.delimiter));
    csv_set_quote(&parser_, static_cast<unsigned char>(dialect.quote));
    csv_set_space_func(&parser_, recon_csv_never);  // nothing is trimmed
    // It never gets a line end outside quotes to see. Its own test of CR and LF is faster than a
    // call for each byte, but not for a dialect in which one of them may be text.
    if (dialect.terminator != Terminator::any) csv_set_term_func(&parser_, recon_csv_never);
    csv_set_blk_size(&parser_, 16 * 1024);  // its buffer grows by this much at a time
}

LineParser::~LineParser() {
    csv_free(&parser_);
}

void LineParser::on_field(void* text, std::size_t length, void* self) noexcept {
    auto* parser = static_cast<LineParser*>(self);
    try {
        parser->take_field(static_cast<const char*>(text), length);
    } catch (...) {
        parser->failure_ = std::current_exception();
    }
}

void LineParser::on_row(int, void*) noexcept {}

// Nothing is trimmed and quotes are strict, so the raw form of a field follows from its text: the
// text itself, or the text in quotes with the quotes in it doubled. That finds the field in the raw
// bytes and tells quoted from unquoted, which libcsv does not.
void LineParser::take_field(const char* text, std::size_t length) {
    if (++count_ > max_fields_) return;
    if (length > max_field_bytes_ && long_field_ == 0) long_field_ = count_;
    Seen& field = seen_.emplace_back();
    field.begin = cursor_;
    field.length = length;
    field.null = text == nullptr;
    if (text != nullptr && cursor_ < record_.size() && record_[cursor_] == quote_)
        take_quoted(field, text, length);
    else
        cursor_ += length;
    ++cursor_;  // the delimiter
}

void LineParser::take_quoted(Seen& field, const char* text, std::size_t length) {
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

void LineParser::raise_failure() {
    if (!failure_) return;
    std::exception_ptr failure = std::exchange(failure_, nullptr);
    std::rethrow_exception(failure);
}

bool LineParser::feed(std::string_view record, std::size_t from) {
    record_ = record;
    std::size_t length = record.size() - from;
    if (length == 0) return true;
    std::size_t parsed = csv_parse(&parser_, record.data() + from, length, on_field, on_row, this);
    raise_failure();
    if (parsed == length) return true;
    if (csv_error(&parser_) == CSV_EPARSE) return false;
    throw std::bad_alloc();
}

bool LineParser::end_line(std::string_view record) {
    record_ = record;
    int result = csv_fini(&parser_, on_field, on_row, this);
    raise_failure();
    if (result != 0) return false;
    fields_.resize(seen_.size());
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const Seen& seen = seen_[i];
        const char* base = seen.unescaped ? unescaped_.data() : record.data();
        fields_[i] = {
            seen.null ? std::string_view() : std::string_view(base + seen.begin, seen.length),
            seen.null, seen.quoted};
    }
    return true;
}

void LineParser::reset() {
    // csv_fini without the strict options is libcsv's way to forget an unfinished record.
    csv_set_opts(&parser_, 0);
    csv_fini(&parser_, nullptr, nullptr, nullptr);
    csv_set_opts(&parser_, strict_options);
    count_ = 0;
    cursor_ = 0;
    long_field_ = 0;
    seen_.clear();
    unescaped_.clear();
    record_ = {};
}

}  // namespace recon::csv
