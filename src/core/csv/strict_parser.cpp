#include "core/csv/strict_parser.hpp"

namespace recon::csv {

StrictParser::StrictParser(const Dialect& dialect)
    : LineParser(dialect),
      delimiter_(dialect.delimiter),
      has_quote_(dialect.quote.has_value()),
      has_escape_(dialect.quote.has_value() && dialect.escape.has_value()),
      trim_(dialect.trim),
      quote_(dialect.quote.value_or('\0')),
      escape_(dialect.escape.value_or('\0')) {
    stops_unquoted_[static_cast<unsigned char>(delimiter_[0])] = true;
    if (has_quote_) stops_unquoted_[static_cast<unsigned char>(quote_)] = true;
}

bool StrictParser::feed(std::string_view record, std::size_t) {
    record_ = record;
    run(false);
    return state_ != State::stray;
}

LineParser::Outcome StrictParser::end_line(std::string_view record) {
    record_ = record;
    run(true);
    if (state_ == State::stray) return Outcome::stray;
    if (state_ == State::quoted) return Outcome::open;
    if (!record.empty()) end_field();
    make_fields(record);
    return Outcome::record;
}

void StrictParser::reset() {
    forget_fields();
    record_ = {};
    at_ = 0;
    begin_ = 0;
    state_ = State::begin;
    quoted_ = escaped_ = false;
}

void StrictParser::run(bool whole) {
    bool more = true;
    while (more && at_ < record_.size()) {
        switch (state_) {
            case State::begin:
                more = begin_field(whole);
                break;
            case State::unquoted:
                more = pass_unquoted(whole);
                break;
            case State::quoted:
                more = pass_quoted(whole);
                break;
            case State::closed:
                more = pass_closed(whole);
                break;
            case State::stray:
                return;
        }
    }
}

StrictParser::Match StrictParser::delimiter_at(std::size_t at, bool whole) const {
    if (record_[at] != delimiter_[0]) return Match::no;
    std::string_view rest = record_.substr(at);
    if (rest.starts_with(delimiter_)) return Match::yes;
    bool cut = !whole && rest.size() < delimiter_.size() && delimiter_.starts_with(rest);
    return cut ? Match::cut : Match::no;
}

bool StrictParser::begin_field(bool whole) {
    char c = record_[at_];
    if (is_quote(c)) {
        quoted_ = true;
        begin_ = ++at_;
        state_ = State::quoted;
        return true;
    }
    if (is_blank(c)) {
        Match match = delimiter_at(at_, whole);
        if (match == Match::cut) return false;
        if (match == Match::no) {
            ++at_;
            return true;
        }
    }
    state_ = State::unquoted;
    return true;
}

bool StrictParser::pass_unquoted(bool whole) {
    std::size_t at = at_;
    while (at < record_.size() && !stops_unquoted_[static_cast<unsigned char>(record_[at])]) ++at;
    at_ = at;
    if (at == record_.size()) return false;
    if (is_quote(record_[at])) {
        state_ = State::stray;
        return true;
    }
    Match match = delimiter_at(at, whole);
    if (match == Match::cut) return false;
    if (match == Match::yes)
        end_field();
    else
        ++at_;
    return true;
}

bool StrictParser::pass_quoted(bool whole) {
    std::size_t at = at_;
    while (at < record_.size() && record_[at] != quote_ && !(has_escape_ && record_[at] == escape_))
        ++at;
    at_ = at;
    if (at == record_.size()) return false;
    bool next = at + 1 < record_.size();
    if (has_escape_ && record_[at] == escape_) {
        if (!next && !whole) return false;
        if (next && (record_[at + 1] == quote_ || record_[at + 1] == escape_)) {
            escaped_ = true;
            at_ += 2;
            return true;
        }
    }
    if (record_[at] == quote_) {
        end_ = at;
        state_ = State::closed;
    }
    ++at_;
    return true;
}

bool StrictParser::pass_closed(bool whole) {
    Match match = delimiter_at(at_, whole);
    if (match == Match::cut) return false;
    if (match == Match::yes)
        end_field();
    else if (is_blank(record_[at_]))
        ++at_;
    else
        state_ = State::stray;
    return true;
}

// The field ends at at_, where a delimiter or the end of the record is.
void StrictParser::end_field() {
    if (quoted_) {
        add_quoted();
    } else if (Seen* field = add_field(at_ - begin_)) {
        field->begin = begin_;
        field->null = at_ == begin_;
    }
    at_ += delimiter_.size();
    begin_ = at_;
    state_ = State::begin;
    quoted_ = escaped_ = false;
}

void StrictParser::add_quoted() {
    std::size_t begin = begin_, length = end_ - begin_;
    if (escaped_) {
        begin = unescaped_.size();
        for (std::size_t at = begin_; at < end_; ++at) {
            char c = record_[at];
            if (c == escape_ && at + 1 < end_ &&
                (record_[at + 1] == quote_ || record_[at + 1] == escape_))
                c = record_[++at];
            unescaped_.push_back(c);
        }
        length = unescaped_.size() - begin;
    }
    Seen* field = add_field(length);
    if (field == nullptr) return;
    field->begin = begin;
    field->quoted = true;
    field->unescaped = escaped_;
}

}  // namespace recon::csv
