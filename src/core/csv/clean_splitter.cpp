#include "core/csv/clean_splitter.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recon::csv {

namespace {

constexpr std::size_t block_size = 64;

#if defined(__SSE2__)

std::uint64_t equal_bytes(const char* block, char delimiter, char quote, char first, char second) {
    const __m128i wanted[] = {_mm_set1_epi8(delimiter), _mm_set1_epi8(quote), _mm_set1_epi8(first),
                              _mm_set1_epi8(second)};
    std::uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
        __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
        __m128i hits = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted[0]), _mm_cmpeq_epi8(bytes, wanted[1])),
            _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted[2]), _mm_cmpeq_epi8(bytes, wanted[3])));
        mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(hits)))
                << (16 * i);
    }
    return mask;
}

#else

std::uint64_t equal_bytes(const char* block, char delimiter, char quote, char first, char second) {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < block_size; ++i) {
        char c = block[i];
        bool hit = c == delimiter || c == quote || c == first || c == second;
        mask |= std::uint64_t{hit} << i;
    }
    return mask;
}

#endif

}  // namespace

CleanSplitter::CleanSplitter(const Dialect& dialect)
    : dialect_{dialect.delimiter[0],    *dialect.quote,           dialect.terminator,
               dialect.max_field_bytes, dialect.max_record_bytes, dialect.max_fields} {}

std::uint64_t CleanSplitter::mask_of(const char* block) const {
    bool any = dialect_.terminator == Terminator::any;
    char first = dialect_.terminator == Terminator::cr ? '\r' : '\n';
    return equal_bytes(block, dialect_.delimiter, dialect_.quote, first, any ? '\r' : first);
}

inline std::size_t CleanSplitter::find(std::size_t from) {
    while (from < window_.size()) {
        std::size_t block = from / block_size;
        if (block != block_) {
            std::size_t at = block * block_size, left = window_.size() - at;
            if (left >= block_size) {
                mask_ = mask_of(window_.data() + at);
            } else {
                char tail[block_size] = {};
                std::memcpy(tail, window_.data() + at, left);
                mask_ = mask_of(tail) & ((std::uint64_t{1} << left) - 1);
            }
            block_ = block;
        }
        std::uint64_t rest = mask_ & (~std::uint64_t{0} << (from % block_size));
        if (rest != 0) return block * block_size + static_cast<std::size_t>(std::countr_zero(rest));
        from = (block + 1) * block_size;
    }
    return window_.size();
}

inline std::size_t CleanSplitter::line_end_at(std::size_t at) const {
    char c = window_[at];
    switch (dialect_.terminator) {
        case Terminator::lf:
            return c == '\n' ? 1 : 0;
        case Terminator::cr:
            return c == '\r' ? 1 : 0;
        case Terminator::crlf:
            if (c != '\r') return 0;
            if (at + 1 == window_.size()) return last_ ? 0 : SIZE_MAX;
            return window_[at + 1] == '\n' ? 2 : 0;
        case Terminator::custom:  // not read here
        case Terminator::any:
            break;
    }
    if (c == '\n') return 1;
    if (c != '\r') return 0;
    if (at + 1 == window_.size()) return last_ ? 1 : SIZE_MAX;
    return window_[at + 1] == '\n' ? 2 : 1;
}

// From behind an opening quote to its closing one. False where the record is not clean, or not all
// there.
bool CleanSplitter::end_quoted(std::size_t& at, bool& escaped) {
    const char quote = dialect_.quote;
    for (;;) {
        at = find(at);
        if (at == window_.size()) {
            incomplete_ = !last_;
            return false;
        }
        char c = window_[at];
        if (c == quote) {
            if (at + 1 == window_.size()) {
                incomplete_ = !last_;
                return last_;
            }
            if (window_[at + 1] != quote) return true;
            escaped = true;
            at += 2;
            continue;
        }
        if (c == dialect_.delimiter) {
            ++at;
            continue;
        }
        // A line end of the field; in CRLF files an LF stands for the pair.
        if (dialect_.terminator == Terminator::crlf) {
            if (window_[at - 1] == '\r') ++line_ends_;
            ++at;
            continue;
        }
        std::size_t length = line_end_at(at);
        if (length == SIZE_MAX) {
            incomplete_ = true;
            return false;
        }
        ++line_ends_;
        at += length;
    }
}

CleanSplitter::Outcome CleanSplitter::split(std::string_view window, std::size_t start, bool last) {
    window_ = window;
    last_ = last;
    incomplete_ = false;
    line_ends_ = 0;
    fields_.clear();
    escaped_.clear();
    const bool crlf = dialect_.terminator == Terminator::crlf;
    auto stopped = [&] { return incomplete_ ? Outcome::incomplete : Outcome::declined; };
    for (std::size_t at = start;;) {
        std::size_t begin = at, end;
        bool quoted = at < window.size() && window[at] == dialect_.quote, escaped = false;
        if (quoted) {
            ++begin;
            ++at;
            if (!end_quoted(at, escaped)) return stopped();
            end = at++;
        } else {
            do {
                at = find(at);
                // In CRLF files an LF alone is text.
                if (!crlf || at == window.size() || window[at] != '\n') break;
                if (at > begin && window[at - 1] == '\r') {
                    --at;
                    break;
                }
                ++at;
            } while (true);
            end = at;
        }
        if (end - begin > dialect_.max_field_bytes) return Outcome::declined;
        if (fields_.size() == dialect_.max_fields) return Outcome::declined;
        if (escaped) escaped_.push_back(static_cast<std::uint32_t>(fields_.size()));
        bool null = !quoted && begin == end;
        fields_.push_back(
            {null ? std::string_view() : window.substr(begin, end - begin), null, quoted});
        if (at == window.size()) {
            if (!last) return Outcome::incomplete;
            content_end_ = next_ = at;
            break;
        }
        if (window[at] == dialect_.delimiter) {
            ++at;
            continue;
        }
        std::size_t length = line_end_at(at);
        if (length == SIZE_MAX) return Outcome::incomplete;
        if (length == 0) return Outcome::declined;  // a quote inside, or something behind one
        content_end_ = at;
        next_ = at + length;
        break;
    }
    if (content_end_ - start > dialect_.max_record_bytes) return Outcome::declined;
    if (!escaped_.empty()) unescape();
    return Outcome::record;
}

void CleanSplitter::unescape() {
    std::size_t most = 0;
    for (std::uint32_t i : escaped_) most += fields_[i].text.size();
    if (unescaped_.size() < most) unescaped_.resize(most);
    char* to = unescaped_.data();
    for (std::uint32_t i : escaped_) {
        std::string_view text = fields_[i].text;
        char* begin = to;
        for (std::size_t at = 0; at < text.size(); ++at) {
            *to++ = text[at];
            if (text[at] == dialect_.quote) ++at;
        }
        fields_[i].text = {begin, static_cast<std::size_t>(to - begin)};
    }
}

}  // namespace recon::csv
