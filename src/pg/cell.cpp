#include "pg/cell.hpp"

#include "pg/numeric.hpp"

extern "C" {
#include "utils/datetime.h"
}

namespace recon::pg {

Datum text_datum(std::string_view text) {
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

Datum cell_datum(const ingest::Cell& cell) {
    switch (cell.kind) {
        case ingest::Cell::Kind::text:
            return text_datum(cell.text);
        case ingest::Cell::Kind::decimal:
            return numeric_datum(cell.decimal);
        case ingest::Cell::Kind::date:
            return DateADTGetDatum(cell.day);
        default:
            elog(ERROR, "recon: unexpected kind of cell");
    }
}

namespace {

void fill(JsonbValue& value, const ingest::Cell& cell) {
    switch (cell.kind) {
        case ingest::Cell::Kind::null:
            value.type = jbvNull;
            return;
        case ingest::Cell::Kind::boolean:
            value.type = jbvBool;
            value.val.boolean = cell.boolean;
            return;
        case ingest::Cell::Kind::decimal:
            value.type = jbvNumeric;
            value.val.numeric = DatumGetNumeric(numeric_datum(cell.decimal));
            return;
        case ingest::Cell::Kind::text:
            value.type = jbvString;
            value.val.string.val = const_cast<char*>(cell.text.data());
            value.val.string.len = static_cast<int>(cell.text.size());
            return;
        case ingest::Cell::Kind::date:
        case ingest::Cell::Kind::timestamp: {
            // ISO 8601 whatever DateStyle and TimeZone say, as to_jsonb writes it.
            char* buffer = static_cast<char*>(palloc(MAXDATELEN + 1));
            int zone = 0;
            if (cell.kind == ingest::Cell::Kind::date)
                JsonEncodeDateTime(buffer, DateADTGetDatum(cell.day), DATEOID, nullptr);
            else
                JsonEncodeDateTime(buffer, TimestampTzGetDatum(cell.micros), TIMESTAMPTZOID, &zone);
            value.type = jbvString;
            value.val.string.val = buffer;
            value.val.string.len = static_cast<int>(std::strlen(buffer));
            return;
        }
    }
}

}  // namespace

Datum object_datum(std::span<const ingest::Attribute> members,
                   const std::vector<std::string>& keys) {
    JsonbParseState* state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    for (const ingest::Attribute& member : members) {
        const std::string& name = keys[member.key];
        JsonbValue key, value;
        key.type = jbvString;
        key.val.string.val = const_cast<char*>(name.data());
        key.val.string.len = static_cast<int>(name.size());
        pushJsonbValue(&state, WJB_KEY, &key);
        fill(value, member.value);
        pushJsonbValue(&state, WJB_VALUE, &value);
    }
    return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
}

}  // namespace recon::pg
