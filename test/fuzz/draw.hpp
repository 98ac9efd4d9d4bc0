// What the fuzz targets share: parameters drawn from the first line of an input, and a check that
// ends the run.
//
// Each byte of that line is a choice ('0' the first one), and what is not there is '0'; so seeds
// are text that can be read and written by hand. Everything behind the line is the subject.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace recon::fuzz {

inline void require(bool holds, const char* what, const std::string& detail = {}) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n%s\n", what, detail.c_str());
    std::abort();
}

class Draw {
  public:
    Draw(const std::uint8_t* data, std::size_t size)
        : line_(reinterpret_cast<const char*>(data), size) {
        std::size_t end = line_.find('\n');
        if (end == std::string_view::npos) return;
        rest_ = line_.substr(end + 1);
        line_ = line_.substr(0, end);
    }

    std::size_t choice(std::size_t count) {
        if (line_.empty()) return 0;
        auto byte = static_cast<unsigned char>(line_.front() - '0');
        line_.remove_prefix(1);
        return byte % count;
    }
    template <class T, std::size_t N>
    const T& one_of(const T (&values)[N]) {
        return values[choice(N)];
    }
    std::string_view rest() const { return rest_; }

  private:
    std::string_view line_, rest_;
};

// The subject in chunks of their own, so that a view kept too long is noticed; `first` is the size
// of the odd ones, `second` of the even.
template <class Feed>
void in_chunks(std::string_view input, std::size_t first, std::size_t second, const Feed& feed) {
    for (bool odd = true; !input.empty(); odd = !odd) {
        std::string_view part = input.substr(0, odd ? first : second);
        std::vector<char> piece(part.begin(), part.end());
        feed(std::string_view(piece.data(), piece.size()));
        input.remove_prefix(part.size());
    }
}

}  // namespace recon::fuzz
