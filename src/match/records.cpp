#include "match/records.hpp"

#include <deque>

#include "core/field/date_format.hpp"
#include "core/field/timestamp.hpp"
#include "core/ingest/mapping.hpp"
#include "core/match/rejected.hpp"
#include "match/period_column.hpp"
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/record_scan.hpp"
#include "pg/values.hpp"

namespace recon::match {

namespace {

// Columns of the statements below, after record_id: the canonical fields, then attributes.
constexpr int attributes_column = 1 + static_cast<int>(ingest::field_count);

#define RECON_RECORD_COLUMNS                                                                      \
    "SELECT r.record_id, r.external_id, r.transaction_date, r.value_date, r.amount, r.currency, " \
    "r.reference, "                                                                               \
    "r.counterparty, r.description, r.attributes "

// Where the table cannot be read directly.
constexpr char open_records_sql[] = RECON_RECORD_COLUMNS
    "FROM (SELECT r.* FROM recon.open_ranges g JOIN recon.records r ON r.record_id BETWEEN "
    "g.first_id AND g.last_id AND r.source_id = g.source_id AND r.project_id = g.project_id "
    "WHERE g.project_id = $1 AND g.source_id = $2 UNION ALL "
    "SELECT r.* FROM recon.open_singles o JOIN recon.records r ON r.project_id = o.project_id AND "
    "r.record_id = o.record_id WHERE o.project_id = $1 AND o.source_id = $2 AND o.set_aside IS NOT "
    "TRUE) r ";

constexpr char some_records_sql[] = RECON_RECORD_COLUMNS
    "FROM recon.records r WHERE r.project_id = $1 AND r.source_id = $2 AND r.record_id = ANY "
    "($3)";
pg::Prepared one_record_sql(RECON_RECORD_COLUMNS
                            "FROM recon.records r WHERE r.project_id = $1 AND r.source_id = $2 AND "
                            "r.record_id = $3");

#undef RECON_RECORD_COLUMNS

pg::Prepared fields_sql(
    "SELECT s.name, s.mapping, k.key, s.updates, "
    "(p.closed_until - date '2000-01-01')::bigint FROM recon.data_sources s "
    "JOIN recon.projects p ON p.project_id = s.project_id LEFT JOIN LATERAL "
    "unnest(s.attribute_keys) k(key) ON true WHERE s.project_id = $1 AND s.source_id = $2");

int canonical_index(std::string_view name) {
    for (std::size_t i = 0; i < ingest::field_count; ++i)
        if (ingest::field_names[i] == name) return static_cast<int>(i);
    return -1;
}

Type type_of(ingest::ValueType type) {
    switch (type) {
        case ingest::ValueType::numeric:
            return Type::decimal;
        case ingest::ValueType::date:
            return Type::date;
        case ingest::ValueType::timestamptz:
            return Type::timestamp;
        case ingest::ValueType::text:
        case ingest::ValueType::boolean:
            return Type::text;
    }
    return Type::text;
}

pg::ValueKind kind_of(Type type) {
    if (type == Type::decimal) return pg::ValueKind::decimal;
    return type == Type::date ? pg::ValueKind::date : pg::ValueKind::text;
}

// A value loaded before the mapping gave the attribute its type is read as that type, which is not
// text, where it can be.
void add_attribute(Column& column, const pg::RawValue& value, const field::DateFormat& iso) {
    std::string_view text(value.text, static_cast<std::size_t>(value.length));
    switch (column.type) {
        case Type::text:
            return;
        case Type::decimal: {
            if (value.text == nullptr) {
                column.add_decimal(value.decimal);
                return;
            }
            field::DecimalResult parsed = field::parse_decimal(text);
            if (parsed.error == field::DecimalError::none)
                column.add_decimal(parsed.value);
            else
                column.add_null();
            return;
        }
        case Type::date: {
            field::DateResult parsed = iso.parse(text);
            if (parsed.error == field::DateError::none)
                column.add_day(parsed.day);
            else
                column.add_null();
            return;
        }
        case Type::timestamp: {
            field::TimestampResult parsed = field::parse_timestamp(text);
            if (parsed.error == field::DateError::none)
                column.add_micros(parsed.micros);
            else
                column.add_null();
            return;
        }
    }
}

class Reader {
  public:
    // `added` is called after some rows were added to the table.
    Reader(pg::Spi& spi, const SourceFields& source, const std::vector<std::string>& fields,
           Table& table, std::function<void()> added)
        : table_(table), added_(std::move(added)) {
        for (const std::string& name : fields) {
            if (name == rejected_field) {
                rejected_ = &source.rejected;
                rejected_column_ = table_.columns.size();
                table_.add_column(name, Type::timestamp);
                continue;
            }
            if (rule::is_period_field(name)) {
                period_.emplace(spi, source, name == rule::period_field_a);
                table_.add_column(name, Type::date);
                continue;
            }
            int canonical = canonical_index(name);
            Type type = Type::text;
            if (canonical >= 0) {
                type = type_of(ingest::type_of(static_cast<ingest::Field>(canonical)));
            } else {
                for (const auto& [key, attribute_type] : source.attributes)
                    if (key == name) type = attribute_type;
            }
            wanted_.push_back({canonical >= 0 ? canonical + 1 : attributes_column,
                               canonical >= 0 ? std::string_view() : std::string_view(name),
                               kind_of(type)});
            table_.add_column(name, type);
        }
        columns_ = wanted_.size();
        if (!period_) return;
        for (const char* date : {"transaction_date", "value_date"})
            wanted_.push_back({canonical_index(date) + 1, {}, pg::ValueKind::date});
    }

