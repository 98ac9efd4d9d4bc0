#include "core/ingest/engine.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/detect/suggest.hpp"
#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "core/input/encodings.hpp"

namespace recon::ingest {

namespace {

std::string count_of_columns(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " column" : " columns");
}

}  // namespace

Engine::Engine(Options options, Mapping mapping, TextCodec& codec, Sink& sink, StopToken& stop)
    : options_(std::move(options)),
      mapping_(std::move(mapping)),
      codec_(codec),
      sink_(sink),
      stop_(stop),
      stop_check_(stop, 256),
      converter_(options_, codec) {
    if (!options_.header) check_without_header(mapping_);
    if (input::find_wide(options_.encoding) != nullptr) codec_.use_utf8();
}

void Engine::feed(std::string_view bytes) {
    counts_.bytes += bytes.size();
    unpacker_.feed(bytes, [this](std::string_view part) { take(part); });
}

void Engine::take(std::string_view bytes) {
    check_stop(stop_);
    if (reader_.has_value()) {
        read(bytes);
        return;
    }
    std::size_t wanted = options_.auto_keys.empty() ? input::longest_mark : detect::longest_head;
    if (head_.empty() && bytes.size() >= wanted) {
        start(bytes);
        return;
    }
    head_.append(bytes);
    if (head_.size() >= wanted) start(std::exchange(head_, {}));
}

void Engine::finish() {
    unpacker_.finish([this](std::string_view part) { take(part); });
    if (!reader_.has_value()) start(head_);
    if (decoder_.has_value())
        decoder_->finish([this](std::string_view text) {
            reader_->feed(text);
            return reader_->position();
        });
    reader_->finish();
}

void Engine::read(std::string_view bytes) {
    if (!decoder_.has_value()) {
        reader_->feed(bytes);
        return;
    }
    decoder_->feed(bytes, [this](std::string_view text) {
        check_stop(stop_);
        reader_->feed(text);
        return reader_->position();
    });
}

void Engine::begin_columns(std::vector<std::string> names) {
    bound_ = bind_mapping(mapping_, names);
    bound();
}

void Engine::add(std::span<const csv::Field> fields, const csv::Place& place) {
    counts_.bytes += place.raw.size();
    on_record(fields, place);
}

void Engine::add_raw(const csv::Place& place) {
    counts_.bytes += place.raw.size();
    std::string decoded;
    std::string_view text = place.raw;
    if (const input::WideEncoding* wide = input::find_wide(options_.encoding); wide != nullptr) {
        decoded = input::decode_all(*input::resolve_endian(*wide, text), text);
        text = decoded;
    }
    // What was kept of a line without end is no record, though it may look like one.
    constexpr std::size_t kept = csv::kept_of_endless_line, longest_character = 4;
    bool cut =
        text.size() <= kept && text.size() > kept - (decoded.empty() ? 1 : longest_character);
    if (cut) {
        ++counts_.read;
        reject({}, sqlstate::program_limit_exceeded,
               "only the first " + std::to_string(kept) + " bytes of the record were kept", place);
        return;
    }
    make_dialect();
    csv::Dialect dialect = dialect_;
    dialect.skip_lines = 0;
    dialect.comment.reset();
    retried_ = &place;
    csv::RecordHandler& handler = *this;
    csv::RecordReader reader(dialect, handler);
    reader.feed(text);
    reader.finish();
    retried_ = nullptr;
}

void Engine::add_reject(const Reject& reject) {
    counts_.bytes += reject.raw.size();
    ++counts_.read;
    ++counts_.rejected;
    sink_.take(reject);
}

void Engine::resolve_auto(std::string_view head) {
    if (options_.auto_keys.empty()) return;
    bool delimiter = options_.is_auto("delimiter");
    options_.encoding_found = options_.encoding_found || options_.is_auto("encoding");
    detect::resolve(options_, head);
    if (delimiter && !field::is_plain_ascii(options_.delimiter)) from_utf8(options_.delimiter);
    if (!options_.header) check_without_header(mapping_);
}

// What was found in the sample is UTF-8, and options are in the server's encoding.
void Engine::from_utf8(std::string& text) {
    std::string scratch;
    std::string_view decoded;
    codec_.use_utf8();
    if (codec_.decode(text, scratch, decoded)) text = std::string(decoded);
    codec_.use(options_.encoding);
}

void Engine::make_dialect() {
    dialect_ = dialect_of(options_);
    encode("delimiter", dialect_.delimiter);
    encode("line_terminator", dialect_.custom_terminator);
}

void Engine::encode(const char* option, std::string& text) {
    if (field::is_plain_ascii(text)) return;
    std::string raw;
    if (!codec_.encode(text, raw))
        throw Error(sqlstate::invalid_parameter_value,
                    "option \"" + std::string(option) + "\": \"" + text +
                        "\" has no equivalent in encoding \"" + options_.encoding + "\"");
    text = std::move(raw);
}

