#include "pg/writer.hpp"

#include "pg/index_writer.hpp"
#include "pg/numeric.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/table.hpp"

namespace recon::pg {

// Plain data in one memory context: an error anywhere leaves nothing behind once the context is
// gone.
struct Writer::State {
    MemoryContext memory;
    Relation relation;
    bool heap;
    int width;            // columns written
    AttrNumber* columns;  // attribute numbers, by position in add()
    Datum* values;        // batch_rows x width
    bool* nulls;
    int filled;
    // heap
    EState* estate;
    ResultRelInfo* result;
    TupleTableSlot** slots;         // of add()
    TupleTableSlot** formed_slots;  // of write()
    bool checked;                   // has CHECK constraints
    BulkInsertState bulk;
    IndexWriter* indexes;
    // SPI
    const char* statement;
};

namespace {

// At least `count` slots; a batch that is ended by its bytes needs few.
void make_slots(Writer::State& state, TupleTableSlot**& slots, int count,
                const TupleTableSlotOps* kind) {
    MemoryContext old = MemoryContextSwitchTo(state.memory);
    if (slots == nullptr)
        slots =
            static_cast<TupleTableSlot**>(palloc0(sizeof(TupleTableSlot*) * Writer::batch_rows));
    for (int i = count - 1; i >= 0 && slots[i] == nullptr; --i)
        slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(state.relation), kind);
    MemoryContextSwitchTo(old);
}

void drop_slots(TupleTableSlot** slots) {
    if (slots == nullptr) return;
    for (int i = 0; i < Writer::batch_rows && slots[i] != nullptr; ++i)
        ExecDropSingleTupleTableSlot(slots[i]);
}

void open_heap(Writer::State& state, std::initializer_list<const char*> sorted) {
    state.estate = CreateExecutorState();
    state.result = makeNode(ResultRelInfo);
    InitResultRelInfo(state.result, state.relation, 0, nullptr, 0);
    ExecOpenIndices(state.result, false);
    TupleConstr* constraints = RelationGetDescr(state.relation)->constr;
    state.checked = constraints != nullptr && constraints->num_check > 0;
    state.bulk = GetBulkInsertState();
    Bitmapset* ordered = nullptr;
    for (const char* column : sorted)
        ordered = bms_add_member(ordered, get_attnum(RelationGetRelid(state.relation), column));
    state.indexes = IndexWriter::make(state.result, state.estate, ordered);
}

// Whether a column that must not be NULL is.
bool lacks_value(const HeapTupleData& tuple, TupleDesc description) {
    if (!HeapTupleHasNulls(&tuple)) return false;
    for (int i = 0; i < description->natts; ++i)
        if (TupleDescAttr(description, i)->attnotnull && att_isnull(i, tuple.t_data->t_bits))
            return true;
    return false;
}

// "INSERT INTO recon.t (a, b) SELECT * FROM unnest($1, $2)": of several arrays only as an
// unqualified name; search_path is pinned.
const char* build_statement(const Writer::State& state) {
    StringInfoData sql;
    initStringInfo(&sql);
    appendStringInfo(&sql, "INSERT INTO %s (",
                     quote_qualified_identifier("recon", RelationGetRelationName(state.relation)));
    TupleDesc description = RelationGetDescr(state.relation);
    for (int i = 0; i < state.width; ++i)
        appendStringInfo(
            &sql, "%s%s", i > 0 ? ", " : "",
            quote_identifier(NameStr(TupleDescAttr(description, state.columns[i] - 1)->attname)));
    appendStringInfoString(&sql, ") SELECT * FROM unnest(");
    for (int i = 0; i < state.width; ++i) appendStringInfo(&sql, "%s$%d", i > 0 ? ", " : "", i + 1);
    appendStringInfoString(&sql, ")");
    return sql.data;
}

}  // namespace

