#include "pg/spi.hpp"

namespace recon::pg {

namespace {

Param make(Param::Kind kind) {
    Param param{};
    param.kind = kind;
    return param;
}

constexpr int max_params = 40;

// Runs inside call().
void bind_param(const Param& param, Oid& type, Datum& value, char& null) {
    null = param.null ? 'n' : ' ';
    value = 0;
    switch (param.kind) {
        case Param::Kind::bigint:
            type = INT8OID;
            value = Int64GetDatum(param.integer);
            break;
        case Param::Kind::real:
            type = FLOAT8OID;
            value = Float8GetDatum(param.real);
            break;
        case Param::Kind::timestamp:
            type = TIMESTAMPTZOID;
            value = TimestampTzGetDatum(param.integer);
            break;
        case Param::Kind::boolean:
            type = BOOLOID;
            value = BoolGetDatum(param.integer != 0);
            break;
        case Param::Kind::oid:
            type = OIDOID;
            value = ObjectIdGetDatum(static_cast<Oid>(param.integer));
            break;
        case Param::Kind::text:
        case Param::Kind::bytes:
            type = param.kind == Param::Kind::text ? TEXTOID : BYTEAOID;
            if (!param.null)
                value = PointerGetDatum(cstring_to_text_with_len(
                    param.text.data(), static_cast<int>(param.text.size())));
            break;
        case Param::Kind::jsonb:
            type = JSONBOID;
            if (!param.null)
                value = DirectFunctionCall1(
                    jsonb_in, CStringGetDatum(pnstrdup(param.text.data(), param.text.size())));
            break;
        case Param::Kind::bigints:
            type = INT8ARRAYOID;
            value = make_bigints(param.integers);
            break;
        case Param::Kind::texts: {
            type = TEXTARRAYOID;
            Datum* items = static_cast<Datum*>(palloc(sizeof(Datum) * (param.strings.size() + 1)));
            for (std::size_t i = 0; i < param.strings.size(); ++i)
                items[i] = PointerGetDatum(cstring_to_text_with_len(
                    param.strings[i].data(), static_cast<int>(param.strings[i].size())));
            value = PointerGetDatum(construct_array(items, static_cast<int>(param.strings.size()),
                                                    TEXTOID, -1, false, TYPALIGN_INT));
            break;
        }
    }
}

struct Bound {
    Oid types[max_params];
    Datum values[max_params];
    char nulls[max_params];
    int count;
};

void bind_all(Bound& bound, std::span<const Param> params) {
    if (params.size() > max_params) elog(ERROR, "recon: too many parameters");
    bound.count = static_cast<int>(params.size());
    for (std::size_t i = 0; i < params.size(); ++i)
        bind_param(params[i], bound.types[i], bound.values[i], bound.nulls[i]);
}

}  // namespace

Param bigint(std::int64_t value) {
    Param param = make(Param::Kind::bigint);
    param.integer = value;
    return param;
}
Param bigint(std::optional<std::int64_t> value) {
    Param param = bigint(value.value_or(0));
    param.null = !value;
    return param;
}
Param real(std::optional<double> value) {
    Param param = make(Param::Kind::real);
    param.real = value.value_or(0);
    param.null = !value;
    return param;
}
Param boolean(bool value) {
    Param param = make(Param::Kind::boolean);
    param.integer = value;
    return param;
}
Param oid(Oid value) {
    Param param = make(Param::Kind::oid);
    param.integer = value;
    return param;
}
Param timestamp(TimestampTz value) {
    Param param = make(Param::Kind::timestamp);
    param.integer = value;
    return param;
}
Param text(std::string_view value) {
    Param param = make(Param::Kind::text);
    param.text = value;
    return param;
}
Param bytes(std::string_view value) {
    Param param = make(Param::Kind::bytes);
    param.text = value;
    return param;
}
Param jsonb(std::string_view json) {
    Param param = make(Param::Kind::jsonb);
    param.text = json;
    return param;
}
Param bigints(std::span<const std::int64_t> values) {
    Param param = make(Param::Kind::bigints);
    param.integers = values;
    return param;
}
Param texts(std::span<const std::string_view> values) {
    Param param = make(Param::Kind::texts);
    param.strings = values;
    return param;
}

bool has_fixed_snapshot() {
    return IsolationUsesXactSnapshot();
}

bool Rows::is_null(std::uint64_t row, int column) const {
    bool null = true;
    SPI_getbinval(table_->vals[row], table_->tupdesc, column + 1, &null);
    return null;
}

Datum Rows::datum(std::uint64_t row, int column) const {
    bool null = true;
    Datum value = SPI_getbinval(table_->vals[row], table_->tupdesc, column + 1, &null);
    return null ? 0 : value;
}

std::int64_t Rows::bigint(std::uint64_t row, int column) const {
    Oid type = TupleDescAttr(table_->tupdesc, column)->atttypid;
    Datum value = datum(row, column);
    return type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}

bool Rows::boolean(std::uint64_t row, int column) const {
    return DatumGetBool(datum(row, column));
}
Oid Rows::oid(std::uint64_t row, int column) const {
    return DatumGetObjectId(datum(row, column));
}

double Rows::real(std::uint64_t row, int column) const {
    Datum value = datum(row, column);
    return value == 0 ? 0 : DatumGetFloat8(value);
}

std::string Rows::text(std::uint64_t row, int column) const {
    char* value =
        call([&] { return SPI_getvalue(table_->vals[row], table_->tupdesc, column + 1); });
    return value == nullptr ? std::string() : std::string(value);
}

std::optional<std::string> Rows::optional_text(std::uint64_t row, int column) const {
    if (is_null(row, column)) return std::nullopt;
    return text(row, column);
}

Datum Rows::result(FunctionCallInfo fcinfo, std::uint64_t row) const {
    return call([&] {
        TupleDesc description;
        if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "recon: return type must be a row type");
        TupleDesc given = table_->tupdesc;
        bool same = description->natts == given->natts;
        for (int i = 0; same && i < given->natts; ++i)
            same = TupleDescAttr(description, i)->atttypid == TupleDescAttr(given, i)->atttypid;
        if (!same) elog(ERROR, "recon: row does not fit the function's return type");
        HeapTupleHeader tuple = SPI_returntuple(table_->vals[row], BlessTupleDesc(description));
        return HeapTupleHeaderGetDatum(tuple);
    });
}

