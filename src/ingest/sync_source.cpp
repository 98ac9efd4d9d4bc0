#include "ingest/sync_source.hpp"

#include "core/csv/writer.hpp"
#include "core/ingest/relation_mapping.hpp"
#include "pg/owner.hpp"
#include "pg/relation_cursor.hpp"
#include "pg/report.hpp"
#include "pg/table.hpp"

namespace recon::ingest {

namespace {

std::string of_source(const Source& source) {
    return "relation " + source.relation + " of source \"" + source.name + "\"";
}

// The relation as it is now, if the role may still read it.
pg::FoundRelation find_relation(const Source& source) {
    if (!pg::role_exists(source.relation_owner))
        throw Error("42704",
                    "the role as which source \"" + source.name + "\" is read does not exist", {},
                    "Create a new source, as a role that may read " + source.relation + ".");
    pg::FoundRelation relation = pg::find_relation(source.relation, source.relation_owner);
    if (!OidIsValid(relation.oid))
        throw Error("42P01", of_source(source) + " does not exist", {},
                    "Where it was renamed, name it anew with recon.alter_source.");
    if (!relation.readable_kind)
        throw Error("42809", of_source(source) + " is not a table, view or foreign table");
    if (!relation.may_use_schema || !relation.may_select)
        throw Error("42501", "permission denied for " + of_source(source),
                    "Role \"" + pg::role_name(source.relation_owner) +
                        "\", as which it is read, lacks " +
                        (relation.may_select ? "USAGE on its schema." : "SELECT on it."));
    return relation;
}

pg::ReadAs reader_of(const Source& source) {
    return {source.relation_owner, "reading " + of_source(source) + " as role \"" +
                                       pg::role_name(source.relation_owner) + "\""};
}

// What to read for the mapping, which is by names from now on.
std::vector<SelectedColumn> select_columns(Source& source, const pg::FoundRelation& relation,
                                           const pg::ReadAs& reader) {
    std::vector<SelectedColumn> selected;
    if (!source.mapping || source.mapping->kind == json::Kind::null) {
        for (std::string& name : pg::column_names(relation))
            selected.push_back({std::move(name), false});
        return selected;
    }
    source.mapping = name_columns(
        *source.mapping, [&](std::uint32_t number) { return pg::column_name(relation, number); });
    selected = selection_of(parse_mapping(&*source.mapping, true));
    for (const SelectedColumn& column : selected)
        if (!column.is_expression && !pg::has_column(relation, column.text))
            throw Error(
                "42703",
                "column \"" + column.text + "\" of " + of_source(source) + " does not exist", {},
                "Where it was renamed, mend the mapping with recon.alter_source.");
    pg::ReaderScope scope(reader);
    for (const SelectedColumn& column : selected)
        if (column.is_expression) pg::check_expression(column.text, relation);
    return selected;
}

// Rows to the load's records, each with its CSV form for bytes_read and for rejects.
class Rows {
  public:
    Rows(Load& load, const Options& options, const std::vector<std::string>& names)
        : load_(load), options_(options), names_(names), fields_(names.size()) {
        std::string_view id = load.column_of(Field::external_id);
        id_column_ =
            static_cast<std::size_t>(std::find(names.begin(), names.end(), id) - names.begin());
    }

    // False once the load wants no more.
    bool add(const pg::RelationCursor& cursor, std::size_t row) {
        std::size_t cut = names_.size();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            pg::RelationCursor::Value value = cursor.value(row, i);
            fields_[i] = field(value);
            if (value.cut && cut == names_.size()) cut = i;
        }
        raw_.clear();
        csv::append_record(raw_, fields_);
        ++line_;
        return cut == names_.size() ? load_.add(fields_, {line_, 0, raw_}) : reject(cut);
    }

  private:
    // NULL is NULL, whatever texts the options read as such beside it.
    csv::Field field(const pg::RelationCursor::Value& value) const {
        if (!options_.nulls) return {value.text, value.null, !value.null && value.text.empty()};
        return {value.null ? std::string_view(options_.nulls->front()) : value.text, false, false};
    }

    bool reject(std::size_t cut) {
        std::string message =
            "the value is longer than " + std::to_string(options_.max_field_bytes) + " bytes";
        Reject reject{line_, 0, names_[cut], sqlstate::program_limit_exceeded, message, raw_, {}};
        if (id_column_ < cut && !fields_[id_column_].null)
            reject.external_id = fields_[id_column_].text;
        return load_.reject(reject);
    }

    Load& load_;
    const Options& options_;
    const std::vector<std::string>& names_;
    std::vector<csv::Field> fields_;
    std::size_t id_column_ = 0;
    std::uint64_t line_ = 0;
    std::string raw_;
};

void notice_missing(const Source& source, std::uint64_t count) {
    if (count == 0) return;
    bool one = count == 1;
    pg::notice("the " + std::string(one ? "row" : "rows") + " of " + std::to_string(count) +
                   (one ? " record is" : " records are") + " no longer in " + of_source(source),
               "See recon.missing_records.");
}

}  // namespace

void lock_sync(std::int64_t source_id) {
    pg::lock_object(pg::table_oid("data_sources"), source_id);
}

Report sync(std::int64_t source_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    Source source = open_source(spi, source_id, user);
    if (source.kind != "relation")
        throw Error("55000", "source \"" + source.name + "\" is a file source", {},
                    "Files are loaded with recon.ingest_file, COPY recon.inbox or "
                    "recon.upload_begin.");
    // One after another, from the snapshot on: an older state of the relation never comes after a
    // newer one.
    lock_sync(source_id);
    source = open_source(spi, source_id, user);
    source.options = relation_options(source.options, pg::database_encoding());
    Options options = parse_options(source.options);

    pg::FoundRelation relation = find_relation(source);
    pg::ReadAs reader = reader_of(source);
    std::vector<SelectedColumn> selected = select_columns(source, relation, reader);
    std::vector<std::string> names;
    for (const SelectedColumn& column : selected) names.push_back(column.name());
    pg::RelationCursor cursor(relation, reader, selected, options.max_field_bytes);
    if (source.mapping) source.mapping = read_as_columns(*source.mapping, names, cursor.types());

    json::Value no_overrides;
    no_overrides.kind = json::Kind::object;
    Load load(spi, source, Door::relation, no_overrides, {}, user);
    load.begin_columns(names, cursor.types());
    Rows rows(load, options, names);
    for (bool more = true; more && cursor.fetch();)
        for (std::size_t row = 0; more && row < cursor.rows(); ++row) more = rows.add(cursor, row);
    cursor.close();
    Report report = load.finish();
    notice_missing(source, report.newly_missing);
    return report;
}

}  // namespace recon::ingest

RECON_FUNCTION(recon_sync_source) {
    recon::pg::Arguments args(fcinfo);
    recon::ingest::Report report = recon::ingest::sync(args.bigint(0, "source_id"), GetUserId());
    return recon::ingest::report_row(fcinfo, report);
}