Writer::Writer(const char* table, std::initializer_list<const char*> columns, Writer* parent,
               const char* statement, std::initializer_list<const char*> sorted)
    : parent_(parent) {
    Oid oid = table_oid(table);
    state_ = call([&] {
        MemoryContext memory =
            AllocSetContextCreate(CurrentMemoryContext, "recon writer", ALLOCSET_DEFAULT_SIZES);
        MemoryContext old = MemoryContextSwitchTo(memory);
        State* state = static_cast<State*>(palloc0(sizeof(State)));
        state->memory = memory;
        state->relation = table_open(oid, RowExclusiveLock);
        TupleDesc description = RelationGetDescr(state->relation);
        state->width = static_cast<int>(columns.size());
        state->columns = static_cast<AttrNumber*>(palloc(sizeof(AttrNumber) * columns.size()));
        int i = 0;
        for (const char* column : columns) {
            AttrNumber number = get_attnum(oid, column);
            if (number <= 0)
                elog(ERROR, "recon: column \"%s\" of table \"%s\" does not exist", column, table);
            state->columns[i++] = number;
        }
        for (int a = 0; a < description->natts; ++a) {
            Form_pg_attribute attribute = TupleDescAttr(description, a);
            bool given = attribute->attisdropped || attribute->attgenerated != '\0';
            for (int c = 0; c < state->width; ++c) given = given || state->columns[c] == a + 1;
            if (!given)
                elog(ERROR, "recon: column \"%s\" of table \"%s\" is not written",
                     NameStr(attribute->attname), table);
        }
        state->values = static_cast<Datum*>(palloc0(sizeof(Datum) * batch_rows * columns.size()));
        state->nulls = static_cast<bool*>(palloc(sizeof(bool) * batch_rows * columns.size()));
        std::memset(state->nulls, true, sizeof(bool) * batch_rows * columns.size());
        bool generated =
            description->constr != nullptr && description->constr->has_generated_stored;
        state->heap = statement == nullptr && settings::write_path != settings::write_spi &&
                      !generated && is_plain_heap(state->relation);
        if (!state->heap && statement == nullptr && settings::write_path == settings::write_heap)
            ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                            errmsg("cannot append to table \"%s\" directly", table),
                            errdetail("The table is not an ordinary table, or has triggers."),
                            errhint("Set \"recon.write_path\" to \"auto\".")));
        if (state->heap)
            open_heap(*state, sorted);
        else
            state->statement = statement != nullptr ? statement : build_statement(*state);
        MemoryContextSwitchTo(old);
        return state;
    });
    batch_memory_ = call([&] {
        return AllocSetContextCreate(state_->memory, "recon batch", ALLOCSET_DEFAULT_SIZES);
    });
    values_ = state_->values;
    nulls_ = state_->nulls;
}

namespace {

// An allocation for a cell, in the batch's memory.
template <class F>
Datum make(MemoryContext memory, F&& function) {
    return call([&] {
        MemoryContext old = MemoryContextSwitchTo(memory);
        Datum value = function();
        MemoryContextSwitchTo(old);
        return value;
    });
}

}  // namespace

void Writer::bigint(int column, std::int64_t value) {
    set(column, Int64GetDatum(value));
}
void Writer::integer(int column, std::int32_t value) {
    set(column, Int32GetDatum(value));
}
void Writer::real(int column, double value) {
    set(column, Float8GetDatum(value));
}
void Writer::boolean(int column, bool value) {
    set(column, BoolGetDatum(value));
}
void Writer::character(int column, char value) {
    set(column, CharGetDatum(value));
}
void Writer::timestamp(int column, TimestampTz value) {
    set(column, TimestampTzGetDatum(value));
}