    // Of a statement that selects RECON_RECORD_COLUMNS.
    void add(const pg::Rows& rows) {
        std::size_t width = wanted_.size(), count = rows.size();
        values_.assign(width * count, pg::RawValue());
        pg::read_values(rows, wanted_, values_);
        for (std::size_t row = 0; row < count; ++row)
            table_.record_ids.push_back(rows.bigint(row, 0));
        for (std::size_t i = 0; i < columns_; ++i)
            add_column(
                i, count, [&](std::size_t row) -> const auto& { return values_[row * width + i]; });
        add_rejected(count);
        if (period_)
            period_->add(
                table_, count, [&](std::size_t row, std::size_t date) -> const auto& {
                    return values_[row * width + columns_ + date];
                });
        added_();
    }

    void scan(const pg::Spi& spi, const SourceFields& source,
              std::span<const pg::RecordScan::Range> ranges) {
        std::vector<pg::WantedValue> attributes = wanted_;
        for (pg::WantedValue& one : attributes)
            one.column = pg::record_column(
                one.key.empty()
                    ? std::string(ingest::field_names[static_cast<std::size_t>(one.column) - 1])
                          .c_str()
                    : "attributes");
        pg::RecordScan scan(spi, source.project_id, source.source_id, ranges, attributes);
        while (scan.fetch()) {
            for (std::size_t row = 0; row < scan.rows(); ++row)
                table_.record_ids.push_back(scan.record_id(row));
            for (std::size_t i = 0; i < columns_; ++i)
                add_column(
                    i, scan.rows(), [&](std::size_t row) -> const auto& {
                        return scan.value(row, i);
                    });
            add_rejected(scan.rows());
            if (period_)
                period_->add(
                    table_, scan.rows(), [&](std::size_t row, std::size_t date) -> const auto& {
                        return scan.value(row, columns_ + date);
                    });
            added_();
        }
    }

  private:
    // The values of as many rows, value(0) and on.
    template <class F>
    void add_column(std::size_t i, std::size_t rows, F&& value) {
        Column& column = table_.columns[i];
        if (column.type == Type::text) {
            texts_.clear();
            converted_.clear();
            for (std::size_t row = 0; row < rows; ++row)
                texts_.push_back(in_utf8(text_of(value(row))));
            column.add_texts(texts_);
            return;
        }
        bool is_attribute = !wanted_[i].key.empty();
        for (std::size_t row = 0; row < rows; ++row) {
            const pg::RawValue& one = value(row);
            if (one.null)
                column.add_null();
            else if (is_attribute)
                add_attribute(column, one, iso_);
            else if (column.type == Type::decimal)
                column.add_decimal(one.decimal);
            else
                column.add_day(one.day);
        }
    }
    // Of the rows that were added last.
    void add_rejected(std::size_t rows) {
        if (rejected_ == nullptr) return;
        Column& column = table_.columns[rejected_column_];
        for (std::int64_t id : std::span(table_.record_ids).last(rows)) {
            if (std::binary_search(rejected_->begin(), rejected_->end(), id))
                column.add_micros(id);
            else
                column.add_null();
        }
    }
    static std::string_view text_of(const pg::RawValue& value) {
        return value.null ? std::string_view()
                          : std::string_view(value.text, static_cast<std::size_t>(value.length));
    }

    std::string_view in_utf8(std::string_view text) {
        if (!converts_ || text.empty()) return text;
        return converted_.emplace_back(pg::to_utf8(text));
    }

