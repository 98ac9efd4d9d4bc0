#include "core/input/decoder.hpp"

#include <unicode/ucnv.h>

#include <algorithm>

#include "core/error.hpp"

namespace recon::input {

namespace {

constexpr std::ptrdiff_t longest_character = 8;  // of any multibyte encoding, and to spare

std::uint32_t byte(const char* at) {
    return static_cast<unsigned char>(*at);
}

std::uint32_t big2(const char* at) {
    return byte(at) << 8 | byte(at + 1);
}
std::uint32_t little2(const char* at) {
    return byte(at + 1) << 8 | byte(at);
}
std::uint32_t big4(const char* at) {
    return big2(at) << 16 | big2(at + 2);
}
std::uint32_t little4(const char* at) {
    return little2(at + 2) << 16 | little2(at);
}

bool is_surrogate(std::uint32_t unit) {
    return (unit & 0xFFFFF800) == 0xD800;
}

// What ICU makes of a single byte that its encoding leaves open.
bool is_private(UChar32 value) {
    return value >= 0xE000 && value <= 0xF8FF;
}

}  // namespace

void Decoder::Close::operator()(UConverter* converter) const {
    ucnv_close(converter);
}

Decoder::Decoder(const WideEncoding& encoding, std::uint64_t first_offset)
    : encoding_(encoding), first_offset_(first_offset) {
    if (encoding.converter == nullptr) return;
    UErrorCode error = U_ZERO_ERROR;
    converter_.reset(ucnv_open(encoding.converter, &error));
    if (U_SUCCESS(error))
        ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                            &error);
    if (U_FAILURE(error))
        throw Error(sqlstate::feature_not_supported,
                    std::string("encoding \"") + encoding.name + "\" is not supported for files",
                    "ICU has no converter for it.", "Convert the file to UTF-8.");
}

Decoder::~Decoder() = default;

void Decoder::feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty()) {
        std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        source_.append(piece);
        decode(false);
        if (!text_.empty()) release(take(text_));
    }
}

void Decoder::finish(const Take& take) {
    decode(true);
    if (!text_.empty()) release(take(text_));
}

void Decoder::decode(bool last) {
    text_.clear();
    const char* at = source_.data() + decoded_;
    const char* end = source_.data() + source_.size();
    switch (encoding_.form) {
        case WideEncoding::Form::utf16:
            at = encoding_.little_endian ? decode_utf16(at, end, last, little2)
                                         : decode_utf16(at, end, last, big2);
            break;
        case WideEncoding::Form::utf32:
            at = encoding_.little_endian ? decode_utf32(at, end, last, little4)
                                         : decode_utf32(at, end, last, big4);
            break;
        case WideEncoding::Form::multibyte:
            at = decode_multibyte(at, end, last);
            break;
    }
    if (last && at != end) {
        invalid(static_cast<std::size_t>(end - at));
        at = end;
    }
    decoded_ = static_cast<std::size_t>(at - source_.data());
}

template <class Load>
const char* Decoder::decode_utf16(const char* at, const char* end, bool last, Load load) {
    while (end - at >= 2) {
        std::uint32_t unit = load(at);
        if (!is_surrogate(unit)) {
            character(unit, 2);
            at += 2;
            continue;
        }
        bool high = unit < 0xDC00;
        if (high && end - at < 4 && !last) break;
        std::uint32_t low = high && end - at >= 4 ? load(at + 2) : 0;
        if (is_surrogate(low) && low >= 0xDC00) {
            character(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 4);
            at += 4;
        } else {
            invalid(2);
            at += 2;
        }
    }
    return at;
}

template <class Load>
const char* Decoder::decode_utf32(const char* at, const char* end, bool, Load load) {
    for (; end - at >= 4; at += 4) {
        std::uint32_t value = load(at);
        if (value > 0x10FFFF || is_surrogate(value))
            invalid(4);
        else
            character(value, 4);
    }
    return at;
}

