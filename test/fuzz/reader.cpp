// The record stream: the cut into chunks does not matter, the clean path gives what libcsv gives,
// and each record stands where it is said to.
#include "core/csv/reader.hpp"

#include "core/error.hpp"
#include "options.hpp"

using namespace recon;

namespace {

struct Event {
    std::uint64_t line, offset;
    std::string raw, what;
    std::vector<std::string> fields;
    bool operator==(const Event&) const = default;
};

class Recorder : public csv::RecordHandler {
  public:
    void on_record(std::span<const csv::Field> fields, const csv::Place& place) override {
        Event event{place.line, place.offset, std::string(place.raw), "", {}};
        for (const csv::Field& field : fields)
            event.fields.push_back((field.null     ? 'N'
                                    : field.quoted ? 'Q'
                                                   : 'T') +
                                   std::string(field.text));
        events.push_back(std::move(event));
    }
    void on_reject(const char* code, std::string_view message, const csv::Place& place) override {
        events.push_back({place.line,
                          place.offset,
                          std::string(place.raw),
                          code + (" " + std::string(message)),
                          {}});
    }
    std::vector<Event> events;
};

std::vector<Event> read(std::string_view input, const csv::Dialect& dialect, std::size_t first,
                        std::size_t second) {
    Recorder recorder;
    csv::RecordReader reader(dialect, recorder);
    fuzz::in_chunks(input, first, second, [&](std::string_view part) { reader.feed(part); });
    reader.finish();
    return recorder.events;
}

std::string shown(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        text += std::to_string(event.line) + "@" + std::to_string(event.offset) + " " + event.what +
                " <" + event.raw + ">";
        for (const std::string& field : event.fields) text += " [" + field + "]";
        text += '\n';
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Draw draw(data, size);
    csv::Dialect dialect;
    try {
        dialect = ingest::dialect_of(ingest::parse_options(fuzz::draw_dialect(draw)));
    } catch (const Error&) {
        return 0;  // not a dialect, or not one that is supported
    }
    static constexpr std::size_t record_limits[] = {1000, 1, 5, 20}, field_limits[] = {1000, 1, 3};
    dialect.max_record_bytes = draw.one_of(record_limits);
    dialect.max_fields = draw.one_of(field_limits);
    std::size_t first = 1 + draw.choice(64), second = 1 + draw.choice(64);
    std::string_view input = draw.rest();

    std::vector<Event> whole = read(input, dialect, SIZE_MAX, SIZE_MAX);
    for (auto [odd, even] : {std::pair{first, second}, std::pair{std::size_t{1}, std::size_t{1}}}) {
        std::vector<Event> cut = read(input, dialect, odd, even);
        fuzz::require(cut == whole, "chunks do not matter", shown(whole) + "---\n" + shown(cut));
    }
    std::uint64_t line = 0, end = 0;
    for (const Event& event : whole) {
        fuzz::require(input.substr(event.offset, event.raw.size()) == event.raw, "offset and raw",
                      shown(whole));
        fuzz::require(event.offset >= end && event.line > line, "records in order", shown(whole));
        line = event.line;
        end = event.offset + event.raw.size();
    }
    if (dialect.clean_path) {
        dialect.clean_path = false;
        std::vector<Event> slow = read(input, dialect, first, second);
        fuzz::require(slow == whole, "both splitters agree", shown(whole) + "---\n" + shown(slow));
    }
    return 0;
}
