// SQL-callable functions and their arguments.
#pragma once

#include "pg/guard.hpp"

// Defines an exported SQL function whose C++ body runs behind the entry guard.
#define RECON_FUNCTION(name)                           \
    static Datum name##_body(FunctionCallInfo fcinfo); \
    extern "C" {                                       \
    PG_FUNCTION_INFO_V1(name);                         \
    Datum name(PG_FUNCTION_ARGS) {                     \
        return recon::pg::enter(fcinfo, name##_body);  \
    }                                                  \
    }                                                  \
    static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)

namespace recon::pg {

// Typed access to a function's arguments. `name` is for the message where a NULL is not allowed
// (22004).
class Arguments {
  public:
    explicit Arguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}

    // Of a text that is read whole: names, notes, paths. A longer one is refused (54000) before it
    // is detoasted.
    static constexpr std::size_t longest_text = std::size_t{1} << 20;

    bool is_null(int i) const { return fcinfo_->args[i].isnull; }
    Datum datum(int i) const { return fcinfo_->args[i].value; }

    std::int64_t bigint(int i, const char* name) const;
    std::int32_t integer(int i, const char* name) const;
    std::int32_t date(int i, const char* name) const;  // days from 2000-01-01; finite, or 22023
    std::string text(int i, const char* name) const;
    std::string name(int i, const char* name) const;
    std::optional<std::string> optional_text(int i) const;
    std::vector<std::int64_t> bigints(int i, const char* name) const;  // read_bigints
    std::size_t size(int i, const char* name) const;  // of a text or bytea, before it is detoasted

  private:
    void refuse_null(int i, const char* name) const;
    void refuse_long(int i, const std::string& argument) const;
    FunctionCallInfo fcinfo_;
};

// The elements of a bigint[] in storage order. 22004 where one is null.
std::vector<std::int64_t> read_bigints(Datum array, const char* name);

std::string to_string(Datum text);       // a text value, detoasted
std::string_view bytes_of(Datum value);  // of a text or bytea, detoasted in the current context
Datum make_text(std::string_view text);  // palloc in the current context
Datum make_bigints(std::span<const std::int64_t> values);  // likewise: bigint[]

// Of a text in UTF-8, in the current context: converted from the server's encoding where that is
// another; the bytes as they are where it is SQL_ASCII.
std::string_view utf8_of(Datum text);

// One value of a result row or a query parameter.
struct Value {
    enum class Kind { null, bigint, real, boolean, text, raw };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text;
    Datum datum = 0;

    Value() = default;
    Value(std::int64_t v) : kind(Kind::bigint), integer(v) {}
    Value(int v) : kind(Kind::bigint), integer(v) {}
    Value(std::uint64_t v) : kind(Kind::bigint), integer(static_cast<std::int64_t>(v)) {}
    Value(double v) : kind(Kind::real), real(v) {}
    Value(bool v) : kind(Kind::boolean), integer(v) {}
    Value(std::string_view v) : kind(Kind::text), text(v) {}
    Value(const std::string& v) : kind(Kind::text), text(v) {}
    Value(const char* v) : kind(Kind::text), text(v) {}
    template <class T>
    Value(const std::optional<T>& v) : Value() {
        if (v) *this = Value(*v);
    }
    static Value raw(Datum v) {  // already of the column's type
        Value value;
        value.kind = Kind::raw;
        value.datum = v;
        return value;
    }
};

// Rows of a set-returning function (materialize mode).
class ResultSet {
  public:
    explicit ResultSet(FunctionCallInfo fcinfo);
    void add(std::initializer_list<Value> row) { add(std::span(row.begin(), row.size())); }
    void add(std::span<const Value> row);

  private:
    ReturnSetInfo* info_;
    MemoryContext row_memory_;
};

// Likewise of values of the columns' types: the quickest.
Datum form_row(FunctionCallInfo fcinfo, std::span<const Datum> values, std::span<const bool> nulls);

// The single row of a function that returns a composite type.
Datum make_row(FunctionCallInfo fcinfo, std::span<const Value> row);
inline Datum make_row(FunctionCallInfo fcinfo, std::initializer_list<Value> row) {
    return make_row(fcinfo, std::span(row.begin(), row.size()));
}

}  // namespace recon::pg
