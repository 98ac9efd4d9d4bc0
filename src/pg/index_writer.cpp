#include "pg/index_writer.hpp"

#include "pg/settings.hpp"

extern "C" {
#include "access/brin_internal.h"
#include "catalog/pg_am.h"
#include "optimizer/optimizer.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
}

namespace recon::pg {

namespace {

bool is_simple(const IndexInfo* info, Relation index) {
    bool simple = info->ii_Expressions == NIL && info->ii_ExclusionOps == nullptr &&
                  index->rd_index->indimmediate;
    for (int i = 0; i < info->ii_NumIndexAttrs; ++i)
        simple = simple && info->ii_IndexAttrNumbers[i] > 0;
    return simple;
}

// Whether Datums of the type, as signed numbers, are in its order.
bool is_ordered_as_number(Oid type) {
    switch (type) {
        case INT2OID:
        case INT4OID:
        case INT8OID:
        case DATEOID:
        case TIMESTAMPOID:
        case TIMESTAMPTZOID:
            return true;
        default:
            return false;
    }
}

}  // namespace

// What a summary of ranges of pages (BRIN) was told of the page at hand, by column. It has nothing
// to learn from a row between others of that page, which are in the table already.
struct IndexWriter::Summary {
    struct Column {
        bool by_bounds;  // it keeps the least and the greatest value
        bool any, null;
        std::int64_t least, greatest;  // or both the last one
    };
    int count;  // of columns
    BlockNumber page;
    Column* columns;

    // Null where it cannot be said for the index.
    static Summary* make(const IndexInfo* info, Relation index) {
        if (info->ii_Am != BRIN_AM_OID || info->ii_Predicate != NIL) return nullptr;
        auto* summary = static_cast<Summary*>(palloc0(sizeof(Summary)));
        summary->count = info->ii_NumIndexAttrs;
        summary->page = InvalidBlockNumber;
        summary->columns = static_cast<Column*>(
            palloc0(sizeof(Column) * static_cast<std::size_t>(info->ii_NumIndexAttrs)));
        for (int i = 0; i < info->ii_NumIndexAttrs; ++i) {
            Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(index), i);
            if (!attribute->attbyval) return nullptr;
            auto number = static_cast<AttrNumber>(i + 1);
            summary->columns[i].by_bounds =
                is_ordered_as_number(attribute->atttypid) &&
                index_getprocid(index, number, BRIN_PROCNUM_OPCINFO) == F_BRIN_MINMAX_OPCINFO;
        }
        return summary;
    }

    // Whether the row says something new; then it is told.
    bool learns(BlockNumber block, const Datum* values, const bool* nulls) {
        if (block != page)
            for (int i = 0; i < count; ++i) columns[i].any = columns[i].null = false;
        page = block;
        bool learned = false;
        for (int i = 0; i < count; ++i) {
            Column& column = columns[i];
            if (nulls[i]) {
                learned = learned || !column.null;
                column.null = true;
                continue;
            }
            auto value = static_cast<std::int64_t>(values[i]);
            if (column.any && value >= column.least && value <= column.greatest) continue;
            learned = true;
            bool widened = column.any && column.by_bounds;
            column.least = widened ? std::min(column.least, value) : value;
            column.greatest = widened ? std::max(column.greatest, value) : value;
            column.any = true;
        }
        return learned;
    }
};

// Whether a row belongs in a partial index. Rows that come together are often alike in the columns
// that it depends on, and comparing these costs less than asking.
struct IndexWriter::Predicate {
    struct Column {
        AttrNumber number;
        bool by_value;
        std::int16_t length;
    };
    ExprState* state;
    bool of_row;  // it depends on the row as a whole, so that none are taken for alike
    int count;
    Column* columns;
    TupleTableSlot* asked;  // of this batch; null: none yet
    bool holds;             // for it

