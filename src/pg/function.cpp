#include "pg/function.hpp"

#include "pg/encoding.hpp"

namespace recon::pg {

void Arguments::refuse_null(int i, const char* name) const {
    if (is_null(i)) throw Error("22004", std::string("argument \"") + name + "\" must not be null");
}

std::int64_t Arguments::bigint(int i, const char* name) const {
    refuse_null(i, name);
    return DatumGetInt64(datum(i));
}

std::int32_t Arguments::integer(int i, const char* name) const {
    refuse_null(i, name);
    return DatumGetInt32(datum(i));
}

std::int32_t Arguments::date(int i, const char* name) const {
    refuse_null(i, name);
    DateADT day = DatumGetDateADT(datum(i));
    if (DATE_NOT_FINITE(day))
        throw Error("22023", std::string("argument \"") + name + "\" must be finite");
    return day;
}

void Arguments::refuse_long(int i, const std::string& argument) const {
    std::size_t bytes = call([&] { return toast_raw_datum_size(datum(i)); }) - VARHDRSZ;
    if (bytes > longest_text)
        throw Error("54000", argument + " is too long",
                    "It has " + std::to_string(bytes) + " bytes; at most " +
                        std::to_string(longest_text) + " are allowed.");
}

std::string Arguments::text(int i, const char* name) const {
    refuse_null(i, name);
    refuse_long(i, std::string("argument \"") + name + "\"");
    return to_string(datum(i));
}

std::string Arguments::name(int i, const char* name) const {
    refuse_null(i, name);
    return NameStr(*DatumGetName(datum(i)));
}

std::optional<std::string> Arguments::optional_text(int i) const {
    if (is_null(i)) return std::nullopt;
    refuse_long(i, "argument " + std::to_string(i + 1));
    return to_string(datum(i));
}

std::vector<std::int64_t> Arguments::bigints(int i, const char* name) const {
    refuse_null(i, name);
    return read_bigints(datum(i), name);
}

std::vector<std::int64_t> read_bigints(Datum array, const char* name) {
    Datum* items = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    call([&] {
        deconstruct_array(DatumGetArrayTypeP(array), INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                          &items, &nulls, &count);
    });
    std::vector<std::int64_t> ids;
    ids.reserve(static_cast<std::size_t>(count));
    for (int k = 0; k < count; ++k) {
        if (nulls[k]) throw Error("22004", std::string(name) + " must not contain nulls");
        ids.push_back(DatumGetInt64(items[k]));
    }
    return ids;
}

std::size_t Arguments::size(int i, const char* name) const {
    refuse_null(i, name);
    return call([&] { return toast_raw_datum_size(datum(i)); }) - VARHDRSZ;
}

std::string_view bytes_of(Datum value) {
    auto* plain = reinterpret_cast<varlena*>(DatumGetPointer(value));
    if (VARATT_IS_COMPRESSED(plain) || VARATT_IS_EXTERNAL(plain))
        plain = call([&] { return PG_DETOAST_DATUM_PACKED(value); });
    return {VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain)};
}

std::string_view utf8_of(Datum text) {
    std::string_view bytes = bytes_of(text);
    if (!converts_text() || bytes.empty()) return bytes;
    char* converted = call(
        [&] { return pg_server_to_any(bytes.data(), static_cast<int>(bytes.size()), PG_UTF8); });
    // What needs no conversion comes back as it is, without a NUL.
    return converted == bytes.data() ? bytes : std::string_view(converted);
}

std::string to_string(Datum value) {
    return std::string(bytes_of(value));
}

