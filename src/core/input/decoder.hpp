// Text in a wide encoding to UTF-8, in chunks of any size, with the way back: for each piece of the
// UTF-8 it tells where in the input it was and what its bytes were.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/input/encodings.hpp"

struct UConverter;

namespace recon::input {

// What stands in the UTF-8 for a sequence of bytes that is no character: no part of any UTF-8, so
// that whoever reads the field finds it invalid.
inline constexpr char invalid_mark = '\xFF';

class Decoder {
  public:
    // `first_offset`: bytes of the input that came before (a byte order mark). Throws Error 0A000
    // where ICU lacks the encoding's converter.
    explicit Decoder(const WideEncoding& encoding, std::uint64_t first_offset = 0);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    // Is given the next UTF-8, at most a few times piece_bytes, and says up to where in all that it
    // was given nothing will be asked for any more.
    using Take = std::function<std::uint64_t(std::string_view)>;
    static constexpr std::size_t piece_bytes = 16 * 1024;

    void feed(std::string_view bytes, const Take& take);
    void finish(const Take& take);  // the input ends

    // Whence `size` bytes of UTF-8 at `offset` came. From call to call `offset` does not fall. The
    // bytes are valid until the next feed() or the end of a take. An end within a character is
    // taken for its beginning.
    struct Origin {
        std::uint64_t offset;
        std::string_view bytes;
    };
    Origin origin(std::uint64_t offset, std::size_t size);

    // Bytes of the input held.
    std::size_t held() const { return source_.size(); }

  private:
    // Characters in a row that take as many bytes here and there. Small, because where short and
    // long ones take turns there is one for each.
    struct Run {
        std::uint8_t count;
        std::uint8_t source : 4, text : 4;
    };

    void decode(bool last);
    template <class Load>
    const char* decode_utf16(const char* at, const char* end, bool last, Load load);
    template <class Load>
    const char* decode_utf32(const char* at, const char* end, bool last, Load load);
    const char* decode_multibyte(const char* at, const char* end, bool last);
    void character(char32_t code_point, std::size_t source_bytes);
    void invalid(std::size_t source_bytes);
    void note(std::size_t source_bytes, std::size_t text_bytes);
    void advance(std::uint64_t text_offset);
    void release(std::uint64_t text_offset);

    const WideEncoding encoding_;
    const std::uint64_t first_offset_;
    struct Close {
        void operator()(UConverter* converter) const;
    };
    std::unique_ptr<UConverter, Close> converter_;

    std::string source_;  // of the input, from source_base_ on
    std::uint64_t source_base_ = 0;
    std::size_t decoded_ = 0;  // of source_
    std::string text_;         // the piece at hand
    std::deque<Run> runs_;     // from text_at_, source_at_ on
    std::uint64_t text_at_ = 0, source_at_ = 0;
};

// Bytes that are all there is, to UTF-8.
std::string decode_all(const WideEncoding& encoding, std::string_view bytes);

}  // namespace recon::input
