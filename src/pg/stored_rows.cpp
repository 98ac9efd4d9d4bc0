#include "pg/stored_rows.hpp"

#include "pg/table.hpp"

extern "C" {
#include "common/hashfn.h"
}

namespace recon::pg {

namespace {

HeapTupleHeader header_of(std::span<const std::uint64_t> row) {
    return reinterpret_cast<HeapTupleHeader>(const_cast<std::uint64_t*>(row.data()));
}

}  // namespace

void append_rows(const Rows& rows, std::vector<std::uint64_t>& words) {
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        // A row as a value has nothing outside of it.
        HeapTupleHeader row = call([&] { return DatumGetHeapTupleHeader(rows.datum(i, 1)); });
        std::size_t bytes = HeapTupleHeaderGetDatumLength(row), size = (bytes + 7) / 8;
        words.push_back(static_cast<std::uint64_t>(rows.bigint(i, 0)));
        words.push_back(size);
        words.resize(words.size() + size);
        std::memcpy(words.data() + words.size() - size, row, bytes);
    }
}

Oid row_type_of(const char* table) {
    Oid oid = table_oid(table);
    return call([&] { return get_rel_type_id(oid); });
}

std::uint64_t shape_of(Oid row_type) {
    return call([&] {
        static Oid last_type = InvalidOid;
        static std::uint64_t last_identifier = 0, last_shape = 0;
        TypeCacheEntry* type = lookup_type_cache(row_type, TYPECACHE_TUPDESC);
        if (row_type == last_type && type->tupDesc_identifier == last_identifier) return last_shape;
        std::uint64_t shape = 0;
        for (int i = 0; i < type->tupDesc->natts; ++i) {
            Form_pg_attribute column = TupleDescAttr(type->tupDesc, i);
            std::int32_t what[] = {static_cast<std::int32_t>(column->atttypid), column->atttypmod,
                                   column->attisdropped ? 1 : 0};
            shape = hash_bytes_extended(reinterpret_cast<unsigned char*>(what), sizeof what, shape);
        }
        last_type = row_type;
        last_identifier = type->tupDesc_identifier;
        last_shape = shape;
        return shape;
    });
}

StoredRowSet::StoredRowSet(FunctionCallInfo fcinfo)
    : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
    call([&] { InitMaterializedSRF(fcinfo, 0); });
}

void StoredRowSet::add(std::span<const std::uint64_t> row) {
    call([&] {
        HeapTupleData tuple{};
        tuple.t_data = header_of(row);
        tuple.t_len = HeapTupleHeaderGetDatumLength(tuple.t_data);
        ItemPointerSetInvalid(&tuple.t_self);
        tuplestore_puttuple(info_->setResult, &tuple);
    });
}

Datum stored_row(std::span<const std::uint64_t> row) {
    return call([&] {
        std::size_t bytes = HeapTupleHeaderGetDatumLength(header_of(row));
        void* copy = palloc(bytes);
        std::memcpy(copy, row.data(), bytes);
        return HeapTupleHeaderGetDatum(static_cast<HeapTupleHeader>(copy));
    });
}

}  // namespace recon::pg