Spi::Spi(Mode mode) : read_only_(mode == read_only) {
    call([] {
        if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    });
}

Spi::~Spi() {
    if (std::uncaught_exceptions() == exceptions_) SPI_finish();
}

Rows Spi::query(const char* sql, std::span<const Param> params) {
    Rows rows;
    call([&] {
        Bound bound;
        bind_all(bound, params);
        int code = SPI_execute_with_args(sql, bound.count, bound.types, bound.values, bound.nulls,
                                         read_only_, 0);
        if (code < 0) elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
        rows.table_ = SPI_tuptable;
        rows.count_ = SPI_processed;
    });
    return rows;
}

// Inside call(). `dest`: where the rows go; nullptr: to SPI_tuptable.
void Spi::run(Prepared& statement, std::initializer_list<Param> params, DestReceiver* dest) {
    Bound bound;
    bind_all(bound, std::span(params.begin(), params.size()));
    if (statement.plan_ == nullptr) {
        SPIPlanPtr plan =
            SPI_prepare_cursor(statement.sql_, bound.count, bound.types, CURSOR_OPT_GENERIC_PLAN);
        if (plan == nullptr || SPI_keepplan(plan) != 0)
            elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
        statement.plan_ = plan;
    }
    SPIExecuteOptions options{};
    options.params = makeParamList(bound.count);
    for (int i = 0; i < bound.count; ++i) {
        ParamExternData& param = options.params->params[i];
        param.value = bound.values[i];
        param.isnull = bound.nulls[i] == 'n';
        param.pflags = PARAM_FLAG_CONST;
        param.ptype = bound.types[i];
    }
    options.read_only = read_only_;
    options.dest = dest;
    // It may be planned again at any time.
    int level = NewGUCNestLevel();
    for (const char* other : {"enable_seqscan", "enable_bitmapscan"})
        (void)set_config_option(other, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                                false);
    int code = SPI_execute_plan_extended(statement.plan_, &options);
    AtEOXact_GUC(true, level);
    if (code < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
}

Rows Spi::query(Prepared& statement, std::initializer_list<Param> params) {
    Rows rows;
    call([&] {
        run(statement, params, nullptr);
        rows.table_ = SPI_tuptable;
        rows.count_ = SPI_processed;
    });
    return rows;
}

namespace {

struct Collector {
    DestReceiver receiver;  // the first member: the server knows nothing of the others
    char* at;
    std::size_t left;
    std::uint64_t rows;
};

bool collect_slot(TupleTableSlot* slot, DestReceiver* self) {
    auto* collector = reinterpret_cast<Collector*>(self);
    bool null = false;
    auto* given = reinterpret_cast<struct varlena*>(DatumGetPointer(slot_getattr(slot, 1, &null)));
    if (null) elog(ERROR, "recon: a value to be collected is null");
    struct varlena* value = pg_detoast_datum_packed(given);
    std::size_t size = VARSIZE_ANY_EXHDR(value);
    if (size > collector->left) elog(ERROR, "recon: values to be collected do not fit");
    std::memcpy(collector->at, VARDATA_ANY(value), size);
    collector->at += size;
    collector->left -= size;
    ++collector->rows;
    if (value != given) pfree(value);
    return true;
}

}  // namespace

Spi::Collected Spi::collect(Prepared& statement, std::initializer_list<Param> params,
                            std::span<char> to) {
    return call([&] {
        Collector collector{};
        collector.receiver.receiveSlot = collect_slot;
        collector.receiver.rStartup = [](DestReceiver*, int, TupleDesc) {};
        collector.receiver.rShutdown = [](DestReceiver*) {};
        collector.receiver.rDestroy = [](DestReceiver*) {};
        collector.receiver.mydest = DestTuplestore;  // any that is not the client
        collector.at = to.data();
        collector.left = to.size();
        run(statement, params, &collector.receiver);
        return Collected{collector.rows, to.size() - collector.left};
    });
}

std::uint64_t Spi::execute(const char* sql, std::initializer_list<Param> params) {
    Rows rows = query(sql, params);
    return rows.count_;
}

void Spi::free(const Rows& rows) {
    call([&] { SPI_freetuptable(rows.table_); });
}

void Spi::for_batches(const char* sql, std::initializer_list<Param> params, long batch,
                      const std::function<void(const Rows&)>& each) {
    Portal portal = call([&] {
        Bound bound;
        bind_all(bound, std::span(params.begin(), params.size()));
        return SPI_cursor_open_with_args(nullptr, sql, bound.count, bound.types, bound.values,
                                         bound.nulls, read_only_, CURSOR_OPT_NO_SCROLL);
    });
    // What is read out of a batch lives as long as the batch.
    MemoryContext memory = call([] {
        return AllocSetContextCreate(CurrentMemoryContext, "recon rows", ALLOCSET_DEFAULT_SIZES);
    });
    for (;;) {
        Rows rows;
        call([&] {
            CHECK_FOR_INTERRUPTS();
            SPI_cursor_fetch(portal, true, batch);
            rows.table_ = SPI_tuptable;
            rows.count_ = SPI_processed;
        });
        if (rows.empty()) break;
        MemoryContext old = MemoryContextSwitchTo(memory);
        each(rows);
        MemoryContextSwitchTo(old);
        MemoryContextReset(memory);
        free(rows);
    }
    MemoryContextDelete(memory);
    call([&] { SPI_cursor_close(portal); });
}

}  // namespace recon::pg
