#include "core/detect/build_mapping.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/detect/roles.hpp"
#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

using ingest::Field;
using ingest::field_names;

json::Value text(std::string value) {
    json::Value result;
    result.kind = json::Kind::string;
    result.text = std::move(value);
    return result;
}

json::Value empty(json::Kind kind) {
    json::Value result;
    result.kind = kind;
    return result;
}

class Builder {
  public:
    Builder(const Table& table, const std::vector<Column>& columns)
        : table_(table), columns_(columns), used_(columns.size(), false) {
        for (const std::string& name : table.names) ++name_counts_[name];
    }

    MappingGuess run() {
        if (columns_.empty() || (table_.rows.empty() && table_.names.empty())) return guess_;
        guess_.mapping = empty(json::Kind::object);
        Roles roles = find_roles(columns_, table_.names);
        for (std::size_t i = 0; i < ingest::field_count; ++i) {
            auto field = static_cast<Field>(i);
            if (field == Field::amount && roles.debit)
                add_pair(*roles.debit, *roles.credit);
            else if (roles.fields[i])
                add_field(field, *roles.fields[i], roles);
        }
        add_attributes();
        if (guess_.mapping.members.empty()) add(text_name(0), reference(0), {});
        if (!roles.fields[static_cast<std::size_t>(Field::amount)] && !roles.debit)
            guess_.notes.emplace_back("No column was recognised as the amount.");
        if (!roles.fields[static_cast<std::size_t>(Field::transaction_date)])
            guess_.notes.emplace_back("No column was recognised as the transaction date.");
        return std::move(guess_);
    }

  private:
    bool has_name(std::size_t column) const {
        return column < table_.names.size() && !table_.names[column].empty() &&
               field::valid_utf8(table_.names[column]);
    }

    json::Value reference(std::size_t column) const {
        if (table_.header && has_name(column) && name_counts_.at(table_.names[column]) == 1)
            return text(table_.names[column]);
        json::Value number = empty(json::Kind::number);
        number.text = std::to_string(column + 1);
        return number;
    }

    // For notes.
    std::string shown(std::size_t column) const {
        return has_name(column) ? "\"" + field::excerpt(table_.names[column], 60) + "\""
                                : std::to_string(column + 1);
    }

    using Members = std::vector<json::Member>;

    // How its values are written, as the keys of a mapping.
    void number_keys(const Notation& notation, Members& members) const {
        if (notation.decimal != '.') members.emplace_back("decimal", text({notation.decimal}));
        if (!notation.thousands.empty())
            members.emplace_back("thousands", text(notation.thousands));
    }

    static void null_key(std::initializer_list<const Column*> columns, Members& members) {
        json::Value nulls = empty(json::Kind::array);
        std::set<std::string> seen;
        for (const Column* column : columns) {
            if (column->quoted_empty && seen.insert("").second) nulls.items.push_back(text(""));
            for (const std::string& null : column->nulls)
                if (seen.insert(null).second) nulls.items.push_back(text(null));
        }
        if (!nulls.items.empty()) members.emplace_back("null", std::move(nulls));
    }

    // A column alone stands as such; with more to say about it, in an object.
    void add(const std::string& name, json::Value column, Members members) {
        if (!members.empty()) {
            json::Value object = empty(json::Kind::object);
            object.members.emplace_back("column", std::move(column));
            for (json::Member& member : members) object.members.push_back(std::move(member));
            column = std::move(object);
        }
        guess_.mapping.members.emplace_back(name, std::move(column));
        mapped_.insert(name);
    }

    void add_field(Field field, const Role& role, const Roles& roles) {
        const Column& column = columns_[role.column];
        std::string name(field_names[static_cast<std::size_t>(field)]);
        double confidence = role.confidence;
        Members members;
        if (field == Field::transaction_date || field == Field::value_date) {
            if (column.filled > 0) {
                if (column.dates.pattern != "YYYY-MM-DD")
                    members.emplace_back("format", text(column.dates.pattern));
                confidence *= column.dates.share * column.dates.confidence;
                note_date(name, column);
            }
        } else if (field == Field::amount) {
            if (column.filled > 0) {
                number_keys(column.notation, members);
                confidence *= column.notation.share * note_number(name, column);
            }
            if (roles.sign) {
                confidence *= 0.5;
                guess_.notes.push_back("Column " + shown(*roles.sign) +
                                       " seems to give the amount's sign, which a mapping cannot "
                                       "apply.");
            }
        }
        null_key({&column}, members);
        add(name, reference(role.column), std::move(members));
        guess_.confidence.emplace_back(name, confidence);
        used_[role.column] = true;
    }

