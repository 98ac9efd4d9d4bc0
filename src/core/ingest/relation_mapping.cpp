#include "core/ingest/relation_mapping.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/error.hpp"

namespace recon::ingest {

namespace {

json::Value text_value(std::string text) {
    json::Value value;
    value.kind = json::Kind::string;
    value.text = std::move(text);
    return value;
}

// Calls `each` with every column reference of a field's definition.
template <class Definition, class Each>
void for_columns(Definition& definition, Each&& each) {
    if (definition.kind != json::Kind::object) {
        each(definition);
        return;
    }
    for (auto& [key, value] : definition.members) {
        if (key == "column" || key == "debit" || key == "credit") each(value);
        if (key == "columns")
            for (auto& item : value.items) each(item);
    }
}

enum class Shape { text, number, time };

Shape shape_of(std::string_view type) {
    static constexpr std::string_view numbers[] = {"smallint", "integer", "bigint",
                                                   "numeric",  "real",    "double precision"};
    if (std::find(std::begin(numbers), std::end(numbers), type) != std::end(numbers))
        return Shape::number;
    if (type == "date" || type.starts_with("timestamp")) return Shape::time;
    return Shape::text;
}

// That of all columns of the field; text where they differ.
Shape shape_of(const json::Value& definition, std::span<const std::string> names,
               std::span<const std::string> types) {
    std::unordered_set<int> shapes;
    for_columns(definition, [&](const json::Value& column) {
        auto found = std::find(names.begin(), names.end(), column.text);
        auto at = static_cast<std::size_t>(found - names.begin());
        shapes.insert(static_cast<int>(at < types.size() ? shape_of(types[at]) : Shape::text));
    });
    return shapes.size() == 1 ? static_cast<Shape>(*shapes.begin()) : Shape::text;
}

}  // namespace

json::Value name_columns(const json::Value& mapping,
                         const std::function<std::string(std::uint32_t)>& name_of) {
    json::Value result = mapping;
    for (json::Member& field : result.members)
        for_columns(field.second, [&](json::Value& column) {
            if (column.kind != json::Kind::number) return;
            std::string name = name_of(static_cast<std::uint32_t>(std::stoul(column.text)));
            if (name.empty())
                throw Error(sqlstate::undefined_column,
                            "column " + column.text + " of the relation does not exist",
                            "Field \"" + field.first + "\" is mapped to it.");
            column = text_value(std::move(name));
        });
    return result;
}

std::vector<SelectedColumn> selection_of(const Mapping& mapping) {
    std::vector<SelectedColumn> selection;
    auto add = [&](const std::string& text, bool is_expression) {
        for (const SelectedColumn& known : selection)
            if (known.is_expression == is_expression && known.text == text) return;
        selection.push_back({text, is_expression});
    };
    auto add_field = [&](const FieldMapping& field) {
        for (const ColumnRef& column : field.columns) add(column.name, false);
        if (field.debit) add(field.debit->name, false);
        if (field.credit) add(field.credit->name, false);
        if (!field.expression.empty()) add(field.expression, true);
    };
    for (bool first : {true, false})
        for (const FieldMapping& field : mapping.fields)
            if ((field.field == Field::external_id) == first) add_field(field);
    return selection;
}

json::Value read_as_columns(const json::Value& mapping, std::span<const std::string> names,
                            std::span<const std::string> types) {
    json::Value result = mapping;
    for (auto& [field, definition] : result.members) {
        if (definition.kind != json::Kind::object) continue;
        for (auto& [key, value] : definition.members) {
            if (key != "expression" || value.kind != json::Kind::string) continue;
            std::string column = SelectedColumn{value.text, true}.name();
            if (std::find(names.begin(), names.end(), column) == names.end())
                throw Error(sqlstate::undefined_column,
                            "the expression of field \"" + field + "\" was not read",
                            "The records hold what the mapping asked for when they were read.",
                            "Read the relation again with recon.sync_source.");
            key = "column";
            value = text_value(std::move(column));
        }
        Shape shape = shape_of(definition, names, types);
        std::erase_if(definition.members, [&](const json::Member& member) {
            return (shape == Shape::time && member.first == "format") ||
                   (shape == Shape::number &&
                    (member.first == "decimal" || member.first == "thousands"));
        });
    }
    return result;
}

json::Value relation_options(const json::Value& options, const std::string& encoding) {
    static constexpr std::string_view of_files[] = {"delimiter", "quote",  "escape",
                                                    "encoding",  "header", "line_terminator",
                                                    "comment",   "force",  "skip_lines"};
    json::Value result = options;
    result.kind = json::Kind::object;
    std::erase_if(result.members, [&](const json::Member& member) {
        if (member.second.kind == json::Kind::null) return true;
        bool no_nulls = member.first == "null" && member.second.kind == json::Kind::array &&
                        member.second.items.empty();
        return no_nulls || std::find(std::begin(of_files), std::end(of_files), member.first) !=
                               std::end(of_files);
    });
    result.members.emplace_back("encoding", text_value(encoding));
    if (result.find("on_duplicate") == nullptr)
        result.members.emplace_back("on_duplicate", text_value("update"));
    return result;
}

}  // namespace recon::ingest