    // Null where all rows do.
    static Predicate* make(const IndexInfo* info, Relation table, EState* estate) {
        if (info->ii_Predicate == NIL) return nullptr;
        auto* predicate = static_cast<Predicate*>(palloc0(sizeof(Predicate)));
        predicate->state = ExecPrepareQual(info->ii_Predicate, estate);
        Bitmapset* numbers = nullptr;
        pull_varattnos(reinterpret_cast<Node*>(info->ii_Predicate), 1, &numbers);
        predicate->columns = static_cast<Column*>(
            palloc(sizeof(Column) * static_cast<std::size_t>(bms_num_members(numbers))));
        for (int i = -1; (i = bms_next_member(numbers, i)) >= 0;) {
            auto number = static_cast<AttrNumber>(i + FirstLowInvalidHeapAttributeNumber);
            if (number <= 0) {
                predicate->of_row = true;
                break;
            }
            Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(table), number - 1);
            predicate->columns[predicate->count++] = {number, attribute->attbyval,
                                                      attribute->attlen};
        }
        return predicate;
    }

    bool is_alike(TupleTableSlot* slot) const {
        for (int i = 0; i < count; ++i) {
            bool null = false, null_before = false;
            Datum value = slot_getattr(slot, columns[i].number, &null);
            Datum before = slot_getattr(asked, columns[i].number, &null_before);
            if (null != null_before ||
                (!null && !datumIsEqual(value, before, columns[i].by_value, columns[i].length)))
                return false;
        }
        return true;
    }
    bool admits(TupleTableSlot* slot, EState* estate) {
        if (!of_row && asked != nullptr && is_alike(slot)) return holds;
        ExprContext* context = GetPerTupleExprContext(estate);
        context->ecxt_scantuple = slot;
        asked = slot;
        holds = ExecQual(state, context);
        return holds;
    }
};

// Entries that wait for those before them in the index. All have the same values but for the last
// column, so that these order them.
struct IndexWriter::Pending {
    struct Entry {
        std::int64_t key;
        std::uint64_t place;  // block and offset: equal keys stand in the index by place
        bool operator<(const Entry& other) const {
            return key != other.key ? key < other.key : place < other.place;
        }
    };
    static constexpr std::size_t limit = std::size_t{1} << 20, part = std::size_t{1} << 17;

    int last;                      // column of the key
    bool real;                     // its values are float8
    Datum values[INDEX_MAX_KEYS];  // of the other columns
    Entry* entries;
    std::size_t count, room, most;

    // Null where the index is not to be sorted.
    static Pending* make(const IndexInfo* info, Relation index, const Bitmapset* sorted) {
        if (info->ii_Am != BTREE_AM_OID || !info->ii_ReadyForInserts) return nullptr;
        int last = info->ii_NumIndexKeyAttrs - 1;
        if (info->ii_NumIndexAttrs != last + 1 ||
            !bms_is_member(info->ii_IndexAttrNumbers[last], sorted))
            return nullptr;
        for (int i = 0; i < last; ++i)
            if (!TupleDescAttr(RelationGetDescr(index), i)->attbyval) return nullptr;
        Oid type = TupleDescAttr(RelationGetDescr(index), last)->atttypid;
        if (type != FLOAT8OID && !is_ordered_as_number(type)) return nullptr;
        auto* pending = static_cast<Pending*>(palloc0(sizeof(Pending)));
        pending->last = last;
        pending->real = type == FLOAT8OID;
        pending->most = std::min(
            limit, static_cast<std::size_t>(settings::work_mem) * 1024 / 16 / sizeof(Entry));
        return pending;
    }

    // Its own inverse.
    std::int64_t ordered(std::int64_t value) const {
        return real && value < 0 ? value ^ std::numeric_limits<std::int64_t>::max() : value;
    }
    bool fits(const Datum* row) const { return count == 0 || std::equal(row, row + last, values); }
};

IndexWriter* IndexWriter::make(ResultRelInfo* result, EState* estate, const Bitmapset* sorted) {
    auto* writer = static_cast<IndexWriter*>(palloc0(sizeof(IndexWriter)));
    writer->result_ = result;
    writer->estate_ = estate;
    writer->memory_ = CurrentMemoryContext;
    writer->simple_ = true;
    auto indices = static_cast<std::size_t>(result->ri_NumIndices) + 1;
    writer->predicates_ = static_cast<Predicate**>(palloc0(sizeof(Predicate*) * indices));
    writer->summaries_ = static_cast<Summary**>(palloc0(sizeof(Summary*) * indices));
    writer->pending_ = static_cast<Pending**>(palloc0(sizeof(Pending*) * indices));
    for (int i = 0; i < result->ri_NumIndices; ++i) {
        const IndexInfo* info = result->ri_IndexRelationInfo[i];
        writer->simple_ = writer->simple_ && is_simple(info, result->ri_IndexRelationDescs[i]);
        writer->predicates_[i] = Predicate::make(info, result->ri_RelationDesc, estate);
        writer->summaries_[i] = Summary::make(info, result->ri_IndexRelationDescs[i]);
        writer->pending_[i] = Pending::make(info, result->ri_IndexRelationDescs[i], sorted);
    }
    return writer;
}

void IndexWriter::add(int index, TupleTableSlot* slot) {
    const IndexInfo* info = result_->ri_IndexRelationInfo[index];
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    for (int i = 0; i < info->ii_NumIndexAttrs; ++i)
        values[i] = slot_getattr(slot, info->ii_IndexAttrNumbers[i], &nulls[i]);
    Summary* summary = summaries_[index];
    if (summary != nullptr &&
        !summary->learns(ItemPointerGetBlockNumber(&slot->tts_tid), values, nulls))
        return;
    if (pending_[index] == nullptr || !keep(index, values, nulls, &slot->tts_tid))
        insert_entry(index, values, nulls, &slot->tts_tid);
}