    Table& table_;
    std::function<void()> added_;
    const bool converts_ = pg::converts_text();
    std::deque<std::string> converted_;
    const field::DateFormat iso_;
    const std::vector<std::int64_t>* rejected_ = nullptr;  // where they are told apart
    std::size_t rejected_column_ = 0;
    std::vector<pg::WantedValue> wanted_;  // of the columns, then the dates for the period
    std::size_t columns_ = 0;
    std::optional<PeriodColumn> period_;
    std::vector<pg::RawValue> values_;
    std::vector<std::string_view> texts_;
};

// Takes what a table grows by from the budget.
class Growth {
  public:
    Growth(const Table& table, MemoryBudget& budget, StopToken& stop)
        : table_(table), budget_(budget), stop_(stop), texts_before_(table.texts().bytes()) {}
    void count() {
        check_stop(stop_);
        std::size_t now = table_.bytes() + table_.texts().bytes() - texts_before_;
        if (now <= taken_) return;
        budget_.take(now - taken_);
        taken_ = now;
    }

  private:
    const Table& table_;
    MemoryBudget& budget_;
    StopToken& stop_;
    std::size_t taken_ = 0, texts_before_;
};

constexpr long rows_per_fetch = 5000;

// Where the open records of a source are, ascending.
std::vector<pg::RecordScan::Range> open_ranges(pg::Spi& spi, const SourceFields& source,
                                               MemoryBudget& budget) {
    std::vector<pg::RecordScan::Range> ranges;
    std::size_t taken = 0;
    spi.for_batches(
        "SELECT first_id, last_id FROM recon.open_ranges WHERE project_id = $1 AND source_id = $2 "
        "UNION ALL SELECT record_id, record_id FROM recon.open_singles WHERE project_id = $1 AND "
        "source_id = $2 AND set_aside IS NOT TRUE",
        {pg::bigint(source.project_id), pg::bigint(source.source_id)}, rows_per_fetch,
        [&](const pg::Rows& rows) {
            for (std::size_t row = 0; row < rows.size(); ++row)
                ranges.push_back({rows.bigint(row, 0), rows.bigint(row, 1)});
            std::size_t now = ranges.capacity() * sizeof(pg::RecordScan::Range);
            budget.take(now - taken);
            taken = now;
        });
    budget.give(taken);
    auto before = [](const pg::RecordScan::Range& a, const pg::RecordScan::Range& b) {
        return a.first < b.first;
    };
    if (!std::is_sorted(ranges.begin(), ranges.end(), before))
        std::sort(ranges.begin(), ranges.end(), before);
    return ranges;
}

}  // namespace

SourceFields read_fields(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id) {
    SourceFields source;
    source.project_id = project_id;
    source.source_id = source_id;
    pg::Rows row = spi.query(fields_sql, {pg::bigint(project_id), pg::bigint(source_id)});
    if (row.empty())
        throw Error("42704", "source " + std::to_string(source_id) + " does not exist");
    source.name = row.text(0, 0);
    source.updates = row.bigint(0, 3);
    if (!row.is_null(0, 4)) source.closed_until = static_cast<field::Day>(row.bigint(0, 4));
    if (!row.is_null(0, 1)) {
        json::Value value = pg::read_jsonb(row.datum(0, 1));
        for (const ingest::FieldMapping& field : ingest::parse_mapping(&value, true).fields)
            if (!field.field) source.attributes.emplace_back(field.name, type_of(field.type));
    }
    for (std::uint64_t i = 0; i < row.size(); ++i) {
        if (row.is_null(i, 2)) continue;
        std::string key = row.text(i, 2);
        bool known = std::any_of(source.attributes.begin(), source.attributes.end(),
                                 [&](const auto& attribute) { return attribute.first == key; });
        if (!known) source.attributes.emplace_back(std::move(key), Type::text);
    }
    return source;
}

void SourceFields::check(const std::string& field, const std::string& path) const {
    if (canonical_index(field) >= 0) return;
    std::vector<std::string> known(ingest::field_names.begin(), ingest::field_names.end());
    for (const auto& [key, type] : attributes) {
        if (key == field) return;
        known.push_back(key);
    }
    std::string meant = json::nearest(field, known);
    throw Error(
        sqlstate::undefined_column, "source \"" + name + "\" has no field \"" + field + "\"",
        "Condition at " + path + " of the rule.",
        meant.empty()
            ? std::string("Fields are the canonical ones and the attributes that loads have found.")
            : "Perhaps you meant \"" + meant + "\".");
}

std::vector<rule::Rule> with_closed_period(std::vector<rule::Rule> rules,
                                           const SourceFields& source) {
    if (source.closed_until)
        for (rule::Rule& rule : rules) rule::keep_period_closed(rule);
    return rules;
}

std::vector<std::string> fields_read(const std::vector<rule::Rule>& rules, Side side,
                                     const SourceFields& source) {
    std::vector<std::string> fields = {"amount", "currency"};
    auto add = [&](const std::string& field, const std::string& path) {
        if (field == rejected_field || rule::is_period_field(field)) return;
        source.check(field, path);
        if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
    };
    for (const rule::Rule& rule : rules) {
        for (const rule::Condition& condition : rule.match)
            add(side == Side::a ? condition.a : condition.b, condition.path);
        for (const std::string& field : rule.group_by) add(field, "$.group_by");
        for (const std::string& field : rule.same) add(field, "$.same");
    }
    // After those of the source, as the reader wants them, and the period as the last.
    if (!source.rejected.empty()) fields.emplace_back(rejected_field);
    if (std::any_of(rules.begin(), rules.end(), rule::keeps_period_closed))
        fields.emplace_back(side == Side::a ? rule::period_field_a : rule::period_field_b);
    return fields;
}

namespace {

void read_open(Reader& reader, pg::Spi& spi, const SourceFields& source, MemoryBudget& budget) {
    if (pg::RecordScan::possible())
        reader.scan(spi, source, open_ranges(spi, source, budget));
    else
        spi.for_batches(open_records_sql,
                        {pg::bigint(source.project_id), pg::bigint(source.source_id)},
                        rows_per_fetch, [&](const pg::Rows& rows) { reader.add(rows); });
}

void read_some(Reader& reader, pg::Spi& spi, const SourceFields& source,
               std::span<const std::int64_t> record_ids) {
    if (record_ids.size() == 1) {
        pg::Rows row =
            spi.query(one_record_sql, {pg::bigint(source.project_id), pg::bigint(source.source_id),
                                       pg::bigint(record_ids[0])});
        reader.add(row);
        return spi.free(row);
    }
    spi.for_batches(
        some_records_sql,
        {pg::bigint(source.project_id), pg::bigint(source.source_id), pg::bigints(record_ids)},
        rows_per_fetch, [&](const pg::Rows& rows) { reader.add(rows); });
}

}  // namespace

Table read_open_records(pg::Spi& spi, const SourceFields& source,
                        const std::vector<std::string>& fields, MemoryBudget& budget,
                        std::shared_ptr<Texts> texts, StopToken& stop,
                        std::span<const std::int64_t> also) {
    Table table(std::move(texts));
    Growth growth(table, budget, stop);
    Reader reader(spi, source, fields, table, [&] { growth.count(); });
    read_open(reader, spi, source, budget);
    if (!also.empty()) read_some(reader, spi, source, also);
    return table;
}

void read_open_records(pg::Spi& spi, const SourceFields& source,
                       const std::vector<std::string>& fields, MemoryBudget& budget,
                       WorkingSet& set, WorkingSet::Part& part, StopToken& stop) {
    Reader reader(spi, source, fields, part.filling(), [&] { set.settle(stop); });
    read_open(reader, spi, source, budget);
}

Table read_records(pg::Spi& spi, const SourceFields& source,
                   std::span<const std::int64_t> record_ids, const std::vector<std::string>& fields,
                   MemoryBudget& budget, std::shared_ptr<Texts> texts, StopToken& stop) {
    Table table(std::move(texts));
    Growth growth(table, budget, stop);
    Reader reader(spi, source, fields, table, [&] { growth.count(); });
    read_some(reader, spi, source, record_ids);
    return table;
}

const std::vector<field::Day>& HolidayCalendars::holidays(const std::string& calendar) {
    auto [known, fresh] = known_.try_emplace(calendar);
    if (fresh) {
        pg::Rows days = spi_.query(
            "SELECT (day - date '2000-01-01')::bigint FROM recon.holidays WHERE calendar = $1 "
            "ORDER BY day",
            {pg::text(calendar)});
        if (days.empty())
            throw Error("42704", "calendar \"" + calendar + "\" does not exist", {},
                        "Give it days with recon.set_holidays.");
        for (std::uint64_t i = 0; i < days.size(); ++i)
            known->second.push_back(static_cast<field::Day>(days.bigint(i, 0)));
    }
    return known->second;
}

}  // namespace recon::match
