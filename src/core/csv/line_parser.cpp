#include "core/csv/line_parser.hpp"

#include "core/csv/libcsv_parser.hpp"
#include "core/csv/strict_parser.hpp"

namespace recon::csv {

std::unique_ptr<LineParser> LineParser::make(const Dialect& dialect) {
    if (dialect.is_plain() && !dialect.trim) return std::make_unique<LibcsvParser>(dialect);
    return std::make_unique<StrictParser>(dialect);
}

LineParser::Seen* LineParser::add_field(std::size_t length) {
    if (++count_ > max_fields_) return nullptr;
    if (length > max_field_bytes_ && long_field_ == 0) long_field_ = count_;
    Seen& field = seen_.emplace_back();
    field.length = length;
    return &field;
}

void LineParser::make_fields(std::string_view record) {
    fields_.resize(seen_.size());
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const Seen& seen = seen_[i];
        const char* base = seen.unescaped ? unescaped_.data() : record.data();
        fields_[i] = {
            seen.null ? std::string_view() : std::string_view(base + seen.begin, seen.length),
            seen.null, seen.quoted};
    }
}

void LineParser::forget_fields() {
    count_ = 0;
    long_field_ = 0;
    seen_.clear();
    unescaped_.clear();
}

}  // namespace recon::csv