Datum make_bigints(std::span<const std::int64_t> values) {
    return call([&] {
        auto count = static_cast<int>(values.size());
        Datum* items = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
        for (int i = 0; i < count; ++i)
            items[i] = Int64GetDatum(values[static_cast<std::size_t>(i)]);
        Datum array = PointerGetDatum(construct_array(items, count, INT8OID, sizeof(std::int64_t),
                                                      FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
        pfree(items);
        return array;
    });
}

Datum make_text(std::string_view value) {
    return call([&] {
        return PointerGetDatum(
            cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
    });
}

namespace {

// Runs inside call(): palloc may fail.
Datum to_datum(const Value& value, Oid type) {
    switch (value.kind) {
        case Value::Kind::null:
            return 0;
        case Value::Kind::bigint:
            switch (type) {
                case INT8OID:
                    return Int64GetDatum(value.integer);
                case INT4OID:
                    return Int32GetDatum(static_cast<int32>(value.integer));
                case FLOAT8OID:
                    return Float8GetDatum(static_cast<double>(value.integer));
            }
            break;
        case Value::Kind::real:
            if (type == FLOAT8OID) return Float8GetDatum(value.real);
            break;
        case Value::Kind::boolean:
            if (type == BOOLOID) return BoolGetDatum(value.integer != 0);
            break;
        case Value::Kind::text:
            if (type == TEXTOID)
                return PointerGetDatum(cstring_to_text_with_len(
                    value.text.data(), static_cast<int>(value.text.size())));
            if (type == NAMEOID) {
                Name name = static_cast<Name>(palloc0(sizeof(NameData)));
                std::memcpy(name, value.text.data(),
                            std::min<std::size_t>(value.text.size(), NAMEDATALEN - 1));
                return NameGetDatum(name);
            }
            break;
        case Value::Kind::raw:
            return value.datum;
    }
    elog(ERROR, "recon: value does not fit column type %u", type);
}

constexpr int max_columns = 64;

struct RowValues {
    Datum values[max_columns];
    bool nulls[max_columns];
};

// Runs inside call().
void fill(RowValues& out, std::span<const Value> row, TupleDesc description) {
    if (static_cast<std::size_t>(description->natts) != row.size() || row.size() > max_columns)
        elog(ERROR, "recon: result has %zu columns, expected %d", row.size(), description->natts);
    for (std::size_t i = 0; i < row.size(); ++i) {
        out.nulls[i] = row[i].kind == Value::Kind::null;
        out.values[i] = to_datum(row[i], TupleDescAttr(description, i)->atttypid);
    }
}

}  // namespace

ResultSet::ResultSet(FunctionCallInfo fcinfo)
    : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)), row_memory_(call([&] {
          InitMaterializedSRF(fcinfo, 0);
          return AllocSetContextCreate(CurrentMemoryContext, "recon row", ALLOCSET_SMALL_SIZES);
      })) {}

void ResultSet::add(std::span<const Value> row) {
    call([&] {
        MemoryContext old = MemoryContextSwitchTo(row_memory_);
        RowValues out;
        fill(out, row, info_->setDesc);
        tuplestore_putvalues(info_->setResult, info_->setDesc, out.values, out.nulls);
        MemoryContextSwitchTo(old);
        MemoryContextReset(row_memory_);
    });
}

namespace {

// Of a function whose row type has a name, the backend remembers it: to find it out takes longer
// than to make a row.
TupleDesc row_description(FunctionCallInfo fcinfo) {
    static Oid last_function = InvalidOid, last_type = InvalidOid;
    if (fcinfo->flinfo->fn_oid == last_function) return lookup_rowtype_tupdesc(last_type, -1);
    Oid type = InvalidOid;
    TupleDesc description;
    if (get_call_result_type(fcinfo, &type, &description) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "recon: return type must be a row type");
    if (type == RECORDOID) return BlessTupleDesc(description);
    last_function = fcinfo->flinfo->fn_oid;
    last_type = type;
    return lookup_rowtype_tupdesc(type, -1);
}

}  // namespace

Datum form_row(FunctionCallInfo fcinfo, std::span<const Datum> values,
               std::span<const bool> nulls) {
    return call([&] {
        TupleDesc description = row_description(fcinfo);
        Assert(description->natts == static_cast<int>(values.size()));
        Datum made = HeapTupleGetDatum(heap_form_tuple(
            description, const_cast<Datum*>(values.data()), const_cast<bool*>(nulls.data())));
        ReleaseTupleDesc(description);
        return made;
    });
}

Datum make_row(FunctionCallInfo fcinfo, std::span<const Value> row) {
    return call([&] {
        TupleDesc description = row_description(fcinfo);
        RowValues out;
        fill(out, row, description);
        Datum made = HeapTupleGetDatum(heap_form_tuple(description, out.values, out.nulls));
        ReleaseTupleDesc(description);
        return made;
    });
}

}  // namespace recon::pg
