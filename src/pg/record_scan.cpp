#include "pg/record_scan.hpp"

#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
#include "storage/bufmgr.h"
}

namespace recon::pg {

// Plain data in a memory context of its own, which also holds what values of a batch need.
struct RecordScan::State {
    MemoryContext memory, batch;
    Relation table, index;
    Snapshot snapshot;
    TupleTableSlot* slot;
    TableScanDesc scan;  // or by the index:
    IndexScanDesc index_scan;
    std::size_t next_range;  // not given to it yet
    bool started, ended;
    int last_attribute;
    char *text, *text_end;  // free bytes for texts of the batch
    char* text_begin;
};

namespace {

constexpr AttrNumber id_column = 1, project_column = 2, source_column = 3;
constexpr std::size_t text_bytes = std::size_t{256} << 10, batch_memory = std::size_t{1} << 20;

// Ranges as near one another as this are one to the index.
constexpr std::int64_t near = 16;

// A row by the index costs about as much as the tenth part of a page read whole.
constexpr std::int64_t rows_a_page = 10;

bool is_wanted_whole(Relation table, std::span<const RecordScan::Range> ranges) {
    std::int64_t wanted = 0;
    for (const RecordScan::Range& range : ranges) wanted += range.last - range.first + 1;
    return wanted >= rows_a_page * static_cast<std::int64_t>(RelationGetNumberOfBlocks(table));
}

}  // namespace

int record_column(const char* name) {
    Oid table = table_oid("records");
    return call([&] {
        AttrNumber number = get_attnum(table, name);
        if (number <= 0) elog(ERROR, "recon: records have no column \"%s\"", name);
        return static_cast<int>(number);
    });
}

bool RecordScan::possible() {
    Oid table = table_oid("records");
    return call([&] {
        Relation relation = table_open(table, AccessShareLock);
        bool possible = is_readable_heap(relation);
        table_close(relation, AccessShareLock);
        return possible;
    });
}

RecordScan::RecordScan(const Spi& spi, std::int64_t project_id, std::int64_t source_id,
                       std::span<const Range> ranges, std::span<const WantedValue> wanted)
    : project_id_(project_id),
      source_id_(source_id),
      ranges_(ranges),
      wanted_(wanted),
      ids_(batch_rows),
      values_(batch_rows * wanted.size()) {
    Oid table = table_oid("records");
    bool fresh = !spi.is_read_only();
    state_ = call([&] {
        MemoryContext memory =
            AllocSetContextCreate(CurrentMemoryContext, "recon scan", ALLOCSET_DEFAULT_SIZES);
        MemoryContext old = MemoryContextSwitchTo(memory);
        auto* state = static_cast<State*>(palloc0(sizeof(State)));
        state->memory = memory;
        state->batch = AllocSetContextCreate(memory, "recon scan batch", ALLOCSET_DEFAULT_SIZES);
        state->table = open_table(table, AccessShareLock);
        state->snapshot = RegisterSnapshot(fresh ? GetTransactionSnapshot() : GetActiveSnapshot());
        state->slot = table_slot_create(state->table, nullptr);
        state->last_attribute = source_column;
        for (const WantedValue& one : wanted_)
            state->last_attribute = std::max(state->last_attribute, one.column);
        state->text_begin = static_cast<char*>(palloc(text_bytes));
        state->text_end = state->text_begin + text_bytes;
        // Not in step with other scans, which may stand anywhere: the order is the table's.
        if (is_wanted_whole(state->table, ranges_)) {
            state->scan =
                table_beginscan_strat(state->table, state->snapshot, 0, nullptr, true, false);
        } else {
            state->index = index_open(primary_key(state->table), AccessShareLock);
            state->index_scan =
                index_beginscan_compat(state->table, state->index, state->snapshot, 2, 0);
        }
        MemoryContextSwitchTo(old);
        return state;
    });
}

bool RecordScan::is_wanted(std::int64_t id) {
    if (at_ < ranges_.size() && id >= ranges_[at_].first && id <= ranges_[at_].last) return true;
    auto after = std::upper_bound(
        ranges_.begin(), ranges_.end(), id,
        [](std::int64_t wanted, const Range& range) { return wanted < range.first; });
    if (after == ranges_.begin()) return false;
    at_ = static_cast<std::size_t>(after - ranges_.begin()) - 1;
    return id <= ranges_[at_].last;
}

// Runs inside call(), as all that follows: puts the next row into the slot.
bool RecordScan::next() {
    State& state = *state_;
    if (state.scan != nullptr)
        return table_scan_getnextslot(state.scan, ForwardScanDirection, state.slot);
    for (;;) {
        if (state.started && index_getnext_slot(state.index_scan, ForwardScanDirection, state.slot))
            return true;
        if (state.next_range == ranges_.size()) return false;
        std::int64_t first = ranges_[state.next_range].first, last = ranges_[state.next_range].last;
        while (++state.next_range < ranges_.size() &&
               ranges_[state.next_range].first - last <= near)
            last = ranges_[state.next_range].last;
        ScanKeyData keys[2];
        ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(first));
        ScanKeyInit(&keys[1], 1, BTLessEqualStrategyNumber, F_INT8LE, Int64GetDatum(last));
        index_rescan(state.index_scan, keys, 2, nullptr, 0);
        state.started = true;
    }
}

