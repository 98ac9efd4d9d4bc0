#include "pg/text_rows.hpp"

extern "C" {
#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"
}

namespace recon::pg {

TextRows::TextRows(Spi&, const char* name, std::initializer_list<const char*> columns)
    : name_(name) {
    std::span<const char* const> names(columns.begin(), columns.size());
    call([&] {
        description_ = CreateTemplateTupleDesc(static_cast<int>(names.size()));
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto number = static_cast<AttrNumber>(i + 1);
            TupleDescInitEntry(description_, number, names[i], TEXTOID, -1, 0);
        }
        rows_ = tuplestore_begin_heap(false, false, work_mem);
        row_memory_ =
            AllocSetContextCreate(CurrentMemoryContext, "recon row", ALLOCSET_SMALL_SIZES);
    });
}

TextRows::~TextRows() {
    if (std::uncaught_exceptions() == exceptions_) tuplestore_end(rows_);
}

void TextRows::add(std::initializer_list<std::string_view> row) {
    std::span<const std::string_view> texts(row.begin(), row.size());
    call([&] {
        constexpr std::size_t most = 8;
        Datum values[most];
        bool nulls[most] = {};
        if (texts.size() > most || static_cast<int>(texts.size()) != description_->natts)
            elog(ERROR, "recon: row of %zu texts, expected %d", texts.size(), description_->natts);
        MemoryContext old = MemoryContextSwitchTo(row_memory_);
        for (std::size_t i = 0; i < texts.size(); ++i)
            values[i] = PointerGetDatum(
                cstring_to_text_with_len(texts[i].data(), static_cast<int>(texts[i].size())));
        tuplestore_putvalues(rows_, description_, values, nulls);
        MemoryContextSwitchTo(old);
        MemoryContextReset(row_memory_);
    });
    ++count_;
}

void TextRows::finish() {
    call([&] {
        auto* relation =
            static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
        relation->md.name = pstrdup(name_);
        relation->md.reliddesc = InvalidOid;
        relation->md.tupdesc = description_;
        relation->md.enrtype = ENR_NAMED_TUPLESTORE;
        relation->md.enrtuples = static_cast<double>(count_);
        relation->reldata = rows_;
        int code = SPI_register_relation(relation);
        if (code != SPI_OK_REL_REGISTER)
            elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
    });
}

}  // namespace recon::pg