    void add_pair(const Role& debit, const Role& credit) {
        const Column &left = columns_[debit.column], &right = columns_[credit.column];
        double confidence = std::min(debit.confidence, credit.confidence);
        // One notation serves both: of the column that needs more of it.
        const Column& telling =
            right.filled == 0 || !left.notation.thousands.empty() ||
                    (left.notation.separated && right.notation.thousands.empty())
                ? left
                : right;
        Members members;
        members.emplace_back("debit", reference(debit.column));
        members.emplace_back("credit", reference(credit.column));
        number_keys(telling.notation, members);
        for (const Column* column : {&left, &right})
            if (column->filled > 0)
                confidence *= column->notation.share * note_number("amount", *column);
        null_key({&left, &right}, members);
        if (left.negatives && !left.positives) {
            confidence *= 0.2;
            guess_.notes.push_back(
                "Column " + shown(debit.column) +
                " has negative debits: credit less debit would turn their sign.");
        }
        json::Value object = empty(json::Kind::object);
        object.members = std::move(members);
        guess_.mapping.members.emplace_back("amount", std::move(object));
        guess_.confidence.emplace_back("amount", confidence);
        mapped_.insert("amount");
        used_[debit.column] = used_[credit.column] = true;
    }

    void note_date(const std::string& name, const Column& column) {
        if (column.dates.ambiguous)
            guess_.notes.push_back("The dates of " + name +
                                   " can be read in more than one order of day, month and year; " +
                                   column.dates.pattern + " is a guess.");
    }

    double note_number(const std::string& name, const Column& column) {
        if (!column.notation.ambiguous) return 1;
        guess_.notes.push_back("The numbers of " + name + " can be read with a decimal \"" +
                               std::string(1, column.notation.decimal) +
                               "\" or as whole thousands; the first is a guess.");
        return 0.5;
    }

    void add_attributes() {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const Column& column = columns_[i];
            if (used_[i] || (!has_name(i) && column.filled == 0)) continue;
            Members members;
            Kind kind = column.kind();
            switch (kind) {
                case Kind::number:
                    members.emplace_back("type", text("numeric"));
                    number_keys(column.notation, members);
                    break;
                case Kind::date:
                    members.emplace_back("type", text("date"));
                    if (column.dates.pattern != "YYYY-MM-DD")
                        members.emplace_back("format", text(column.dates.pattern));
                    break;
                case Kind::timestamp:
                    members.emplace_back("type", text("timestamptz"));
                    break;
                case Kind::boolean:
                    members.emplace_back("type", text("boolean"));
                    break;
                case Kind::none:
                case Kind::text:
                    break;
            }
            if (!members.empty()) null_key({&column}, members);
            if (kind == Kind::date) note_date(text_name(i), column);
            add(text_name(i), reference(i), std::move(members));
        }
    }

    // An attribute's key: its column's name, where that is free and no field of recon's own.
    std::string text_name(std::size_t column) const {
        std::string number = std::to_string(column + 1);
        std::string name = has_name(column) ? table_.names[column] : "column_" + number;
        bool reserved =
            std::find(field_names.begin(), field_names.end(), name) != field_names.end();
        if (!reserved && !mapped_.contains(name)) return name;
        for (name += "_" + number; mapped_.contains(name);) name += "_";
        return name;
    }

    const Table& table_;
    const std::vector<Column>& columns_;
    std::vector<bool> used_;
    std::map<std::string, int> name_counts_;
    std::set<std::string> mapped_;
    MappingGuess guess_;
};

}  // namespace

MappingGuess build_mapping(const Table& table, const std::vector<Column>& columns) {
    return Builder(table, columns).run();
}

}  // namespace recon::detect
