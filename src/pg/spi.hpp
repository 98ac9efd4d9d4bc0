// SQL from C++: fixed statements with parameters, never text put together from user input.
#pragma once

#include "pg/function.hpp"

namespace recon::pg {

// A statement parameter. Text and arrays are borrowed: they must live until the statement ran.
struct Param {
    enum class Kind { bigint, real, boolean, text, bytes, bigints, texts, jsonb, oid, timestamp };
    Kind kind;
    bool null = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text;
    std::span<const std::int64_t> integers;
    std::span<const std::string_view> strings;
};

Param bigint(std::int64_t value);
Param bigint(std::optional<std::int64_t> value);
Param real(std::optional<double> value);
Param boolean(bool value);
Param text(std::string_view value);
template <std::same_as<std::optional<std::string>> T>
Param text(const T& value) {
    Param param = text(value ? std::string_view(*value) : std::string_view());
    param.null = !value;
    return param;
}
Param bytes(std::string_view value);  // bytea
Param bigints(std::span<const std::int64_t> values);
Param texts(std::span<const std::string_view> values);
Param jsonb(std::string_view json);  // JSON text
template <std::same_as<std::optional<std::string>> T>
Param jsonb(const T& json) {
    Param param = text(json);
    param.kind = Param::Kind::jsonb;
    return param;
}
Param oid(Oid value);
Param timestamp(TimestampTz value);

// A statement that is asked often, for a few rows that an index finds: each backend plans it once,
// for any parameters, and by indexes even where a table was small then. A static object.
class Prepared {
  public:
    constexpr explicit Prepared(const char* sql) : sql_(sql) {}

  private:
    friend class Spi;
    const char* sql_;
    SPIPlanPtr plan_ = nullptr;
};

// Whether the transaction keeps one snapshot: then it cannot write what others changed meanwhile.
bool has_fixed_snapshot();

// The rows of a statement, kept until the connection closes.
class Rows {
  public:
    std::uint64_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    bool is_null(std::uint64_t row, int column) const;
    std::int64_t bigint(std::uint64_t row, int column) const;
    bool boolean(std::uint64_t row, int column) const;
    double real(std::uint64_t row, int column) const;
    Oid oid(std::uint64_t row, int column) const;
    std::string text(std::uint64_t row,
                     int column) const;  // by the type's output function; NULL gives ""
    std::optional<std::string> optional_text(std::uint64_t row, int column) const;
    Datum datum(std::uint64_t row, int column) const;  // 0 for NULL

    // A row as the result of a function that returns a row of the same columns; outlives the
    // connection.
    Datum result(FunctionCallInfo fcinfo, std::uint64_t row) const;

  private:
    friend class Spi;
    SPITupleTable* table_ = nullptr;
    std::uint64_t count_ = 0;
};

// A connection to SPI, closed on the normal way out, by the abort otherwise. A `read_only` one
// answers from the snapshot of the calling query, as a STABLE function must; any other sees all
// that the transaction did before.
class Spi {
  public:
    enum Mode { read_write, read_only };
    explicit Spi(Mode mode = read_write);
    ~Spi();
    Spi(const Spi&) = delete;
    Spi& operator=(const Spi&) = delete;

    bool is_read_only() const { return read_only_; }

    // Column numbers of Rows start at 0.
    Rows query(const char* sql, std::initializer_list<Param> params = {}) {
        return query(sql, std::span(params.begin(), params.size()));
    }
    Rows query(const char* sql, std::span<const Param> params);
    Rows query(Prepared& statement, std::initializer_list<Param> params = {});

    // What a statement's rows hold in their one column (text or bytea, never NULL), end to end in
    // `to`, without a copy of the rows. It must fit.
    struct Collected {
        std::uint64_t rows;
        std::size_t bytes;
    };
    Collected collect(Prepared& statement, std::initializer_list<Param> params, std::span<char> to);

    std::uint64_t execute(const char* sql, std::initializer_list<Param> params = {});

    void free(const Rows& rows);  // before the connection closes

    // Runs `each` for batches of rows, so that a result of any size needs the memory of one batch.
    void for_batches(const char* sql, std::initializer_list<Param> params, long batch,
                     const std::function<void(const Rows&)>& each);

  private:
    void run(Prepared& statement, std::initializer_list<Param> params, DestReceiver* dest);

    bool read_only_;
    int exceptions_ = std::uncaught_exceptions();
};

}  // namespace recon::pg