void IndexWriter::insert_entry(int index, Datum* values, bool* nulls, ItemPointer place) {
    IndexInfo* info = result_->ri_IndexRelationInfo[index];
    index_insert(result_->ri_IndexRelationDescs[index], values, nulls, place,
                 result_->ri_RelationDesc, info->ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO,
                 false, info);
}

// False for a NULL, which has no place in the order.
bool IndexWriter::keep(int index, const Datum* values, const bool* nulls, ItemPointer place) {
    Pending& pending = *pending_[index];
    for (int i = 0; i <= pending.last; ++i)
        if (nulls[i]) return false;
    if (pending.count == pending.most || !pending.fits(values)) flush(index);
    if (pending.count == pending.room) {
        std::size_t room = std::min(pending.most, std::max<std::size_t>(1024, pending.room * 2));
        std::size_t bytes = room * sizeof(Pending::Entry);
        pending.entries = static_cast<Pending::Entry*>(pending.entries == nullptr
                                                           ? MemoryContextAllocHuge(memory_, bytes)
                                                           : repalloc_huge(pending.entries, bytes));
        pending.room = room;
    }
    std::copy(values, values + pending.last, pending.values);
    auto key = static_cast<std::int64_t>(values[pending.last]);
    std::uint64_t at = static_cast<std::uint64_t>(ItemPointerGetBlockNumber(place)) << 16 |
                       ItemPointerGetOffsetNumber(place);
    pending.entries[pending.count++] = {pending.ordered(key), at};
    return true;
}

void IndexWriter::insert(TupleTableSlot** slots, int count) {
    if (!simple_) {
        for (int row = 0; row < count; ++row) {
            list_free(ExecInsertIndexTuplesCompat(result_, slots[row], estate_));
            ResetPerTupleExprContext(estate_);
        }
        return;
    }
    // What an index forms for an entry lives as long as the entry's insertion.
    MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate_));
    for (int index = 0; index < result_->ri_NumIndices; ++index) {
        // One that is being built concurrently may not take rows yet.
        if (!result_->ri_IndexRelationInfo[index]->ii_ReadyForInserts) continue;
        // A summary made since the last batch may have read the page before these rows were there.
        if (summaries_[index] != nullptr) summaries_[index]->page = InvalidBlockNumber;
        Predicate* predicate = predicates_[index];
        if (predicate != nullptr) predicate->asked = nullptr;
        for (int row = 0; row < count; ++row) {
            if (predicate == nullptr || predicate->admits(slots[row], estate_))
                add(index, slots[row]);
            if (row % 64 == 63) ResetPerTupleExprContext(estate_);
        }
    }
    MemoryContextSwitchTo(old);
    ResetPerTupleExprContext(estate_);
}

void IndexWriter::flush() {
    for (int index = 0; index < result_->ri_NumIndices; ++index)
        if (pending_[index] != nullptr) flush(index);
}

// Sorted in parts, between which interrupts are served, and merged on the way.
void IndexWriter::flush(int index) {
    Pending& pending = *pending_[index];
    if (pending.count == 0) return;
    struct Part {
        Pending::Entry *at, *end;
    } parts[Pending::limit / Pending::part];
    int left = 0;
    for (std::size_t from = 0; from < pending.count; from += Pending::part) {
        Part part{pending.entries + from,
                  pending.entries + std::min(pending.count, from + Pending::part)};
        std::sort(part.at, part.end);
        parts[left++] = part;
        CHECK_FOR_INTERRUPTS();
    }
    bool nulls[INDEX_MAX_KEYS] = {};
    MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate_));
    for (std::size_t done = 1; left > 0; ++done) {
        Part* least = parts;
        for (int i = 1; i < left; ++i)
            if (*parts[i].at < *least->at) least = &parts[i];
        pending.values[pending.last] = static_cast<Datum>(pending.ordered(least->at->key));
        ItemPointerData place;
        ItemPointerSet(&place, static_cast<BlockNumber>(least->at->place >> 16),
                       static_cast<OffsetNumber>(least->at->place & 0xffff));
        insert_entry(index, pending.values, nulls, &place);
        if (++least->at == least->end) *least = parts[--left];
        if (done % 64 == 0) {
            ResetPerTupleExprContext(estate_);
            CHECK_FOR_INTERRUPTS();
        }
    }
    pending.count = 0;
    MemoryContextSwitchTo(old);
    ResetPerTupleExprContext(estate_);
}

}  // namespace recon::pg
