#include "core/ingest/engine.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t longest_mark = 4;
constexpr std::size_t batch_bytes = std::size_t{1} << 20;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

// A mark of an encoding in which a comma is not one byte. UTF-32 first: its mark begins like
// UTF-16's.
void refuse_wide_encoding(std::string_view head) {
    static constexpr std::pair<std::string_view, const char*> marks[] = {
        {std::string_view("\xFF\xFE\0\0", 4), "UTF-32"},
        {std::string_view("\0\0\xFE\xFF", 4), "UTF-32"},
        {"\xFF\xFE", "UTF-16"},
        {"\xFE\xFF", "UTF-16"}};
    for (const auto& [mark, name] : marks)
        if (head.starts_with(mark))
            throw Error(sqlstate::feature_not_supported, std::string("the file is ") + name, {},
                        std::string("Convert it to UTF-8, for instance with \"iconv -f ") + name +
                            " -t UTF-8\".");
}

void refuse_compressed(std::string_view head) {
    if (head.starts_with("\x1F\x8B"))
        throw Error(sqlstate::feature_not_supported, "the file is compressed with gzip", {},
                    "Unpack it first, for instance with \"gunzip\".");
}

std::string count_of_columns(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " column" : " columns");
}

}  // namespace

Engine::Engine(Options options, Mapping mapping, TextCodec& codec, Sink& sink, StopToken& stop)
    : options_(std::move(options)),
      mapping_(std::move(mapping)),
      dialect_(dialect_of(options_)),
      codec_(codec),
      sink_(sink),
      stop_(stop),
      stop_check_(stop, 256),
      converter_(options_, codec, arena_) {
    if (!options_.header) check_without_header(mapping_);
}

void Engine::feed(std::string_view bytes) {
    check_stop(stop_);
    counts_.bytes += bytes.size();
    if (reader_.has_value()) {
        reader_->feed(bytes);
        return;
    }
    if (head_.empty() && bytes.size() >= longest_mark) {
        start(bytes);
        return;
    }
    head_.append(bytes);
    if (head_.size() >= longest_mark) start(std::exchange(head_, {}));
}

void Engine::finish() {
    if (!reader_.has_value()) start(head_);
    reader_->finish();
    flush();
}

void Engine::start(std::string_view head) {
    refuse_wide_encoding(head);
    refuse_compressed(head);
    bool marked = head.starts_with(utf8_mark);
    if (marked) {
        head.remove_prefix(utf8_mark.size());
        options_.encoding = "UTF8";
        codec_.use_utf8();
    }
    csv::RecordHandler& handler = *this;
    reader_.emplace(dialect_, handler, marked ? utf8_mark.size() : 0);
    reader_->feed(head);
}

void Engine::on_record(std::span<const csv::Field> fields, const csv::Place& place) {
    stop_check_();
    if (!is_bound_) {
        bind_to(fields);
        if (options_.header) return;
    }
    ++counts_.read;
    if (fields.size() != bound_.column_names.size()) {
        reject({}, sqlstate::bad_copy_file_format,
               "record has " + count_of_columns(fields.size()) + ", expected " +
                   std::to_string(bound_.column_names.size()),
               place);
        return;
    }
    Fault fault;
    if (!convert(fields, place, fault)) {
        reject(bound_.column_names[fault.column], fault.code, std::move(fault.message), place);
        return;
    }
    ++counts_.loaded;
    flush_if_full();
}

void Engine::on_reject(const char* code, std::string_view message, const csv::Place& place) {
    stop_check_();
    if (!is_bound_ && options_.header)
        throw Error(code, "the header, at line " + std::to_string(place.line) +
                              ", cannot be read: " + std::string(message));
    ++counts_.read;
    reject({}, code, std::string(message), place);
}

void Engine::bind_to(std::span<const csv::Field> fields) {
    if (options_.header) {
        std::vector<std::string> names;
        names.reserve(fields.size());
        for (const csv::Field& field : fields)
            names.push_back(converter_.header_name(field, names.size() + 1));
        bound_ = bind_mapping(mapping_, names);
    } else {
        bound_ = bind_mapping(mapping_, static_cast<std::uint32_t>(fields.size()));
    }
    is_bound_ = true;
}

bool Engine::convert(std::span<const csv::Field> fields, const csv::Place& place, Fault& fault) {
    Record& record = records_.emplace_back();
    record.line_no = place.line;
    std::size_t first_attribute = attributes_.size();
    record.first_attribute = static_cast<std::uint32_t>(first_attribute);
    for (const BoundField& field : bound_.fields) {
        Cell attribute;
        Cell& cell = field.mapping.field.has_value()
                         ? record.fields[static_cast<std::size_t>(*field.mapping.field)]
                         : attribute;
        if (!converter_.convert(field, fields, cell, fault)) {
            records_.pop_back();
            attributes_.resize(first_attribute);
            return false;
        }
        if (!field.mapping.field.has_value() && cell.kind != Cell::Kind::null)
            attributes_.push_back({field.attribute, cell});
    }
    record.attribute_count = static_cast<std::uint32_t>(attributes_.size() - first_attribute);
    return true;
}

void Engine::reject(std::string column, const char* code, std::string message,
                    const csv::Place& place) {
    Reject& reject = rejects_.emplace_back();
    reject.line_no = place.line;
    reject.byte_offset = place.offset;
    reject.column_name = std::move(column);
    std::memcpy(reject.code, code, 5);
    reject.message = std::move(message);
    reject.raw.assign(place.raw);
    reject_bytes_ += place.raw.size() + sizeof(Reject) + 256;
    ++counts_.rejected;
    flush_if_full();
}

void Engine::flush_if_full() {
    std::size_t held = arena_.used() + attributes_.size() * sizeof(Attribute) + reject_bytes_;
    if (records_.size() >= options_.batch_size || rejects_.size() >= options_.batch_size ||
        held >= batch_bytes)
        flush();
}

void Engine::flush() {
    if (records_.empty() && rejects_.empty()) return;
    sink_.take({records_, attributes_, rejects_});
    records_.clear();
    attributes_.clear();
    rejects_.clear();
    reject_bytes_ = 0;
    arena_.clear();
}

}  // namespace recon::ingest
