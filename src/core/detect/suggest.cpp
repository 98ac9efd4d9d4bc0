#include "core/detect/suggest.hpp"

#include <algorithm>
#include <cmath>

#include "core/detect/build_mapping.hpp"
#include "core/detect/dialect.hpp"
#include "core/detect/encoding.hpp"
#include "core/detect/inspect.hpp"
#include "core/detect/table.hpp"
#include "core/input/unpacker.hpp"

namespace recon::detect {

namespace {

json::Value text(std::string value) {
    json::Value result;
    result.kind = json::Kind::string;
    result.text = std::move(value);
    return result;
}

json::Value truth(bool value) {
    json::Value result;
    result.kind = json::Kind::boolean;
    result.boolean = value;
    return result;
}

json::Value number(std::string value) {
    json::Value result;
    result.kind = json::Kind::number;
    result.text = std::move(value);
    return result;
}

// With two decimals: more would feign a precision that is not there.
json::Value share(double value) {
    long hundredths = std::lround(100 * std::clamp(value, 0.0, 1.0));
    std::string digits = std::to_string(hundredths % 100);
    return number(std::to_string(hundredths / 100) + "." + (digits.size() < 2 ? "0" : "") + digits);
}

json::Value empty(json::Kind kind) {
    json::Value result;
    result.kind = kind;
    return result;
}

std::string quote_text(char c) {
    return c == 0 ? std::string() : std::string(1, c);
}

json::Value dialect_json(const Encoding& encoding, const DialectGuess& dialect,
                         const Table& table) {
    json::Value object = empty(json::Kind::object);
    auto& members = object.members;
    members.emplace_back("delimiter", text(dialect.form.delimiter));
    members.emplace_back("quote", text(quote_text(dialect.form.quote)));
    members.emplace_back("escape", text(quote_text(dialect.form.escape)));
    members.emplace_back("encoding", text(encoding.name));
    members.emplace_back("header", truth(table.header));
    members.emplace_back("skip_lines", number(std::to_string(table.skip_lines)));
    if (!dialect.form.terminator.empty())
        members.emplace_back("line_terminator", text(dialect.form.terminator));
    if (dialect.form.comment)
        members.emplace_back("comment", text(std::string(1, *dialect.form.comment)));
    if (dialect.trim) members.emplace_back("trim", truth(true));
    return object;
}

// Of the fields: their mean, where an amount or a date that is missing counts as 0.
double confidence_of(const MappingGuess& mapping) {
    double sum = 0;
    std::size_t count = 0;
    bool amount = false, date = false;
    for (const auto& [name, value] : mapping.confidence) {
        amount = amount || name == "amount";
        date = date || name == "transaction_date";
        sum += value;
        ++count;
    }
    count += !amount + !date;
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

json::Value confidence_json(const Encoding& encoding, const DialectGuess& dialect,
                            const Table& table, const MappingGuess& mapping) {
    json::Value object = empty(json::Kind::object), fields = empty(json::Kind::object);
    for (const auto& [name, value] : mapping.confidence)
        fields.members.emplace_back(name, share(value));
    double overall = std::min(
        {encoding.confidence, dialect.confidence, table.confidence, confidence_of(mapping)});
    auto& members = object.members;
    members.emplace_back("overall", share(overall));
    members.emplace_back("encoding", share(encoding.confidence));
    members.emplace_back("dialect", share(dialect.confidence));
    members.emplace_back("header", share(table.confidence));
    members.emplace_back("fields", std::move(fields));
    return object;
}

}  // namespace

json::Value suggest(std::string_view sample) {
    std::string unpacked = input::unpack_head(sample, longest_sample);
    sample = unpacked;
    Encoding encoding = detect_encoding(sample);
    std::string decoded = to_utf8(sample, encoding);
    DialectGuess dialect = detect_dialect(decoded);
    Table table = find_table(decoded, dialect);
    MappingGuess mapping;
    if (!table.all.rows.empty()) mapping = build_mapping(table, inspect(table, dialect));
    json::Value notes = empty(json::Kind::array);
    for (std::string& note : mapping.notes) notes.items.push_back(text(std::move(note)));
    if (table.all.rows.empty()) notes.items.push_back(text("The sample has no rows."));

    json::Value result = empty(json::Kind::object);
    result.members.emplace_back("dialect", dialect_json(encoding, dialect, table));
    result.members.emplace_back("confidence", confidence_json(encoding, dialect, table, mapping));
    result.members.emplace_back("mapping", std::move(mapping.mapping));
    result.members.emplace_back("notes", std::move(notes));
    return result;
}

void resolve(ingest::Options& options, std::string_view head) {
    if (options.auto_keys.empty()) return;
    head = head.substr(0, longest_head);
    auto first_byte = [](const std::string& value) { return value.empty() ? '\0' : value[0]; };
    Encoding encoding = detect_encoding(head);
    // A mark decides whatever was said.
    if (encoding.mark == 0 && !options.is_auto("encoding")) encoding.name = options.encoding;
    std::string decoded = to_utf8(head, encoding);
    Known known;
    if (!options.is_auto("delimiter")) known.delimiter = options.delimiter;
    if (!options.is_auto("line_terminator")) known.terminator = options.line_terminator;
    if (!options.is_auto("quote")) known.quote = first_byte(options.quote);
    // An escape that nobody named is the quote, whichever that will be.
    bool find_escape =
        options.is_auto("escape") || (options.is_auto("quote") && options.escape == options.quote);
    if (!find_escape) known.escape = first_byte(options.escape);
    if (!options.is_auto("comment")) known.comment = first_byte(options.comment);
    DialectGuess dialect = detect_dialect(decoded, known);
    std::optional<bool> header;
    if (!options.is_auto("header")) header = options.header;
    std::optional<std::size_t> skip;
    if (!options.is_auto("skip_lines")) skip = static_cast<std::size_t>(options.skip_lines);
    Table table = find_table(decoded, dialect, header, skip);

    if (options.is_auto("encoding")) options.encoding = encoding.name;
    if (options.is_auto("delimiter")) options.delimiter = dialect.form.delimiter;
    if (options.is_auto("quote")) options.quote = quote_text(dialect.form.quote);
    if (find_escape) options.escape = quote_text(dialect.form.escape);
    if (options.is_auto("line_terminator")) options.line_terminator = dialect.form.terminator;
    if (options.is_auto("comment"))
        options.comment = dialect.form.comment ? std::string(1, *dialect.form.comment) : "";
    if (options.is_auto("header")) options.header = table.header;
    if (options.is_auto("skip_lines")) options.skip_lines = table.skip_lines;
    options.auto_keys.clear();
}

}  // namespace recon::detect
