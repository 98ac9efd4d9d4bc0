// Differences between PostgreSQL 15 and 18, in one place. Shims are named after the newer form.
#pragma once

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "recon supports PostgreSQL 15 to 18"
#endif

#if PG_VERSION_NUM >= 160000
extern "C" {
#include "varatt.h"
}
#endif

// 16 (19d8e2308bc5) added onlySummarizing.
inline List* ExecInsertIndexTuplesCompat(ResultRelInfo* result, TupleTableSlot* slot,
                                         EState* estate) {
#if PG_VERSION_NUM >= 160000
    return ExecInsertIndexTuples(result, slot, estate, false, false, nullptr, NIL, false);
#else
    return ExecInsertIndexTuples(result, slot, estate, false, false, nullptr, NIL);
#endif
}
