#include "ingest/copy_options.hpp"

namespace recon::ingest {

namespace {

using Kind = pg::CopyOption::Kind;

enum class Type { text, number, boolean };

struct Known {
    const char* name;
    Type type;
};

// Those of a source that a statement may override. A text is taken for any of them: "auto" and
// "1%" are values too, and what else is in it is judged with the others.
constexpr Known known_options[] = {{"delimiter", Type::text},
                                   {"quote", Type::text},
                                   {"escape", Type::text},
                                   {"null", Type::text},
                                   {"encoding", Type::text},
                                   {"header", Type::boolean},
                                   {"line_terminator", Type::text},
                                   {"comment", Type::text},
                                   {"skip_lines", Type::number},
                                   {"trim", Type::boolean},
                                   {"max_field_bytes", Type::number},
                                   {"max_rejects", Type::number},
                                   {"on_duplicate", Type::text},
                                   {"batch_size", Type::number},
                                   {"force", Type::boolean}};

// Options of COPY that are answered with a way to the same end.
struct Refused {
    const char* name;
    const char* hint;
};
constexpr Refused refused_options[] = {
    {"freeze", "Leave it out: records are visible when the load commits."},
    {"default", "Give the field a \"default\" in the source's mapping."},
    {"force_quote", "It is an option of COPY TO."},
    {"force_not_null", "Give the field a \"default\" in the source's mapping."},
    {"force_null", "Name the texts that mean NULL in the option NULL or in the source's mapping."},
    {"on_error", "Bad records are always kept in recon.ingest_errors; MAX_REJECTS limits them."},
    {"reject_limit", "Use MAX_REJECTS."},
    {"log_verbosity", "Every bad record is in recon.ingest_errors, with its reason."}};

std::string in_capitals(const std::string& name) {
    std::string capitals = name;
    for (char& c : capitals)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return capitals;
}

std::string in_small(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

[[noreturn]] void unknown(const std::string& name) {
    std::vector<std::string> names = {"format", "source_id", "source"};
    for (const Known& known : known_options) names.emplace_back(known.name);
    std::string list, near = json::nearest(name, names);
    for (const std::string& known : names) list += (list.empty() ? "" : ", ") + in_capitals(known);
    throw Error("42601", "option \"" + name + "\" not recognized", {},
                near.empty() ? "Options of this COPY: " + list + "."
                             : "Perhaps you meant " + in_capitals(near) + ".");
}

[[noreturn]] void wants(const pg::CopyOption& option, const char* what) {
    throw Error("42601", "option " + in_capitals(option.name) + " requires " + what);
}

json::Value text_value(const std::string& text) {
    json::Value value;
    value.kind = json::Kind::string;
    value.text = text;
    return value;
}

json::Value boolean_value(const pg::CopyOption& option) {
    json::Value value;
    value.kind = json::Kind::boolean;
    std::string text = in_small(option.text);
    if (option.kind == Kind::none)
        value.boolean = true;
    else if (option.kind == Kind::boolean)
        value.boolean = option.boolean;
    else if (text == "true" || text == "on" || text == "1")
        value.boolean = true;
    else if (text == "false" || text == "off" || text == "0")
        value.boolean = false;
    else if (text == "auto")
        return text_value(text);
    else if (option.name == "header" && text == "match")
        throw Error("0A000", "HEADER match is not supported by this COPY", {},
                    "The source's mapping says which columns the header has to name: use HEADER "
                    "true.");
    else
        wants(option, "a Boolean value");
    return value;
}

json::Value value_of(const pg::CopyOption& option, Type type) {
    if (option.kind == Kind::other) wants(option, "a single value");
    if (type == Type::boolean) return boolean_value(option);
    if (option.kind != Kind::text && option.kind != Kind::number) wants(option, "a value");
    json::Value value = text_value(option.text);
    if (option.kind == Kind::number && type == Type::number) value.kind = json::Kind::number;
    return value;
}

void check_format(const pg::CopyOption& option) {
    if (option.kind != Kind::text) wants(option, "a value");
    std::string format = in_small(option.text);
    if (format == "csv") return;
    if (format != "text" && format != "binary")
        throw Error("22023", "COPY format \"" + option.text + "\" not recognized", {},
                    "Use FORMAT csv.");
    throw Error("0A000", "format " + format + " is not supported by this COPY", {},
                "Use FORMAT csv; columns separated by tabs have the DELIMITER E'\\t'.");
}

std::int64_t read_id(const pg::CopyOption& option) {
    std::int64_t id = 0;
    const char* end = option.text.data() + option.text.size();
    auto [stopped, error] = std::from_chars(option.text.data(), end, id);
    if (option.text.empty() || error != std::errc() || stopped != end)
        wants(option, "the id of a source");
    return id;
}

bool read_own_option(const pg::CopyOption& option, CopyOptions& result) {
    if (option.name == "format") {
        check_format(option);
    } else if (option.name == "source_id") {
        result.source_id = read_id(option);
    } else if (option.name == "source") {
        if (option.kind != Kind::text || option.text.empty())
            wants(option, "a text of the form 'project/source'");
        result.source = option.text;
    } else {
        return false;
    }
    return true;
}

void read_option(const pg::CopyOption& option, CopyOptions& result) {
    if (read_own_option(option, result)) return;
    for (const Refused& refused : refused_options)
        if (option.name == refused.name)
            throw Error("0A000",
                        "option " + in_capitals(option.name) + " is not supported by this COPY", {},
                        refused.hint);
    for (const Known& known : known_options)
        if (option.name == known.name) {
            result.overrides.members.emplace_back(option.name, value_of(option, known.type));
            return;
        }
    unknown(option.name);
}

}  // namespace

CopyOptions read_copy_options(const std::vector<pg::CopyOption>& options) {
    CopyOptions result;
    result.overrides.kind = json::Kind::object;
    for (std::size_t i = 0; i < options.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            if (options[i].name == options[j].name)
                throw Error("42601", "conflicting or redundant options",
                            "Option " + in_capitals(options[i].name) + " is given twice.");
        read_option(options[i], result);
    }
    if (result.source_id && !result.source.empty())
        throw Error("42601", "conflicting or redundant options",
                    "SOURCE_ID and SOURCE both name the source.");
    if (!result.source_id && result.source.empty())
        throw Error("42601", "COPY recon.inbox needs the source to load into", {},
                    "Name it by its id or by the names of project and source: WITH (FORMAT csv, "
                    "SOURCE_ID 7) or WITH (FORMAT csv, SOURCE 'project/source').");
    return result;
}

}  // namespace recon::ingest
