#include "core/ingest/cell_parser.hpp"

#include "core/field/boolean.hpp"
#include "core/field/timestamp.hpp"

namespace recon::ingest {

namespace {

CellError from(field::DateError error) {
    switch (error) {
        case field::DateError::none:
            return CellError::none;
        case field::DateError::range:
            return CellError::range;
        case field::DateError::syntax:
            break;
    }
    return CellError::syntax;
}

CellError from(field::DecimalError error) {
    switch (error) {
        case field::DecimalError::none:
            return CellError::none;
        case field::DecimalError::overflow:
            return CellError::range;
        case field::DecimalError::syntax:
            break;
    }
    return CellError::syntax;
}

}  // namespace

CellError parse_cell(ValueType type, const field::DateFormat& format,
                     const field::NumberFormat& number, std::string_view text, Cell& cell) {
    switch (type) {
        case ValueType::text:
            cell.kind = Cell::Kind::text;
            cell.text = text;
            return CellError::none;
        case ValueType::numeric: {
            field::DecimalResult result = field::parse_number(text, number);
            cell.kind = Cell::Kind::decimal;
            cell.decimal = result.value;
            return from(result.error);
        }
        case ValueType::date: {
            field::DateResult result = format.parse(text);
            cell.kind = Cell::Kind::date;
            cell.day = result.day;
            return from(result.error);
        }
        case ValueType::timestamptz: {
            field::TimestampResult result =
                format.is_unix() ? field::parse_unix_time(text) : field::parse_timestamp(text);
            cell.kind = Cell::Kind::timestamp;
            cell.micros = result.micros;
            return from(result.error);
        }
        case ValueType::boolean: {
            std::optional<bool> truth = field::parse_boolean(text);
            cell.kind = Cell::Kind::boolean;
            cell.boolean = truth.value_or(false);
            return truth.has_value() ? CellError::none : CellError::syntax;
        }
    }
    return CellError::syntax;
}

}  // namespace recon::ingest
