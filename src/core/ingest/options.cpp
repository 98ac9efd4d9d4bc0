#include "core/ingest/options.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/field/raw_text.hpp"

namespace recon::ingest {

namespace {

constexpr char what[] = "options";
constexpr long long largest_field = 64LL << 20;
constexpr std::size_t longest_mark = 64;  // bytes of a delimiter or a line end

// The options that suggest_mapping can guess.
constexpr std::array<std::string_view, 8> guessable = {"delimiter",       "quote",    "escape",
                                                       "line_terminator", "encoding", "header",
                                                       "skip_lines",      "comment"};

bool says_auto(const json::Value* value) {
    return value != nullptr && value->kind == json::Kind::string && value->text == "auto";
}

// Reads options one by one; one that says "auto" keeps its default.
class Reader {
  public:
    Reader(const json::Value& value, Options& options)
        : reader_(value, "$", what), options_(options) {}

    const json::Value* get(const char* key) {
        const json::Value* found = reader_.get(key);
        if (!says_auto(found) ||
            std::find(guessable.begin(), guessable.end(), key) == guessable.end())
            return found;
        options_.auto_keys.emplace_back(key);
        return nullptr;
    }

    void text(const char* key, std::string& target) {
        const json::Value* found = get(key);
        if (found != nullptr) target = json::as_string(*found, reader_.path(key), what);
    }
    void boolean(const char* key, bool& target) {
        const json::Value* found = get(key);
        if (found != nullptr) target = json::as_boolean(*found, reader_.path(key), what);
    }
    template <typename Integer>
    void integer(const char* key, Integer& target, long long lowest, long long highest) {
        const json::Value* found = get(key);
        if (found == nullptr) return;
        target = static_cast<Integer>(
            json::as_integer(*found, reader_.path(key), what, lowest, highest));
    }

    [[noreturn]] void fail(const char* key, const std::string& problem,
                           const std::string& hint = {}) const {
        json::fail(reader_.path(key), what, problem, hint);
    }
    std::string path(const char* key) const { return reader_.path(key); }
    void finish() const { reader_.finish(); }

