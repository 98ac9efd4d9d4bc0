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
    largest_header_ = MAXALIGN(SizeofHeapTupleHeader + bitmap_.size());
}

void TupleFormer::begin(Bytes& out) {
    out_ = &out;
    out.align(MAXIMUM_ALIGNOF);
    out.extend(largest_header_);
    data_ = out.size();
    column_ = columns_.data();
    set_ = 0;
    variable_ = false;
    std::fill(bitmap_.begin(), bitmap_.end(), std::uint8_t{0});
}

void TupleFormer::text(std::string_view value) {
    const Column& column = next();
    variable_ = true;
    if (column.packable && value.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX) {
        char* to = out_->extend(VARHDRSZ_SHORT + value.size());
        SET_VARSIZE_SHORT(to, VARHDRSZ_SHORT + value.size());
        if (!value.empty()) std::memcpy(to + VARHDRSZ_SHORT, value.data(), value.size());
        return;
    }
    out_->align(column.alignment);
    char* to = out_->extend(VARHDRSZ + value.size());
    SET_VARSIZE(to, VARHDRSZ + value.size());
    std::memcpy(to + VARHDRSZ, value.data(), value.size());
}

void TupleFormer::decimal(const field::Decimal& value) {
    alignas(2) char packed[largest_packed_numeric];
    text({packed, pack_numeric(value, packed)});
}

void TupleFormer::difference(const field::Decimal& a, const field::Decimal& b) {
    int scale = std::max(a.scale, b.scale);
    field::int128 left = field::at_scale(a, scale), right = field::at_scale(b, scale);
    alignas(2) char packed[largest_packed_numeric];
    text({packed, pack_numeric(field::distance(left, right), left < right, scale, packed)});
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

std::span<char> TupleFormer::finish() {
    bool nulls = set_ < attributes_;
    std::size_t header = MAXALIGN(SizeofHeapTupleHeader + (nulls ? bitmap_.size() : 0));
    char* start = out_->data() + data_ - header;
    std::memset(start, 0, header);
    auto* tuple = reinterpret_cast<HeapTupleHeader>(start);
    HeapTupleHeaderSetNatts(tuple, attributes_);
    ItemPointerSetInvalid(&tuple->t_ctid);
    tuple->t_hoff = static_cast<std::uint8_t>(header);
    if (variable_) tuple->t_infomask |= HEAP_HASVARWIDTH;
    if (nulls) {
        tuple->t_infomask |= HEAP_HASNULL;
        std::memcpy(tuple->t_bits, bitmap_.data(), bitmap_.size());
    }
    return {start, out_->size() - data_ + header};
}

}  // namespace recon::pg
