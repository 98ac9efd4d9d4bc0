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
    ++rows_;
    if (buffer_.size() >= held_) finish();
}

void RowFile::finish() {
    if (buffer_.empty()) return;
    file_->append(buffer_.data(), buffer_.size());
    written_ += buffer_.size();
    buffer_.clear();
}

// Reads on where what was read is used up.
void RowReader::fill() {
    if (at_ < buffer_.size()) return;
    constexpr std::uint64_t block = 64 * 1024;
    buffer_.resize(std::min<std::uint64_t>(block, file_.written_ - offset_));
    file_.file_->read(offset_, buffer_.data(), buffer_.size());
    offset_ += buffer_.size();
    at_ = 0;
}

void RowReader::get_bytes(void* bytes, std::size_t size) {
    auto* to = static_cast<char*>(bytes);
    while (size > 0) {
        fill();
        std::size_t some = std::min(size, buffer_.size() - at_);
        std::memcpy(to, buffer_.data() + at_, some);
        at_ += some;
        to += some;
        size -= some;
    }
}

void RowReader::skip_bytes(std::size_t size) {
    while (size > 0) {
        fill();
        std::size_t some = std::min(size, buffer_.size() - at_);
        at_ += some;
        size -= some;
    }
}

void RowReader::get_value(Column& column) {
    switch (column.type) {
        case Type::text: {
            auto size = get<std::uint32_t>();
            if (size == 0) {
                column.add_null();
                return;
            }
            text_.resize(size - 1);
            get_bytes(text_.data(), text_.size());
            column.add_text(text_);
            return;
        }
        case Type::decimal: {
            auto scale = get<std::uint8_t>();
            if (scale == null_decimal) {
                column.add_null();
                return;
            }
            bool is_wide = (scale & wide_decimal) != 0;
            field::int128 coefficient =
                is_wide ? get<field::int128>() : field::int128{get<std::int64_t>()};
            column.add_decimal({coefficient, scale & ~wide_decimal});
            return;
        }
        case Type::date: {
            auto day = get<field::Day>();
            day == null_day ? column.add_null() : column.add_day(day);
            return;
        }
        case Type::timestamp: {
            auto micros = get<std::int64_t>();
            micros == null_number ? column.add_null() : column.add_micros(micros);
            return;
        }
    }
}

void RowReader::skip_value(Type type) {
    switch (type) {
        case Type::text:
            if (auto size = get<std::uint32_t>(); size > 1) skip_bytes(size - 1);
            return;
        case Type::decimal:
            if (auto scale = get<std::uint8_t>(); scale != null_decimal)
                skip_bytes((scale & wide_decimal) != 0 ? sizeof(field::int128)
                                                       : sizeof(std::int64_t));
            return;
        case Type::date:
            skip_bytes(sizeof(field::Day));
            return;
        case Type::timestamp:
            skip_bytes(sizeof(std::int64_t));
            return;
    }
}

bool RowReader::next(std::uint32_t& number) {
    if (read_ == file_.rows_) return false;
    ++read_;
    number = get<std::uint32_t>();
    return true;
}

void RowReader::add_to(Table& table) {
    for (Column& column : table.columns) get_value(column);
}

void RowReader::skip(const Table& table) {
    for (const Column& column : table.columns) skip_value(column.type);
}

}  // namespace recon::match