void Writer::text(int column, std::string_view value) {
    set(column, make(batch_memory_, [&] {
            return PointerGetDatum(
                cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
        }));
}

void Writer::difference(int column, const field::Decimal& a, const field::Decimal& b) {
    set(column, make(batch_memory_, [&] {
            return DirectFunctionCall2(numeric_sub, numeric_datum(a), numeric_datum(b));
        }));
}

void Writer::add() {
    ++state_->filled;
    ++rows_;
    if (state_->filled == batch_rows ||
        MemoryContextMemAllocated(batch_memory_, false) > batch_bytes)
        flush();
    values_ = state_->values +
              static_cast<std::size_t>(state_->filled) * static_cast<std::size_t>(state_->width);
    nulls_ = state_->nulls +
             static_cast<std::size_t>(state_->filled) * static_cast<std::size_t>(state_->width);
}

void Writer::flush() {
    if (state_->filled == 0) return;
    if (state_->heap)
        write_rows();
    else
        write_spi();
    MemoryContextReset(batch_memory_);
    std::memset(state_->nulls, true,
                sizeof(bool) * batch_rows * static_cast<std::size_t>(state_->width));
    state_->filled = 0;
    values_ = state_->values;
    nulls_ = state_->nulls;
}

// Runs inside call().
void Writer::insert(TupleTableSlot** slots, int count) {
    State& state = *state_;
    table_multi_insert(state.relation, slots, count, GetCurrentCommandId(true), 0, state.bulk);
    if (state.result->ri_NumIndices > 0) state.indexes->insert(slots, count);
}

void Writer::write_rows() {
    call([&] {
        State& state = *state_;
        MemoryContext old = MemoryContextSwitchTo(batch_memory_);
        make_slots(state, state.slots, state.filled, table_slot_callbacks(state.relation));
        TupleDesc description = RelationGetDescr(state.relation);
        for (int row = 0; row < state.filled; ++row) {
            TupleTableSlot* slot = state.slots[row];
            ExecClearTuple(slot);
            std::memset(slot->tts_isnull, true,
                        sizeof(bool) * static_cast<std::size_t>(description->natts));
            for (int i = 0; i < state.width; ++i) {
                int from = row * state.width + i, to = state.columns[i] - 1;
                slot->tts_values[to] = state.values[from];
                slot->tts_isnull[to] = state.nulls[from];
            }
            ExecStoreVirtualTuple(slot);
            if (description->constr != nullptr) ExecConstraints(state.result, slot, state.estate);
        }
        insert(state.slots, state.filled);
        for (int row = 0; row < state.filled; ++row) ExecClearTuple(state.slots[row]);
        ResetPerTupleExprContext(state.estate);
        MemoryContextSwitchTo(old);
        CHECK_FOR_INTERRUPTS();
    });
}

void Writer::write(std::span<HeapTupleData> tuples) {
    flush();
    if (tuples.empty()) return;
    rows_ += tuples.size();
    if (!state_->heap) {
        call([&] {
            TupleDesc description = RelationGetDescr(state_->relation);
            MemoryContext old = MemoryContextSwitchTo(batch_memory_);
            auto natts = static_cast<std::size_t>(description->natts);
            Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * natts));
            bool* nulls = static_cast<bool*>(palloc(sizeof(bool) * natts));
            for (std::size_t row = 0; row < tuples.size(); ++row) {
                heap_deform_tuple(&tuples[row], description, values, nulls);
                for (int i = 0; i < state_->width; ++i) {
                    std::size_t to =
                        row * static_cast<std::size_t>(state_->width) + static_cast<std::size_t>(i);
                    state_->values[to] = values[state_->columns[i] - 1];
                    state_->nulls[to] = nulls[state_->columns[i] - 1];
                }
            }
            MemoryContextSwitchTo(old);
        });
        state_->filled = static_cast<int>(tuples.size());
        flush();
        return;
    }
    call([&] {
        State& state = *state_;
        MemoryContext old = MemoryContextSwitchTo(batch_memory_);
        TupleDesc description = RelationGetDescr(state.relation);
        int count = static_cast<int>(tuples.size());
        make_slots(state, state.formed_slots, count, &TTSOpsHeapTuple);
        for (int row = 0; row < count; ++row) {
            TupleTableSlot* slot = state.formed_slots[row];
            ExecStoreHeapTuple(&tuples[static_cast<std::size_t>(row)], slot, false);
            if (description->constr != nullptr &&
                (state.checked || lacks_value(tuples[static_cast<std::size_t>(row)], description)))
                ExecConstraints(state.result, slot, state.estate);
            // As if it were the slot's own: the insertion then takes it as it is, without a copy.
            slot->tts_flags |= TTS_FLAG_SHOULDFREE;
        }
        insert(state.formed_slots, count);
        for (int row = 0; row < count; ++row) {
            TupleTableSlot* slot = state.formed_slots[row];
            slot->tts_flags &= static_cast<std::uint16_t>(~TTS_FLAG_SHOULDFREE);
            ExecClearTuple(slot);
        }
        ResetPerTupleExprContext(state.estate);
        MemoryContextSwitchTo(old);
        CHECK_FOR_INTERRUPTS();
    });
    MemoryContextReset(batch_memory_);
}

void Writer::write_spi() {
    if (parent_ != nullptr && parent_->state_ != nullptr) parent_->flush();
    OwnerScope owner;
    Spi spi;
    call([&] {
        State& state = *state_;
        MemoryContext old = MemoryContextSwitchTo(batch_memory_);
        TupleDesc description = RelationGetDescr(state.relation);
        Datum arrays[64];
        Oid types[64];
        Datum* column =
            static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(state.filled)));
        bool* nulls =
            static_cast<bool*>(palloc(sizeof(bool) * static_cast<std::size_t>(state.filled)));
        if (state.width > static_cast<int>(lengthof(arrays)))
            elog(ERROR, "recon: too many columns");
        for (int i = 0; i < state.width; ++i) {
            Form_pg_attribute attribute = TupleDescAttr(description, state.columns[i] - 1);
            for (int row = 0; row < state.filled; ++row) {
                column[row] = state.values[row * state.width + i];
                nulls[row] = state.nulls[row * state.width + i];
            }
            int dimension = state.filled, lower = 1;
            types[i] = get_array_type(attribute->atttypid);
            arrays[i] = PointerGetDatum(
                construct_md_array(column, nulls, 1, &dimension, &lower, attribute->atttypid,
                                   attribute->attlen, attribute->attbyval, attribute->attalign));
        }
        int code =
            SPI_execute_with_args(state.statement, state.width, types, arrays, nullptr, false, 0);
        if (code != SPI_OK_INSERT && code != SPI_OK_UPDATE)
            elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
        MemoryContextSwitchTo(old);
    });
}

void Writer::finish() {
    flush();
    call([&] {
        State& state = *state_;
        if (state.heap) {
            state.indexes->flush();
            FreeBulkInsertState(state.bulk);
            drop_slots(state.slots);
            drop_slots(state.formed_slots);
            ExecCloseIndices(state.result);
            table_finish_bulk_insert(state.relation, 0);
            FreeExecutorState(state.estate);
        }
        table_close(state.relation, NoLock);
        MemoryContextDelete(state.memory);
        CommandCounterIncrement();
    });
    state_ = nullptr;
}

}  // namespace recon::pg
