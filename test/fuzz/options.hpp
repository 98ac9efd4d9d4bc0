// Options drawn as the JSON that a user gives, so that whatever parse_options() takes is tried.
#pragma once

#include "core/ingest/options.hpp"
#include "draw.hpp"

namespace recon::fuzz {

inline json::Value text(std::string_view value) {
    json::Value result;
    result.kind = json::Kind::string;
    result.text = value;
    return result;
}

inline json::Value number(std::size_t value) {
    json::Value result;
    result.kind = json::Kind::number;
    result.text = std::to_string(value);
    return result;
}

inline json::Value truth(bool value) {
    json::Value result;
    result.kind = json::Kind::boolean;
    result.boolean = value;
    return result;
}

// How the records are written: seven choices.
inline json::Value draw_dialect(Draw& draw) {
    static constexpr std::string_view delimiters[] = {",", ";", "\t", "|", "||", ",,", "<|>", "a"};
    static constexpr std::string_view quotes[] = {"\"", "'", "q"};
    static constexpr std::string_view escapes[] = {"", "\\", "'", "\"", "e"};
    static constexpr std::string_view terminators[] = {"", "\n", "\r\n", "\r", "|\n", "##"};
    static constexpr std::string_view comments[] = {"", "#", "a"};
    json::Value options;
    options.kind = json::Kind::object;
    auto add = [&](const char* key, std::string_view value) {
        if (!value.empty()) options.members.emplace_back(key, text(value));
    };
    add("delimiter", draw.one_of(delimiters));
    add("quote", draw.one_of(quotes));
    add("escape", draw.one_of(escapes));
    add("line_terminator", draw.one_of(terminators));
    add("comment", draw.one_of(comments));
    if (std::size_t skip = draw.choice(4); skip > 0)
        options.members.emplace_back("skip_lines", number(skip));
    if (std::size_t longest = draw.choice(6); longest > 0)
        options.members.emplace_back("max_field_bytes", number(longest));
    return options;
}

}  // namespace recon::fuzz
