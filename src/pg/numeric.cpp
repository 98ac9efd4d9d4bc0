#include "pg/numeric.hpp"

#include "pg/packed.hpp"

namespace recon::pg {

Datum numeric_datum(const field::Decimal& value) {
    if (value.coefficient >= std::numeric_limits<std::int64_t>::min() &&
        value.coefficient <= std::numeric_limits<std::int64_t>::max())
        return NumericGetDatum(
            int64_div_fast_to_numeric(static_cast<std::int64_t>(value.coefficient), value.scale));
    // As text, written without an allocation that an error could leak: sign, 39 digits, point.
    char buffer[48];
    char* at = buffer + sizeof buffer;
    *--at = '\0';
    field::uint128 left = field::magnitude(value.coefficient);
    for (int digit = 0; left != 0 || digit <= value.scale; ++digit) {
        if (digit == value.scale && digit > 0) *--at = '.';
        *--at = static_cast<char>('0' + static_cast<int>(left % 10));
        left /= 10;
    }
    if (value.coefficient < 0) *--at = '-';
    return DirectFunctionCall3(numeric_in, CStringGetDatum(at), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
}

bool read_numeric(Datum numeric, field::Decimal& value) {
    struct varlena* plain = PG_DETOAST_DATUM_PACKED(numeric);
    if (unpack_numeric(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), value)) return true;
    char* text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
    field::DecimalResult parsed = field::parse_decimal(text);
    pfree(text);
    value = parsed.value;
    return parsed.error == field::DecimalError::none;
}

}  // namespace recon::pg
