// A JSON value as the core sees it. The server parses JSON (jsonb); pg/ hands the tree over in this
// form. Numbers stay decimal text, so that 0.01 means exactly that.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recon::json {

enum class Kind { null, boolean, number, string, array, object };

const char* kind_name(Kind kind);  // "a number", "an object", ...: for messages

struct Member;

struct Value {
    Kind kind = Kind::null;
    bool boolean = false;
    std::string text;             // string: UTF-8; number: decimal text
    std::vector<Value> items;     // array
    std::vector<Member> members;  // object; no key twice

    const Value* find(std::string_view key) const;
};

struct Member {
    Member(std::string key, Value value) : first(std::move(key)), second(std::move(value)) {}
    std::string first;  // the key
    Value second;
};

// Reads one object with checks. Every failure is an Error 22023 that names the JSON path
// ("$.match[0].op"). Call finish() last: it refuses keys that nobody asked for, listing the known
// ones in the HINT.
class ObjectReader {
  public:
    // `what` names the thing in messages ("rule", "mapping", "options").
    ObjectReader(const Value& value, std::string path, const char* what);

    const Value* get(std::string_view key);  // nullptr where absent or null; marks the key as known
    const Value& require(std::string_view key);
    std::string string(std::string_view key, std::string_view fallback);
    bool boolean(std::string_view key, bool fallback);
    long long integer(std::string_view key, long long fallback, long long lowest,
                      long long highest);
    double number(std::string_view key, double fallback, double lowest, double highest);
    std::vector<std::string> strings(
        std::string_view key);  // an array of strings; empty where absent

    std::string path(std::string_view key) const;  // "$.match[0].op"
    const char* what() const { return what_; }
    const Value& value() const { return value_; }
    void finish() const;

    // The same at once, for the whole list of keys: a misspelt one is named before what it left
    // missing.
    void expect(std::initializer_list<const char*> keys) const;

  private:
    void check_keys(const std::vector<std::string>& known) const;
    const Value& value_;
    std::string path_;
    const char* what_;
    std::vector<std::string> known_;
};

std::string quote(std::string_view text);  // as a JSON string

// As JSON text, in the order of the members. Numbers stand as they are.
std::string to_text(const Value& value);

// Typed access to one value; `path` and `what` are for the message.
std::string as_string(const Value& value, const std::string& path, const char* what);
bool as_boolean(const Value& value, const std::string& path, const char* what);
long long as_integer(const Value& value, const std::string& path, const char* what,
                     long long lowest, long long highest);
double as_number(const Value& value, const std::string& path, const char* what, double lowest,
                 double highest);

[[noreturn]] void fail(const std::string& path, const char* what, const std::string& problem,
                       const std::string& hint = {});

// The nearest of `known` to `given` within two edits, or "": for "Perhaps you meant ..." hints.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

}  // namespace recon::json