void RecordScan::read(std::size_t row) {
    State& state = *state_;
    slot_getsomeattrs(state.slot, state.last_attribute);
    ids_[row] = DatumGetInt64(state.slot->tts_values[id_column - 1]);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        RawValue& value = values_[i * batch_rows + row];
        int attribute = wanted_[i].column - 1;
        value.null = state.slot->tts_isnull[attribute];
        if (value.null) continue;
        read_value(value, wanted_[i], state.slot->tts_values[attribute]);
        if (value.null || value.text == nullptr || value.length == 0) continue;
        // Its page goes when the scan moves on.
        auto length = static_cast<std::size_t>(value.length);
        char* to;
        if (length <= static_cast<std::size_t>(state.text_end - state.text)) {
            to = state.text;
            state.text += length;
        } else {
            to = static_cast<char*>(palloc(length));
        }
        std::memcpy(to, value.text, length);
        value.text = to;
    }
}

// Large values end a batch early.
bool RecordScan::has_room() const {
    return rows_ == 0 || (state_->text_end - state_->text > 4096 &&
                          MemoryContextMemAllocated(state_->batch, false) < batch_memory);
}

void RecordScan::close() {
    State& state = *state_;
    if (state.scan != nullptr) table_endscan(state.scan);
    ExecDropSingleTupleTableSlot(state.slot);
    if (state.index_scan != nullptr) {
        index_endscan(state.index_scan);
        index_close(state.index, AccessShareLock);
    }
    UnregisterSnapshot(state.snapshot);
    table_close(state.table, AccessShareLock);
    MemoryContextDelete(state.memory);
}

bool RecordScan::fetch() {
    if (state_ == nullptr) return false;
    rows_ = 0;
    call([&] {
        State& state = *state_;
        CHECK_FOR_INTERRUPTS();
        MemoryContextReset(state.batch);
        // What a scan keeps for itself, the rows that an index need not show again, lives as long
        // as the scan.
        MemoryContext old = MemoryContextSwitchTo(state.memory);
        state.text = state.text_begin;
        int seen = 0;
        while (!state.ended && rows_ < batch_rows && has_room()) {
            if (!next()) {
                state.ended = true;
                break;
            }
            // Many rows may pass that are not wanted.
            if (++seen % 4096 == 0) CHECK_FOR_INTERRUPTS();
            slot_getsomeattrs(state.slot, source_column);
            const Datum* values = state.slot->tts_values;
            if (DatumGetInt64(values[source_column - 1]) == source_id_ &&
                DatumGetInt64(values[project_column - 1]) == project_id_ &&
                is_wanted(DatumGetInt64(values[id_column - 1]))) {
                MemoryContextSwitchTo(state.batch);
                read(rows_++);
                MemoryContextSwitchTo(state.memory);
            }
        }
        MemoryContextSwitchTo(old);
        if (rows_ == 0) close();
    });
    if (rows_ == 0) state_ = nullptr;
    return rows_ > 0;
}

}  // namespace recon::pg