  private:
    json::ObjectReader reader_;
    Options& options_;
};

bool holds_any(const std::string& text, std::string_view bytes) {
    return text.find_first_of(bytes) != std::string::npos;
}

void read_one_byte(Reader& reader, const char* key, std::string& target) {
    reader.text(key, target);
    if (target.size() > 1 || holds_any(target, std::string_view("\r\n\0", 3)) ||
        (!target.empty() && static_cast<unsigned char>(target[0]) > 0x7F))
        reader.fail(key, "must be a single one-byte character, or empty for none");
}

void read_bytes(Reader& reader, const char* key, std::string& target) {
    reader.text(key, target);
    if (target.size() > longest_mark) reader.fail(key, "is too long");
    if (holds_any(target, std::string_view("\0", 1))) reader.fail(key, "must not hold a NUL");
}

// Lines are found first. A usual line end is no part of a delimiter; of one of several bytes, a
// part may be.
bool holds_line_end(const Options& options) {
    if (options.terminator() != csv::Terminator::custom)
        return holds_any(options.delimiter, "\r\n");
    return options.delimiter.find(options.line_terminator) != std::string::npos;
}

void read_punctuation(Reader& reader, Options& options) {
    read_bytes(reader, "delimiter", options.delimiter);
    if (options.delimiter.empty()) reader.fail("delimiter", "must not be empty");
    read_one_byte(reader, "quote", options.quote);
    options.escape = options.quote;
    read_one_byte(reader, "escape", options.escape);
    read_bytes(reader, "line_terminator", options.line_terminator);
    if (holds_line_end(options)) reader.fail("delimiter", "must not hold a line end");
    if (options.quote.empty() && !options.escape.empty())
        reader.fail("escape", "must be empty where there is no quote");
    for (const char* key : {"quote", "escape"}) {
        const std::string& mark = key[0] == 'q' ? options.quote : options.escape;
        if (mark.empty()) continue;
        if (options.delimiter.find(mark) != std::string::npos)
            reader.fail(key, "must not occur in the delimiter");
        if (options.line_terminator.find(mark) != std::string::npos)
            reader.fail(key, "must not occur in the line terminator");
    }
    read_one_byte(reader, "comment", options.comment);
    if (options.comment.empty()) return;
    if (options.comment == options.quote || options.delimiter.starts_with(options.comment))
        reader.fail("comment", "must differ from the delimiter and the quote");
}

void read_nulls(Reader& reader, Options& options) {
    const json::Value* found = reader.get("null");
    if (found == nullptr) return;
    auto& nulls = options.nulls.emplace();
    if (found->kind == json::Kind::string) {
        nulls.push_back(found->text);
    } else if (found->kind == json::Kind::array) {
        for (std::size_t i = 0; i < found->items.size(); ++i)
            nulls.push_back(json::as_string(
                found->items[i], reader.path("null") + "[" + std::to_string(i) + "]", what));
    } else {
        reader.fail("null", std::string("expected a string or an array of strings, got ") +
                                json::kind_name(found->kind));
    }
}

// As the values are that they are compared with.
void settle_nulls(Options& options) {
    if (!options.nulls) return;
    if (options.trim)
        for (std::string& text : *options.nulls) text = std::string(field::trim_blanks(text));
    std::sort(options.nulls->begin(), options.nulls->end());
}

void read_max_rejects(Reader& reader, Options& options) {
    const json::Value* found = reader.get("max_rejects");
    if (found == nullptr) return;
    if (found->kind != json::Kind::number && found->kind != json::Kind::string)
        reader.fail("max_rejects", std::string("expected a number or a text such as \"1%\", got ") +
                                       json::kind_name(found->kind));
    MaxRejects& limit = options.max_rejects;
    std::string_view text = found->text;
    bool percent = found->kind == json::Kind::string && text.ends_with('%');
    if (percent) text.remove_suffix(1);
    field::DecimalResult number = field::parse_decimal(text);
    if (number.error == field::DecimalError::syntax)
        reader.fail("max_rejects", "expected a number or a text such as \"1%\"");
    field::int128 one = static_cast<field::int128>(field::power_of_ten(number.value.scale));
    field::int128 coefficient = number.value.coefficient;
    if (number.error != field::DecimalError::none || coefficient < 0)
        reader.fail("max_rejects", "must not be negative or beyond all bounds");
    if (percent) {
        if (coefficient > 100 * one)
            reader.fail("max_rejects", "a percentage must be between 0% and 100%");
        limit.kind = MaxRejects::Kind::percent;
        limit.percent = number.value;
        return;
    }
    if (coefficient % one != 0) reader.fail("max_rejects", "expected an integer");
    if (coefficient / one > INT64_MAX) reader.fail("max_rejects", "must fit in 64 bits");
    limit.kind = MaxRejects::Kind::count;
    limit.count = static_cast<std::uint64_t>(coefficient / one);
}

void read_on_duplicate(Reader& reader, Options& options) {
    static constexpr std::pair<std::string_view, OnDuplicate> names[] = {
        {"skip", OnDuplicate::skip},
        {"reject", OnDuplicate::reject},
        {"error", OnDuplicate::error},
        {"update", OnDuplicate::update}};
    std::string given = "skip";
    reader.text("on_duplicate", given);
    for (const auto& [name, value] : names) {
        if (name != given) continue;
        options.on_duplicate = value;
        return;
    }
    reader.fail("on_duplicate", "unknown value \"" + given + "\"",
                "Known values: skip, reject, error, update.");
}

void put(json::Value& object, const std::string& key, json::Value value) {
    for (auto& member : object.members)
        if (member.first == key) {
            member.second = std::move(value);
            return;
        }
    object.members.emplace_back(key, std::move(value));
}

}  // namespace

bool MaxRejects::exceeded(std::uint64_t rejected, std::uint64_t read) const {
    switch (kind) {
        case Kind::unlimited:
            return false;
        case Kind::count:
            return rejected > count;
        case Kind::percent:
            break;
    }
    // rejected / read > percent / 100, in integers: exact at the limit.
    return !field::product_at_most(rejected, 100 * field::power_of_ten(percent.scale),
                                   static_cast<field::uint128>(percent.coefficient), read);
}

bool Options::is_auto(std::string_view key) const {
    return std::find(auto_keys.begin(), auto_keys.end(), key) != auto_keys.end();
}

csv::Terminator Options::terminator() const {
    if (line_terminator.empty()) return csv::Terminator::any;
    if (line_terminator == "\n") return csv::Terminator::lf;
    if (line_terminator == "\r") return csv::Terminator::cr;
    return line_terminator == "\r\n" ? csv::Terminator::crlf : csv::Terminator::custom;
}

Options parse_options(const json::Value& value) {
    Options options;
    Reader reader(value, options);
    read_punctuation(reader, options);
    reader.text("encoding", options.encoding);
    if (options.encoding.empty()) reader.fail("encoding", "must not be empty");
    reader.boolean("header", options.header);
    reader.integer("skip_lines", options.skip_lines, 0, 1000000000);
    read_nulls(reader, options);
    reader.boolean("trim", options.trim);
    settle_nulls(options);
    for (const char* key : {"quote", "escape"}) {
        const std::string& mark = key[0] == 'q' ? options.quote : options.escape;
        if (options.trim && (mark == " " || mark == "\t"))
            reader.fail(key, "must not be a blank where blanks are trimmed");
    }
    reader.integer("max_field_bytes", options.max_field_bytes, 1, largest_field);
    read_max_rejects(reader, options);
    read_on_duplicate(reader, options);
    reader.integer("batch_size", options.batch_size, 1, 100000);
    reader.boolean("force", options.force);
    reader.finish();
    return options;
}

namespace {

std::string_view text_of(const json::Value& object, const char* key, std::string_view otherwise) {
    const json::Value* value = object.find(key);
    if (value == nullptr || value->kind == json::Kind::null) return otherwise;
    return value->kind == json::Kind::string ? std::string_view(value->text) : std::string_view();
}

// An escape that only says the default of its quote, which another quote takes the place of; where
// there is no quote any more, it means nothing.
bool escape_is_void(const json::Value& base, const json::Value& over) {
    if (over.find("quote") == nullptr || over.find("escape") != nullptr) return false;
    std::string_view quote = text_of(base, "quote", "\"");
    std::string_view escape = text_of(base, "escape", quote);
    return (escape == quote && escape != "auto") || text_of(over, "quote", "\"").empty();
}

}  // namespace

json::Value merge(const json::Value& base, const json::Value& over) {
    for (const json::Value* layer : {&base, &over})
        if (layer->kind != json::Kind::null && layer->kind != json::Kind::object)
            json::fail("$", what,
                       std::string("expected an object, got ") + json::kind_name(layer->kind));
    json::Value merged = base;
    merged.kind = json::Kind::object;
    if (escape_is_void(base, over))
        std::erase_if(merged.members,
                      [](const json::Member& member) { return member.first == "escape"; });
    for (const auto& [key, value] : over.members) {
        bool found = false;
        for (auto& member : merged.members) {
            if (member.first != key) continue;
            member.second = value;
            found = true;
        }
        if (!found) merged.members.emplace_back(key, value);
    }
    return merged;
}

json::Value resolved(const json::Value& given, const Options& options) {
    auto text = [](std::string value) {
        json::Value result;
        result.kind = json::Kind::string;
        result.text = std::move(value);
        return result;
    };
    json::Value result = given;
    if (options.encoding_found) put(result, "encoding", text(options.encoding));
    bool quote_found = false, escape_given = false;
    for (auto& [key, value] : result.members) {
        escape_given = escape_given || key == "escape";
        if (!says_auto(&value) || options.is_auto(key) ||
            std::find(guessable.begin(), guessable.end(), key) == guessable.end())
            continue;
        quote_found = quote_found || key == "quote";
        if (key == "delimiter") value = text(options.delimiter);
        if (key == "quote") value = text(options.quote);
        if (key == "escape") value = text(options.escape);
        if (key == "line_terminator") value = text(options.line_terminator);
        if (key == "encoding") value = text(options.encoding);
        if (key == "comment") value = text(options.comment);
        if (key == "header") {
            value.kind = json::Kind::boolean;
            value.boolean = options.header;
        }
        if (key == "skip_lines") {
            value.kind = json::Kind::number;
            value.text = std::to_string(options.skip_lines);
        }
    }
    // Where there is neither, the default says so.
    std::erase_if(result.members, [](const json::Member& member) {
        return (member.first == "line_terminator" || member.first == "comment") &&
               member.second.kind == json::Kind::string && member.second.text.empty();
    });
    if (quote_found && !escape_given) result.members.emplace_back("escape", text(options.escape));
    return result;
}

csv::Dialect dialect_of(const Options& options) {
    csv::Dialect dialect;
    auto byte = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional<char>(text[0]);
    };
    dialect.delimiter = options.delimiter;
    dialect.quote = byte(options.quote);
    dialect.escape = byte(options.escape);
    dialect.terminator = options.terminator();
    if (dialect.terminator == csv::Terminator::custom)
        dialect.custom_terminator = options.line_terminator;
    dialect.trim = options.trim;
    dialect.comment = byte(options.comment);
    dialect.skip_lines = options.skip_lines;
    dialect.header = options.header;
    dialect.max_field_bytes = options.max_field_bytes;
    // Room for a field of that size in its raw form, and for its neighbours.
    dialect.max_record_bytes = std::max<std::size_t>(4 * options.max_field_bytes, 256 * 1024);
    return dialect;
}

}  // namespace recon::ingest
