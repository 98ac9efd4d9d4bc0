// Finds physical line ends in a window of bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "core/csv/dialect.hpp"

namespace recon::csv {

struct Line {
    std::size_t content_end = 0;  // where its terminator begins
    std::size_t next = 0;         // where the next line begins; content_end at the end of the input
    bool complete = false;        // false: content_end is how far the window tells
};

class LineFinder {
  public:
    explicit LineFinder(const Dialect& dialect)
        : terminator_(dialect.terminator), custom_(dialect.custom_terminator) {}

    // Forgets what it knows: for a new window, or a step back in the same one.
    void restart() { known_ = false; }

    // The end of the line that holds window[from], of which no part of the terminator is before
    // `from`. A CR at the end of the window is left for later,
    // because an LF may follow; `last`: nothing follows the window.
    Line find(std::string_view window, std::size_t from, bool last) {
        switch (terminator_) {
            case Terminator::lf:
                return one_byte(window, from, last, '\n');
            case Terminator::cr:
                return one_byte(window, from, last, '\r');
            case Terminator::crlf:
                return crlf(window, from, last);
            case Terminator::custom:
                return custom(window, from, last);
            case Terminator::any:
                break;
        }
        return any(window, from, last);
    }

  private:
    static std::size_t search(std::string_view window, std::size_t from, char wanted) {
        if (from >= window.size()) return window.size();
        const void* hit = std::memchr(window.data() + from, wanted, window.size() - from);
        if (hit == nullptr) return window.size();
        return static_cast<std::size_t>(static_cast<const char*>(hit) - window.data());
    }

    static Line one_byte(std::string_view window, std::size_t from, bool last, char wanted) {
        std::size_t end = search(window, from, wanted);
        if (end == window.size()) return {end, end, last};
        return {end, end + 1, true};
    }

    static Line crlf(std::string_view window, std::size_t from, bool last) {
        for (std::size_t at = from;;) {
            at = search(window, at, '\n');
            if (at == window.size()) break;
            if (at > from && window[at - 1] == '\r') return {at - 1, at + 1, true};
            ++at;
        }
        bool held = !last && window.size() > from && window.back() == '\r';
        std::size_t end = window.size() - (held ? 1 : 0);
        return {end, end, last};
    }

    // As many bytes as may be the beginning of a terminator are left for later.
    Line custom(std::string_view window, std::size_t from, bool last) const {
        std::size_t end = window.find(custom_, from);
        if (end != std::string_view::npos) return {end, end + custom_.size(), true};
        end = window.size();
        if (!last) end = std::max(from, end - std::min(end, custom_.size() - 1));
        return {end, end, last};
    }

    Line any(std::string_view window, std::size_t from, bool last) {
        // Each byte is searched for once: a file that has no CR at all must not be scanned for it
        // at each line.
        if (!known_ || lf_ < from) lf_ = search(window, from, '\n');
        if (!known_ || cr_ < from) cr_ = search(window, from, '\r');
        known_ = true;
        if (lf_ < cr_) return {lf_, lf_ + 1, true};
        if (cr_ == window.size()) return {cr_, cr_, last};
        bool followed = cr_ + 1 < window.size();
        if (!followed && !last) return {cr_, cr_, false};
        return {cr_, cr_ + 1 + (followed && window[cr_ + 1] == '\n' ? 1 : 0), true};
    }

    const Terminator terminator_;
    const std::string custom_;
    std::size_t lf_ = 0, cr_ = 0;
    bool known_ = false;
};

}  // namespace recon::csv
