// What the reader makes of an input, written down.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv/reader.hpp"

namespace recon::csv::test {

struct Event {
    std::uint64_t line = 0, offset = 0;
    std::string raw, code, message;
    std::vector<std::string> fields;
    bool operator==(const Event&) const = default;
};

inline std::string shown(const Event& event) {
    std::string text = std::to_string(event.line) + "@" + std::to_string(event.offset) + " " +
                       event.code + " <" + event.raw + ">";
    for (const std::string& field : event.fields) text += " " + field;
    return text;
}

inline void PrintTo(const Event& event, std::ostream* out) {
    *out << shown(event);
}

class Recorder : public RecordHandler {
  public:
    void on_record(std::span<const Field> fields, const Place& place) override {
        Event event{place.line, place.offset, std::string(place.raw), "", "", {}};
        for (const Field& field : fields)
            event.fields.push_back((field.null     ? "N"
                                    : field.quoted ? "Q"
                                                   : "T") +
                                   std::string(field.text));
        events.push_back(std::move(event));
    }
    void on_reject(const char* code, std::string_view message, const Place& place) override {
        events.push_back(
            {place.line, place.offset, std::string(place.raw), code, std::string(message), {}});
    }
    std::vector<Event> events;
};

inline std::vector<Event> read(std::string_view input, const Dialect& dialect, std::size_t chunk) {
    Recorder recorder;
    RecordReader reader(dialect, recorder);
    for (std::size_t at = 0; at < input.size(); at += chunk) {
        // A copy of its own: a view kept beyond feed() would be caught by the sanitizer.
        std::string piece(input.substr(at, chunk));
        reader.feed(piece);
    }
    reader.finish();
    return recorder.events;
}

}  // namespace recon::csv::test