// Where a character begins, a byte below 0x80 is ASCII in all of them.
const char* Decoder::decode_multibyte(const char* at, const char* end, bool last) {
    while (at != end) {
        if (byte(at) < 0x80) {
            character(byte(at), 1);
            ++at;
            continue;
        }
        const char* start = at;
        UErrorCode error = U_ZERO_ERROR;
        UChar32 value = ucnv_getNextUChar(converter_.get(), &at, end, &error);
        if (U_SUCCESS(error) && !(at - start == 1 && is_private(value))) {
            character(static_cast<char32_t>(value), static_cast<std::size_t>(at - start));
            continue;
        }
        ucnv_resetToUnicode(converter_.get());
        if (error == U_TRUNCATED_CHAR_FOUND) {
            if (!last && end - start < longest_character) return start;
            at = start + 1;
        }
        at = std::max(at, start + 1);
        invalid(static_cast<std::size_t>(at - start));
    }
    return at;
}

void Decoder::character(char32_t value, std::size_t source_bytes) {
    auto add = [this](char32_t unit) { text_ += static_cast<char>(unit); };
    std::size_t before = text_.size();
    if (value < 0x80) {
        add(value);
    } else if (value < 0x800) {
        add(0xC0 | value >> 6);
        add(0x80 | (value & 63));
    } else if (value < 0x10000) {
        add(0xE0 | value >> 12);
        add(0x80 | (value >> 6 & 63));
        add(0x80 | (value & 63));
    } else {
        add(0xF0 | value >> 18);
        add(0x80 | (value >> 12 & 63));
        add(0x80 | (value >> 6 & 63));
        add(0x80 | (value & 63));
    }
    note(source_bytes, text_.size() - before);
}

void Decoder::invalid(std::size_t source_bytes) {
    text_ += invalid_mark;
    note(source_bytes, 1);
}

void Decoder::note(std::size_t source_bytes, std::size_t text_bytes) {
    if (!runs_.empty()) {
        Run& run = runs_.back();
        if (run.source == source_bytes && run.text == text_bytes && run.count < UINT8_MAX) {
            ++run.count;
            return;
        }
    }
    Run run{1, 0, 0};
    run.source = source_bytes & 15;
    run.text = text_bytes & 15;
    runs_.push_back(run);
}

void Decoder::advance(std::uint64_t text_offset) {
    while (!runs_.empty() && text_offset > text_at_) {
        Run& run = runs_.front();
        std::uint64_t count =
            std::min<std::uint64_t>(run.count, (text_offset - text_at_) / run.text);
        text_at_ += count * run.text;
        source_at_ += count * run.source;
        run.count = static_cast<std::uint8_t>(run.count - count);
        if (run.count > 0) return;
        runs_.pop_front();
    }
}

Decoder::Origin Decoder::origin(std::uint64_t offset, std::size_t size) {
    advance(offset);
    std::size_t bytes = 0;
    for (const Run& run : runs_) {
        std::size_t count = std::min<std::size_t>(run.count, size / run.text);
        bytes += count * run.source;
        size -= count * run.text;
        if (count < run.count) break;
    }
    return {first_offset_ + source_at_,
            std::string_view(source_).substr(source_at_ - source_base_, bytes)};
}

void Decoder::release(std::uint64_t text_offset) {
    advance(text_offset);
    // Not at each piece: what a long record holds would be moved again and again.
    std::size_t done = source_at_ - source_base_;
    if (done < source_.size() / 2) return;
    source_.erase(0, done);
    decoded_ -= done;
    source_base_ = source_at_;
}

std::string decode_all(const WideEncoding& encoding, std::string_view bytes) {
    std::string all;
    auto take = [&](std::string_view text) -> std::uint64_t {
        all += text;
        return all.size();
    };
    Decoder decoder(encoding);
    decoder.feed(bytes, take);
    decoder.finish(take);
    return all;
}

}  // namespace recon::input
