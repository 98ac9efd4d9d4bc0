// Tuples of recon.records that TupleFormer made.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// All columns of recon.records, in the table's order.
inline constexpr std::initializer_list<const char*> record_columns = {
    "record_id",   "project_id",       "source_id",   "ingestion_id", "line_no",
    "external_id", "transaction_date", "value_date",  "amount",       "currency",
    "reference",   "counterparty",     "description", "attributes"};

inline HeapTupleData as_tuple(std::span<char> bytes) {
    HeapTupleData tuple{};
    tuple.t_len = static_cast<std::uint32_t>(bytes.size());
    ItemPointerSetInvalid(&tuple.t_self);
    tuple.t_tableOid = InvalidOid;
    tuple.t_data = reinterpret_cast<HeapTupleHeader>(bytes.data());
    return tuple;
}

// record_id is the first column: always there, at the beginning of the data.
inline void set_record_id(std::span<char> bytes, std::int64_t id) {
    auto* header = reinterpret_cast<HeapTupleHeader>(bytes.data());
    std::memcpy(bytes.data() + header->t_hoff, &id, sizeof id);
}

// False where it is NULL. The first five columns are bigints and never NULL.
inline bool external_id_of(std::span<char> bytes, std::string& id) {
    constexpr int attribute = 5;
    auto* header = reinterpret_cast<HeapTupleHeader>(bytes.data());
    if ((header->t_infomask & HEAP_HASNULL) != 0 && att_isnull(attribute, header->t_bits))
        return false;
    char* value = bytes.data() + header->t_hoff + attribute * sizeof(std::int64_t);
    id.assign(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
    return true;
}

}  // namespace recon::pg
