#include "core/detect/inspect.hpp"

#include <algorithm>

#include "core/detect/names.hpp"
#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

constexpr std::size_t most_values = 1000;  // of a column
constexpr std::size_t most_null_texts = 8;

// Texts that people write for nothing.
bool stands_for_nothing(std::string_view text) {
    constexpr std::string_view texts[] = {"-",    "--",   "n/a",  "N/A",  "NA",  "null", "NULL",
                                          "Null", "none", "None", "#N/A", "nil", "n.a.", "(null)"};
    return std::find(std::begin(texts), std::end(texts), text) != std::end(texts);
}

Column gather(const Table& table, std::size_t index) {
    Column column;
    for (std::size_t row : table.rows) {
        if (++column.rows > most_values) {
            --column.rows;
            break;
        }
        const SampleCell& cell = table.all.of(row)[index];
        std::string_view text = field::trim_blanks(cell.text);
        if (text.empty()) {
            column.quoted_empty = column.quoted_empty || cell.quoted;
        } else if (stands_for_nothing(text)) {
            std::string null(cell.text);
            if (column.nulls.size() < most_null_texts &&
                std::find(column.nulls.begin(), column.nulls.end(), null) == column.nulls.end())
                column.nulls.push_back(null);
        } else {
            column.values.push_back(text);
        }
    }
    return column;
}

// What the columns without doubt agree on; nothing where they do not.
template <class T>
void agree(std::optional<T>& common, bool& split, const T& value) {
    if (common && *common != value) split = true;
    common = value;
}

Customs customs_of(const std::vector<Column>& columns, const Table& table) {
    Customs customs;
    bool decimals_split = false, orders_split = false;
    for (const Column& column : columns) {
        const Notation& notation = column.notation;
        bool date = column.is_date();
        if (notation.share > 0.8 && notation.separated && !notation.ambiguous && !date)
            agree(customs.decimal, decimals_split, notation.decimal);
        if (date && !column.dates.digits_only && column.dates.confidence == 1)
            agree(customs.date_order, orders_split, column.dates.order);
    }
    if (decimals_split) customs.decimal.reset();
    if (orders_split) customs.date_order.reset();
    int english = 0;
    for (const std::string& name : table.names) {
        auto meanings = meanings_of(name);
        if (!meanings.empty() && meanings[0].score >= 0.9) english += meanings[0].english ? 1 : -1;
    }
    if (english < 0 || customs.decimal == ',')
        customs.day_first = true;
    else if (english > 0)
        customs.day_first = false;
    return customs;
}

}  // namespace

std::vector<Column> inspect(const Table& table, const DialectGuess& dialect) {
    std::vector<Column> columns;
    for (std::size_t i = 0; i < dialect.width; ++i) {
        Column& column = columns.emplace_back(gather(table, i));
        column.notation = find_notation(column.values, {});
        column.dates = find_date_style(column.values, {});
    }
    Customs customs = customs_of(columns, table);
    for (Column& column : columns) {
        column.notation = find_notation(column.values, customs);
        column.dates = find_date_style(column.values, customs);
        describe(column);
    }
    return columns;
}

}  // namespace recon::detect
