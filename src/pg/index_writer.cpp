#include "pg/index_writer.hpp"

extern "C" {
#include "catalog/pg_am.h"
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

// Of a summary of ranges of pages (BRIN) whose values can be told apart as they are.
bool is_summary(const IndexInfo* info, Relation index) {
    bool summary = info->ii_Am == BRIN_AM_OID && info->ii_Predicate == NIL;
    for (int i = 0; i < info->ii_NumIndexAttrs; ++i)
        summary = summary && TupleDescAttr(RelationGetDescr(index), i)->attbyval;
    return summary;
}

void insert_entry(Relation index, IndexInfo* info, Datum* values, bool* nulls, ItemPointer place,
                  Relation table) {
    index_insert(index, values, nulls, place, table,
                 info->ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info);
}

}  // namespace

IndexWriter* IndexWriter::make(ResultRelInfo* result, EState* estate, AttrNumber sorted) {
    auto* writer = static_cast<IndexWriter*>(palloc0(sizeof(IndexWriter)));
    writer->result_ = result;
    writer->estate_ = estate;
    writer->memory_ = CurrentMemoryContext;
    writer->simple_ = true;
    writer->sorted_index_ = -1;
    writer->sorted_ = sorted;
    writer->predicates_ = static_cast<ExprState**>(
        palloc0(sizeof(ExprState*) * static_cast<std::size_t>(result->ri_NumIndices + 1)));
    writer->summaries_ = static_cast<bool*>(
        palloc0(sizeof(bool) * static_cast<std::size_t>(result->ri_NumIndices + 1)));
    for (int i = 0; i < result->ri_NumIndices; ++i) {
        const IndexInfo* info = result->ri_IndexRelationInfo[i];
        writer->simple_ = writer->simple_ && is_simple(info, result->ri_IndexRelationDescs[i]);
        writer->predicates_[i] = ExecPrepareQual(info->ii_Predicate, estate);
        writer->summaries_[i] = is_summary(info, result->ri_IndexRelationDescs[i]);
        if (sorted > 0 && info->ii_NumIndexAttrs == 1 && info->ii_Predicate == NIL &&
            info->ii_ReadyForInserts && info->ii_IndexAttrNumbers[0] == sorted)
            writer->sorted_index_ = i;
    }
    if (!writer->simple_) writer->sorted_index_ = -1;
    return writer;
}

// A summary has nothing to add for a row that stands on the same page as the one before and has the
// same values.
bool IndexWriter::is_repeated(int index, TupleTableSlot* slot, TupleTableSlot* before) {
    if (before == nullptr || !summaries_[index]) return false;
    if (ItemPointerGetBlockNumber(&slot->tts_tid) != ItemPointerGetBlockNumber(&before->tts_tid))
        return false;
    const IndexInfo* info = result_->ri_IndexRelationInfo[index];
    for (int i = 0; i < info->ii_NumIndexAttrs; ++i) {
        bool null = false, null_before = false;
        Datum value = slot_getattr(slot, info->ii_IndexAttrNumbers[i], &null);
        Datum value_before = slot_getattr(before, info->ii_IndexAttrNumbers[i], &null_before);
        if (null != null_before || (!null && value != value_before)) return false;
    }
    return true;
}

void IndexWriter::insert_into(int index, TupleTableSlot* slot) {
    IndexInfo* info = result_->ri_IndexRelationInfo[index];
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    for (int i = 0; i < info->ii_NumIndexAttrs; ++i)
        values[i] = slot_getattr(slot, info->ii_IndexAttrNumbers[i], &nulls[i]);
    insert_entry(result_->ri_IndexRelationDescs[index], info, values, nulls, &slot->tts_tid,
                 result_->ri_RelationDesc);
}

bool IndexWriter::has_entry(int index, TupleTableSlot* slot) {
    ExprState* predicate = predicates_[index];
    if (predicate == nullptr) return true;
    ExprContext* context = GetPerTupleExprContext(estate_);
    context->ecxt_scantuple = slot;
    return ExecQual(predicate, context);
}

// False for a NULL, which has no place in the order.
bool IndexWriter::keep(TupleTableSlot* slot) {
    bool null = false;
    Datum key = slot_getattr(slot, sorted_, &null);
    if (null) return false;
    if (count_ == most_entries) flush();
    if (count_ == room_) {
        std::size_t room = std::min(most_entries, std::max<std::size_t>(1024, room_ * 2));
        entries_ = static_cast<Entry*>(entries_ == nullptr
                                           ? MemoryContextAllocHuge(memory_, room * sizeof(Entry))
                                           : repalloc_huge(entries_, room * sizeof(Entry)));
        room_ = room;
    }
    entries_[count_++] = {DatumGetInt64(key), slot->tts_tid};
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
        for (int row = 0; row < count; ++row) {
            if (index == sorted_index_ && keep(slots[row])) continue;
            if (is_repeated(index, slots[row], row > 0 ? slots[row - 1] : nullptr)) continue;
            if (has_entry(index, slots[row])) insert_into(index, slots[row]);
            if (row % 64 == 63) ResetPerTupleExprContext(estate_);
        }
    }
    MemoryContextSwitchTo(old);
    ResetPerTupleExprContext(estate_);
}

// Sorted in parts, between which interrupts are served, and merged on the way.
void IndexWriter::flush() {
    if (count_ == 0) return;
    struct Part {
        Entry *at, *end;
    } parts[most_entries / part_entries];
    int left = 0;
    for (std::size_t from = 0; from < count_; from += part_entries) {
        Part part{entries_ + from, entries_ + std::min(count_, from + part_entries)};
        std::sort(part.at, part.end, [](const Entry& a, const Entry& b) { return a.key < b.key; });
        parts[left++] = part;
        CHECK_FOR_INTERRUPTS();
    }
    Relation index = result_->ri_IndexRelationDescs[sorted_index_];
    IndexInfo* info = result_->ri_IndexRelationInfo[sorted_index_];
    MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate_));
    for (std::size_t done = 1; left > 0; ++done) {
        Part* least = parts;
        for (int i = 1; i < left; ++i)
            if (parts[i].at->key < least->at->key) least = &parts[i];
        Datum value = Int64GetDatum(least->at->key);
        bool null = false;
        insert_entry(index, info, &value, &null, &least->at->place, result_->ri_RelationDesc);
        if (++least->at == least->end) *least = parts[--left];
        if (done % 64 == 0) {
            ResetPerTupleExprContext(estate_);
            CHECK_FOR_INTERRUPTS();
        }
    }
    count_ = 0;
    MemoryContextSwitchTo(old);
    ResetPerTupleExprContext(estate_);
}

}  // namespace recon::pg