std::size_t Engine::find_encoding(std::string_view head) {
    const input::ByteOrderMark* mark = input::find_mark(head);
    const input::WideEncoding* wide = input::find_wide(options_.encoding);
    if (mark != nullptr) {
        options_.encoding = mark->encoding;
        options_.encoding_found = true;
    } else if (wide != nullptr && wide->either_endian) {
        options_.encoding = input::resolve_endian(*wide, head)->name;
        options_.encoding_found = true;
    }
    if (mark != nullptr || input::find_wide(options_.encoding) != nullptr)
        codec_.use_utf8();
    else if (options_.encoding_found)
        codec_.use(options_.encoding);
    return mark != nullptr ? mark->bytes.size() : 0;
}

void Engine::start(std::string_view head) {
    resolve_auto(head);
    std::size_t mark = find_encoding(head);
    head.remove_prefix(mark);
    make_dialect();
    csv::RecordHandler& handler = *this;
    if (const input::WideEncoding* wide = input::find_wide(options_.encoding); wide != nullptr) {
        decoder_.emplace(*wide, mark);
        // The record at hand is held twice, and is longer as it came.
        dialect_.max_record_bytes /= 2;
        mark = 0;
    }
    reader_.emplace(dialect_, handler, mark);
    read(head);
}

csv::Place Engine::place_of(const csv::Place& read_at) {
    if (retried_ != nullptr) return *retried_;
    if (!decoder_.has_value()) return read_at;
    input::Decoder::Origin origin = decoder_->origin(read_at.offset, read_at.raw.size());
    return {read_at.line, origin.offset, origin.bytes};
}

// The external_id of the record before it is not this one's, should it be rejected.
void Engine::begin_record(const csv::Place& read_at) {
    line_ = read_at.line;
    stop_check_();
    record_.fields[static_cast<std::size_t>(Field::external_id)].kind = Cell::Kind::null;
}

void Engine::on_record(std::span<const csv::Field> fields, const csv::Place& read_at) {
    begin_record(read_at);
    if (!is_bound_) {
        bind_to(fields);
        if (options_.header) return;
    }
    csv::Place place = place_of(read_at);
    ++counts_.read;
    if (fields.size() != bound_.column_names.size()) {
        reject({}, sqlstate::bad_copy_file_format,
               "record has " + count_of_columns(fields.size()) + ", expected " +
                   std::to_string(bound_.column_names.size()),
               place);
        return;
    }
    Fault fault;
    converter_.begin(read_at.raw);
    if (!convert(fields, fault)) {
        reject(bound_.column_names[fault.column], fault.code, fault.message, place);
        return;
    }
    ++counts_.loaded;
    record_.line_no = place.line;
    record_.byte_offset = place.offset;
    record_.raw = place.raw;
    record_.attributes = attributes_;
    sink_.take(record_);
}

void Engine::on_reject(const char* code, std::string_view message, const csv::Place& read_at) {
    begin_record(read_at);
    if (!is_bound_ && options_.header)
        throw Error(code, "the header, at line " + std::to_string(read_at.line) +
                              ", cannot be read: " + std::string(message));
    ++counts_.read;
    reject({}, code, message, place_of(read_at));
}

std::string_view Engine::column_of(Field wanted) const {
    for (const BoundField& field : bound_.fields)
        if (field.mapping.field == wanted && !field.columns.empty())
            return bound_.column_names[field.columns[0]];
    return {};
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
    bound();
}

void Engine::bound() {
    for (const BoundField& field : bound_.fields)
        targets_.push_back(field.mapping.field.has_value()
                               ? &record_.fields[static_cast<std::size_t>(*field.mapping.field)]
                               : nullptr);
    is_bound_ = true;
}

// Fields without a mapping stay null in record_; the others are set anew by each record.
bool Engine::convert(std::span<const csv::Field> fields, Fault& fault) {
    attributes_.clear();
    for (std::size_t i = 0; i < bound_.fields.size(); ++i) {
        const BoundField& field = bound_.fields[i];
        if (targets_[i] != nullptr) {
            if (!converter_.convert(field, fields, *targets_[i], fault)) return false;
            continue;
        }
        Attribute& attribute = attributes_.emplace_back();
        attribute.key = field.attribute;
        if (!converter_.convert(field, fields, attribute.value, fault)) return false;
        if (attribute.value.kind == Cell::Kind::null) attributes_.pop_back();
    }
    return true;
}

void Engine::reject(std::string_view column, const char* code, std::string_view message,
                    const csv::Place& place) {
    ++counts_.rejected;
    Reject reject{place.line, place.offset, column, code, message, place.raw, {}};
    const Cell& id = record_.field(Field::external_id);
    if (id.kind == Cell::Kind::text) reject.external_id = id.text;
    sink_.take(reject);
}

}  // namespace recon::ingest
