// The ingest engine: bytes of a CSV file in, typed records and rejects out. Every door (server
// file, COPY stream, upload, relation) runs this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv/reader.hpp"
#include "core/ingest/batch.hpp"
#include "core/ingest/converter.hpp"
#include "core/ingest/mapping.hpp"
#include "core/ingest/options.hpp"
#include "core/input/decoder.hpp"
#include "core/input/unpacker.hpp"
#include "core/limits.hpp"

namespace recon::ingest {

struct Counts {
    std::uint64_t read = 0, loaded = 0, rejected = 0;
    std::uint64_t duplicate = 0;  // known to the sink's side only
    std::uint64_t bytes = 0;
};

// read = loaded + rejected, at every call of the sink and at the end.
class Engine : private csv::RecordHandler {
  public:
    // Throws 0A000 for options that it does not run, 22023 for a mapping that no file without
    // header can meet.
    // `codec`, `sink` and `stop` outlive it. After any exception it is not to be used again.
    Engine(Options options, Mapping mapping, TextCodec& codec, Sink& sink, StopToken& stop);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // The file's bytes as they came: packed with gzip or not, in any encoding. Throws what the sink
    // throws, Stopped, and Error for what is wrong with the file as a whole: its packing (22P04),
    // its encoding (0A000), its header (22P04, 22021), a mapped column that it lacks (42703) or has
    // twice (42702).
    void feed(std::string_view bytes);
    void finish();  // the input ends

    // How many bytes to feed at once so that not too much comes out of them: packed ones may unpack
    // to a thousand times their size.
    std::size_t part_bytes() const { return unpacker_.is_plain() ? SIZE_MAX : 4096; }

    // In place of feed() and finish(), for input that is no CSV stream. The columns' names come
    // first, once, as if from a header; then records by their fields, or by the bytes of one CSV
    // record each in this engine's dialect. `place` says where they came from.
    void begin_columns(std::vector<std::string> names);
    void add(std::span<const csv::Field> fields, const csv::Place& place);
    void add_raw(const csv::Place& place);
    // Likewise a record that its source found to be bad.
    void add_reject(const Reject& reject);

    const Counts& counts() const { return counts_; }
    const std::uint64_t& line() const { return line_; }  // of the record at hand
    // From the first batch on without any "auto".
    const Options& options() const { return options_; }
    // Grows only at the header; stable from the first batch on.
    const std::vector<std::string>& attribute_keys() const { return bound_.attribute_keys; }
    // What begin_columns() takes for records of the same file; empty before the first record.
    const std::vector<std::string>& column_names() const { return bound_.header; }
    std::string_view column_of(Field field) const;  // the first it is made from; empty where none
    // A count is exceeded or not at any time; a percentage is judged against what was read so far.
    bool over_max_rejects() const {
        return options_.max_rejects.exceeded(counts_.rejected, counts_.read);
    }

  private:
    void on_record(std::span<const csv::Field> fields, const csv::Place& place) override;
    void on_reject(const char* code, std::string_view message, const csv::Place& place) override;
    void on_line_without_record() override { stop_check_(); }

    void take(std::string_view bytes);  // unpacked
    void read(std::string_view bytes);
    void resolve_auto(std::string_view head);          // the options that say "auto"
    std::size_t find_encoding(std::string_view head);  // the bytes of its mark
    void from_utf8(std::string& text);
    void make_dialect();  // when the encoding of the input is known
    void encode(const char* option, std::string& text);
    void start(std::string_view head);
    void begin_record(const csv::Place& read_at);
    csv::Place place_of(const csv::Place& read_at);  // in the input as it came
    void bind_to(std::span<const csv::Field> fields);
    void bound();
    bool convert(std::span<const csv::Field> fields, Fault& fault);
    void reject(std::string_view column, const char* code, std::string_view message,
                const csv::Place& place);

    Options options_;
    Mapping mapping_;
    csv::Dialect dialect_;
    BoundMapping bound_;
    bool is_bound_ = false;  // at the first record: the header, where there is one
    TextCodec& codec_;
    Sink& sink_;
    StopToken& stop_;
    StopCheck stop_check_;
    input::Unpacker unpacker_;
    std::optional<input::Decoder> decoder_;  // where the encoding asks for it
    std::optional<csv::RecordReader> reader_;
    const csv::Place* retried_ = nullptr;  // add_raw(): where the record really stands
    std::string
        head_;  // the first bytes, until they tell of a byte order mark and of what says "auto"

    Converter converter_;
    Record record_;  // the one at hand
    std::vector<Attribute> attributes_;
    std::vector<Cell*> targets_;  // of bound_.fields: into record_, or nullptr for an attribute
    Counts counts_;
    std::uint64_t line_ = 0;
};

}  // namespace recon::ingest
