#include "core/match/row_file.hpp"

#include <algorithm>
#include <cstring>

namespace recon::match {

namespace {

// What precedes a decimal: its scale, with a bit for 128 instead of 64 bits of coefficient.
constexpr std::uint8_t null_decimal = 0xFF, wide_decimal = 0x80;

}  // namespace

void RowFile::put_bytes(const void* bytes, std::size_t size) {
    const auto* from = static_cast<const char*>(bytes);
    buffer_.insert(buffer_.end(), from, from + size);
}

void RowFile::put_value(const Column& column, std::size_t row) {
    switch (column.type) {
        case Type::text: {
            if (!column.is_known(row)) {
                put(std::uint32_t{0});
                return;
            }
            std::string_view text = column.text(row);
            put(static_cast<std::uint32_t>(text.size() + 1));
            put_bytes(text.data(), text.size());
            return;
        }
        case Type::decimal: {
            if (!column.is_known(row)) {
                put(null_decimal);
                return;
            }
            auto scale = static_cast<std::uint8_t>(column.scale);
            if (column.is_wide) {
                put(static_cast<std::uint8_t>(scale | wide_decimal));
                put(column.wide[row]);
            } else {
                put(scale);
                put(column.numbers[row]);
            }
            return;
        }
        case Type::date:
            put(column.days[row]);
            return;
        case Type::timestamp:
            put(column.numbers[row]);
            return;
    }
}

void RowFile::add(const Table& table, std::size_t row, std::uint32_t number) {
    put(number);
    for (const Column& column : table.columns) put_value(column, row);
    end_row({});
}

void RowFile::end_row(std::string_view rest) {
    put_bytes(rest.data(), rest.size());
    ++rows_;
    if (buffer_.size() >= held_) finish();
}

void RowFile::finish() {
    if (buffer_.empty()) return;
    file_->append(buffer_.data(), buffer_.size());
    written_ += buffer_.size();
    buffer_.clear();
}

bool RowView::is_known(std::size_t column) const {
    std::size_t at = begins_[column];
    switch (types_[column]) {
        case Type::text:
            return load<std::uint32_t>(at) != 0;
        case Type::decimal:
            return load<std::uint8_t>(at) != null_decimal;
        case Type::date:
            return load<field::Day>(at) != null_day;
        case Type::timestamp:
            return load<std::int64_t>(at) != null_number;
    }
    return false;
}

std::string_view RowView::text(std::size_t column) const {
    std::size_t at = begins_[column];
    return bytes_.substr(at + sizeof(std::uint32_t), load<std::uint32_t>(at) - 1);
}

field::Decimal RowView::decimal(std::size_t column) const {
    std::size_t at = begins_[column];
    auto scale = load<std::uint8_t>(at++);
    if ((scale & wide_decimal) != 0) return {load<field::int128>(at), scale & ~wide_decimal};
    return {field::int128{load<std::int64_t>(at)}, scale};
}

void RowView::add_to(Table& table) const {
    for (std::size_t i = 0; i < types_.size(); ++i) {
        Column& column = table.columns[i];
        if (!is_known(i)) {
            column.add_null();
            continue;
        }
        switch (types_[i]) {
            case Type::text:
                column.add_text(text(i));
                break;
            case Type::decimal:
                column.add_decimal(decimal(i));
                break;
            case Type::date:
                column.add_day(day(i));
                break;
            case Type::timestamp:
                column.add_micros(micros(i));
                break;
        }
    }
}

RowReader::RowReader(const RowFile& file, const Table& shape) : file_(file) {
    for (const Column& column : shape.columns) row_.types_.push_back(column.type);
    row_.begins_.resize(row_.types_.size());
}

// With what precedes the value.
inline std::size_t RowReader::value_size(Type type) {
    switch (type) {
        case Type::text: {
            need(sizeof(std::uint32_t));
            std::uint32_t length = 0;
            std::memcpy(&length, &buffer_[at_], sizeof length);
            return sizeof length + (length == 0 ? 0 : length - 1);
        }
        case Type::decimal: {
            need(1);
            auto scale = static_cast<std::uint8_t>(buffer_[at_]);
            if (scale == null_decimal) return 1;
            return 1 + ((scale & wide_decimal) != 0 ? sizeof(field::int128) : sizeof(std::int64_t));
        }
        case Type::date:
            return sizeof(field::Day);
        case Type::timestamp:
            break;
    }
    return sizeof(std::int64_t);
}

bool RowReader::next() {
    if (read_ == file_.rows_) return false;
    ++read_;
    begin_ = at_;
    need(sizeof(std::uint32_t));
    at_ += sizeof(std::uint32_t);
    for (std::size_t i = 0; i < row_.types_.size(); ++i) {
        row_.begins_[i] = at_ - begin_;
        std::size_t size = value_size(row_.types_[i]);
        need(size);
        at_ += size;
    }
    row_.bytes_ = {&buffer_[begin_], at_ - begin_};
    return true;
}

// The row at hand then stands at the buffer's begin.
void RowReader::read_on(std::size_t bytes) {
    constexpr std::size_t block = 64 * 1024;
    std::size_t held = end_ - begin_;
    at_ -= begin_;
    if (std::size_t wanted = std::max(block, 2 * (at_ + bytes)); wanted > size_) {
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (held > 0) std::memcpy(larger.get(), &buffer_[begin_], held);
        buffer_ = std::move(larger);
        size_ = wanted;
    } else {
        std::memmove(buffer_.get(), &buffer_[begin_], held);
    }
    begin_ = 0;
    auto more =
        static_cast<std::size_t>(std::min<std::uint64_t>(size_ - held, file_.written_ - offset_));
    file_.file_->read(offset_, &buffer_[held], more);
    offset_ += more;
    end_ = held + more;
}

}  // namespace recon::match
