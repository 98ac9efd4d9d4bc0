#include "pg/tuple_former.hpp"

#include "pg/table.hpp"

namespace recon::pg {

namespace {

std::uint8_t alignment_of(char alignment) {
    switch (alignment) {
        case TYPALIGN_DOUBLE:
            return ALIGNOF_DOUBLE;
        case TYPALIGN_INT:
            return ALIGNOF_INT;
        case TYPALIGN_SHORT:
            return ALIGNOF_SHORT;
        default:
            return 1;
    }
}

}  // namespace

TupleFormer::TupleFormer(const char* table, std::initializer_list<const char*> columns) {
    Oid oid = table_oid(table);
    Relation relation = call([&] { return table_open(oid, AccessShareLock); });
    TupleDesc description = RelationGetDescr(relation);
    attributes_ = static_cast<std::uint16_t>(description->natts);
    auto column = columns.begin();
    bool fits = true;
    for (int i = 0; i < description->natts; ++i) {
        Form_pg_attribute attribute = TupleDescAttr(description, i);
        if (attribute->attisdropped) continue;
        fits = fits && column != columns.end() &&
               *column == std::string_view(NameStr(attribute->attname));
        if (!fits) break;
        ++column;
        columns_.push_back({static_cast<std::uint16_t>(i), alignment_of(attribute->attalign),
                            attribute->attlen == -1 && attribute->attstorage != TYPSTORAGE_PLAIN});
    }
    call([&] { table_close(relation, AccessShareLock); });
    if (!fits || column != columns.end())
        throw Error(sqlstate::internal_error, std::string("the columns of table \"recon.") + table +
                                                  "\" are not as expected");
    bitmap_.resize((attributes_ + 7u) / 8u);
}

const TupleFormer::Column& TupleFormer::next() {
    if (at_ == 0) {
        data_.clear();
        set_ = 0;
        variable_ = false;
        std::fill(bitmap_.begin(), bitmap_.end(), std::uint8_t{0});
    }
    return columns_[at_++];
}

void TupleFormer::null() {
    next();
}

void TupleFormer::bigint(std::int64_t value) {
    const Column& column = next();
    mark(column);
    ++set_;
    data_.align(column.alignment);
    data_.append(&value, sizeof value);
}

void TupleFormer::day(field::Day value) {
    const Column& column = next();
    mark(column);
    ++set_;
    data_.align(column.alignment);
    data_.append(&value, sizeof value);
}

void TupleFormer::text(std::string_view value) {
    const Column& column = next();
    mark(column);
    ++set_;
    variable_ = true;
    if (column.packable && value.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX) {
        char* to = data_.extend(VARHDRSZ_SHORT + value.size());
        SET_VARSIZE_SHORT(to, VARHDRSZ_SHORT + value.size());
        if (!value.empty()) std::memcpy(to + VARHDRSZ_SHORT, value.data(), value.size());
        return;
    }
    data_.align(column.alignment);
    char* to = data_.extend(VARHDRSZ + value.size());
    SET_VARSIZE(to, VARHDRSZ + value.size());
    std::memcpy(to + VARHDRSZ, value.data(), value.size());
}

void TupleFormer::decimal(const field::Decimal& value) {
    alignas(2) char packed[largest_packed_numeric];
    text({packed, pack_numeric(value, packed)});
}

void TupleFormer::cell(const ingest::Cell& value) {
    switch (value.kind) {
        case ingest::Cell::Kind::text:
            text(value.text);
            return;
        case ingest::Cell::Kind::decimal:
            decimal(value.decimal);
            return;
        case ingest::Cell::Kind::date:
            day(value.day);
            return;
        default:
            null();
    }
}

std::string_view TupleFormer::finish() {
    at_ = 0;
    bool nulls = set_ < attributes_;
    std::size_t header = MAXALIGN(SizeofHeapTupleHeader + (nulls ? bitmap_.size() : 0));
    tuple_.clear();
    char* to = tuple_.extend(header);
    std::memset(to, 0, header);
    auto* tuple = reinterpret_cast<HeapTupleHeader>(to);
    HeapTupleHeaderSetNatts(tuple, attributes_);
    ItemPointerSetInvalid(&tuple->t_ctid);
    tuple->t_hoff = static_cast<std::uint8_t>(header);
    if (variable_) tuple->t_infomask |= HEAP_HASVARWIDTH;
    if (nulls) {
        tuple->t_infomask |= HEAP_HASNULL;
        std::memcpy(tuple->t_bits, bitmap_.data(), bitmap_.size());
    }
    tuple_.append(data_.data(), data_.size());
    return {tuple_.data(), tuple_.size()};
}

}  // namespace recon::pg
