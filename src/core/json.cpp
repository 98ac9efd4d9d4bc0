#include "core/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/error.hpp"

namespace recon::json {

const char* kind_name(Kind kind) {
    switch (kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return "a boolean";
        case Kind::number:
            return "a number";
        case Kind::string:
            return "a string";
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    return "a value";
}

const Value* Value::find(std::string_view key) const {
    for (const auto& [name, value] : members)
        if (name == key) return &value;
    return nullptr;
}

void fail(const std::string& path, const char* what, const std::string& problem,
          const std::string& hint) {
    throw Error(sqlstate::invalid_parameter_value,
                std::string("invalid ") + what + " at " + path + ": " + problem, {}, hint);
}

namespace {

[[noreturn]] void fail_kind(const Value& value, const std::string& path, const char* what,
                            Kind wanted) {
    fail(path, what,
         std::string("expected ") + kind_name(wanted) + ", got " + kind_name(value.kind));
}

void check_kind(const Value& value, const std::string& path, const char* what, Kind wanted) {
    if (value.kind != wanted) fail_kind(value, path, what, wanted);
}

std::string bounds(const std::string& lowest, const std::string& highest) {
    return "must be between " + lowest + " and " + highest;
}

std::string short_number(double number) {
    char buffer[32];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return std::string(buffer, end);
}

// Plain edit distance, small words only.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = 3;
    if (given.size() > 64) return best;
    for (const std::string& candidate : known) {
        std::size_t distance = edits(given, candidate);
        if (distance < best_distance && distance < candidate.size()) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string as_string(const Value& value, const std::string& path, const char* what) {
    check_kind(value, path, what, Kind::string);
    return value.text;
}

bool as_boolean(const Value& value, const std::string& path, const char* what) {
    check_kind(value, path, what, Kind::boolean);
    return value.boolean;
}

long long as_integer(const Value& value, const std::string& path, const char* what,
                     long long lowest, long long highest) {
    check_kind(value, path, what, Kind::number);
    long long number = 0;
    const char* first = value.text.data();
    const char* last = first + value.text.size();
    auto [end, code] = std::from_chars(first, last, number);
    if (code == std::errc() && end != last) fail(path, what, "expected an integer");
    if (code != std::errc() || number < lowest || number > highest)
        fail(path, what, bounds(std::to_string(lowest), std::to_string(highest)));
    return number;
}

double as_number(const Value& value, const std::string& path, const char* what, double lowest,
                 double highest) {
    check_kind(value, path, what, Kind::number);
    double number = 0;
    const char* first = value.text.data();
    auto [end, code] = std::from_chars(first, first + value.text.size(), number);
    if (code != std::errc() || !std::isfinite(number) || number < lowest || number > highest)
        fail(path, what, bounds(short_number(lowest), short_number(highest)));
    return number;
}

ObjectReader::ObjectReader(const Value& value, std::string path, const char* what)
    : value_(value), path_(std::move(path)), what_(what) {
    check_kind(value_, path_, what_, Kind::object);
}

std::string ObjectReader::path(std::string_view key) const {
    // The short form of SQL/JSON paths where the key allows it.
    bool plain = !key.empty() && !(key[0] >= '0' && key[0] <= '9');
    for (char c : key)
        plain = plain && (c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z'));
    if (plain) return path_ + "." + std::string(key);
    return path_ + ".\"" + std::string(key) + "\"";
}

const Value* ObjectReader::get(std::string_view key) {
    known_.emplace_back(key);
    const Value* found = value_.find(key);
    return found != nullptr && found->kind != Kind::null ? found : nullptr;
}

const Value& ObjectReader::require(std::string_view key) {
    const Value* found = get(key);
    if (found == nullptr) fail(path_, what_, "key \"" + std::string(key) + "\" is missing");
    return *found;
}

std::string ObjectReader::string(std::string_view key, std::string_view fallback) {
    const Value* found = get(key);
    return found != nullptr ? as_string(*found, path(key), what_) : std::string(fallback);
}

bool ObjectReader::boolean(std::string_view key, bool fallback) {
    const Value* found = get(key);
    return found != nullptr ? as_boolean(*found, path(key), what_) : fallback;
}

long long ObjectReader::integer(std::string_view key, long long fallback, long long lowest,
                                long long highest) {
    const Value* found = get(key);
    return found != nullptr ? as_integer(*found, path(key), what_, lowest, highest) : fallback;
}

double ObjectReader::number(std::string_view key, double fallback, double lowest, double highest) {
    const Value* found = get(key);
    return found != nullptr ? as_number(*found, path(key), what_, lowest, highest) : fallback;
}

std::vector<std::string> ObjectReader::strings(std::string_view key) {
    std::vector<std::string> result;
    const Value* found = get(key);
    if (found == nullptr) return result;
    check_kind(*found, path(key), what_, Kind::array);
    for (std::size_t i = 0; i < found->items.size(); ++i)
        result.push_back(
            as_string(found->items[i], path(key) + "[" + std::to_string(i) + "]", what_));
    return result;
}

void ObjectReader::finish() const {
    check_keys(known_);
}

void ObjectReader::expect(std::initializer_list<const char*> keys) const {
    check_keys(std::vector<std::string>(keys.begin(), keys.end()));
}

void ObjectReader::check_keys(const std::vector<std::string>& known) const {
    for (const auto& [name, value] : value_.members) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        std::string hint, meant = nearest(name, known);
        if (!meant.empty()) {
            hint = "Perhaps you meant \"" + meant + "\".";
        } else {
            hint = "Known keys: ";
            for (std::size_t i = 0; i < known.size(); ++i) hint += (i ? ", " : "") + known[i];
            hint += ".";
        }
        fail(path(name), what_, "unknown key \"" + name + "\"", hint);
    }
}

namespace {

void append_string(std::string_view text, std::string& to) {
    static constexpr char digits[] = "0123456789abcdef";
    to += '"';
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte < 0x20) {
            to += "\\u00";
            to += digits[byte >> 4];
            to += digits[byte & 15];
        } else {
            to += c;
        }
    }
    to += '"';
}

void append_text(const Value& value, std::string& to) {
    switch (value.kind) {
        case Kind::null:
            to += "null";
            return;
        case Kind::boolean:
            to += value.boolean ? "true" : "false";
            return;
        case Kind::number:
            to += value.text;
            return;
        case Kind::string:
            append_string(value.text, to);
            return;
        case Kind::array:
            to += '[';
            for (const Value& item : value.items) {
                if (&item != &value.items.front()) to += ", ";
                append_text(item, to);
            }
            to += ']';
            return;
        case Kind::object:
            to += '{';
            for (const Member& member : value.members) {
                if (&member != &value.members.front()) to += ", ";
                append_string(member.first, to);
                to += ": ";
                append_text(member.second, to);
            }
            to += '}';
            return;
    }
}

}  // namespace

std::string quote(std::string_view text) {
    std::string quoted;
    append_string(text, quoted);
    return quoted;
}

std::string to_text(const Value& value) {
    std::string text;
    append_text(value, text);
    return text;
}

}  // namespace recon::json
