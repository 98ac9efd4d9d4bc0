#include "pg/values.hpp"

#include "pg/numeric.hpp"

namespace recon::pg {

namespace {

// Run inside call().
void read_column(RawValue& value, ValueKind kind, Datum datum) {
    value.null = false;
    switch (kind) {
        case ValueKind::text: {
            varlena* plain = PG_DETOAST_DATUM_PACKED(datum);
            value.text = VARDATA_ANY(plain);
            value.length = static_cast<int>(VARSIZE_ANY_EXHDR(plain));
            return;
        }
        case ValueKind::decimal:
            if (!read_numeric(datum, value.decimal))
                ereport(
                    ERROR,
                    (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                     errmsg("number is out of range for matching"),
                     errdetail(
                         "Numbers have at most %d digits before and %d after the decimal point.",
                         field::max_integer_digits, field::max_scale)));
            return;
        case ValueKind::date:
            value.day = DatumGetDateADT(datum);
            return;
    }
}

void read_key(RawValue& value, const WantedValue& wanted, Datum datum) {
    Jsonb* object = DatumGetJsonbP(datum);
    JsonbValue found;
    if (!JB_ROOT_IS_OBJECT(object) ||
        getKeyJsonValueFromContainer(&object->root, wanted.key.data(),
                                     static_cast<int>(wanted.key.size()), &found) == nullptr)
        return;
    switch (found.type) {
        case jbvString:
            value.text = found.val.string.val;
            value.length = found.val.string.len;
            break;
        case jbvNumeric: {
            Datum number = NumericGetDatum(found.val.numeric);
            if (wanted.kind == ValueKind::decimal) {
                value.null = !read_numeric(number, value.decimal);
                return;
            }
            value.text = DatumGetCString(DirectFunctionCall1(numeric_out, number));
            value.length = static_cast<int>(std::strlen(value.text));
            break;
        }
        case jbvBool:
            value.text = found.val.boolean ? "true" : "false";
            value.length = static_cast<int>(std::strlen(value.text));
            break;
        default:
            return;
    }
    value.null = false;
}

}  // namespace

void read_value(RawValue& value, const WantedValue& wanted, Datum datum) {
    value.null = true;
    value.text = nullptr;
    if (wanted.key.empty())
        read_column(value, wanted.kind, datum);
    else
        read_key(value, wanted, datum);
}

void read_values(const Rows& rows, std::span<const WantedValue> wanted,
                 std::span<RawValue> values) {
    call([&] {
        std::size_t at = 0;
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            for (const WantedValue& one : wanted) {
                RawValue& value = values[at++];
                if (rows.is_null(row, one.column)) continue;
                read_value(value, one, rows.datum(row, one.column));
            }
    });
}

}  // namespace recon::pg
