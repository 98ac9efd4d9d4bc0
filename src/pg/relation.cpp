#include "pg/relation.hpp"

#include "pg/reader.hpp"

extern "C" {
#include "parser/parsetree.h"
}

namespace recon::pg {

namespace {

bool is_readable_kind(Oid oid) {
    switch (get_rel_relkind(oid)) {
        case RELKIND_RELATION:
        case RELKIND_PARTITIONED_TABLE:
        case RELKIND_VIEW:
        case RELKIND_MATVIEW:
        case RELKIND_FOREIGN_TABLE:
            return true;
        default:
            return false;
    }
}

}  // namespace

NamedRelation resolve_relation(const std::string& name, Oid reader) {
    NamedRelation relation;
    const char* given = name.c_str();
    relation.oid = call([&] {
        RangeVar* range = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(given)));
        Oid oid = RangeVarGetRelid(range, NoLock, false);
        if (!is_readable_kind(oid))
            ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                            errmsg("\"%s\" is not a table, view or foreign table", given)));
        if (pg_class_aclcheck(oid, reader, ACL_SELECT) != ACLCHECK_OK)
            ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                            errmsg("permission denied for relation \"%s\"", given)));
        return oid;
    });
    relation.name = call([&] {
        // No lock is held: it may be gone by now.
        const char* schema = get_namespace_name(get_rel_namespace(relation.oid));
        const char* table = get_rel_name(relation.oid);
        if (schema == nullptr || table == nullptr)
            ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                            errmsg("relation \"%s\" does not exist", given)));
        return quote_qualified_identifier(schema, table);
    });
    return relation;
}

NamedRelation name_relation(Oid oid) {
    NamedRelation relation;
    relation.oid = oid;
    relation.name = call([&] {
        const char* schema = get_namespace_name(get_rel_namespace(oid));
        const char* table = get_rel_name(oid);
        if (schema == nullptr || table == nullptr)
            ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                            errmsg("relation with OID %u does not exist", oid)));
        if (!is_readable_kind(oid))
            ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                            errmsg("\"%s\" is not a table, view or foreign table", table)));
        return quote_qualified_identifier(schema, table);
    });
    return relation;
}

char column_category(const NamedRelation& relation, const std::string& column) {
    return call([&] {
        AttrNumber number = get_attnum(relation.oid, column.c_str());
        char category = 0;
        bool preferred = false;
        if (number > 0)
            get_type_category_preferred(get_atttype(relation.oid, number), &category, &preferred);
        return category;
    });
}

FoundRelation find_relation(const std::string& name, Oid reader) {
    FoundRelation found;
    found.name = name;
    const char* text = name.c_str();
    call([&] {
        RangeVar* range = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(text)));
        Oid schema = get_namespace_oid(range->schemaname, true);
        if (!OidIsValid(schema)) return;
        Oid oid = get_relname_relid(range->relname, schema);
        if (!OidIsValid(oid)) return;
        found.readable_kind = is_readable_kind(oid);
        found.may_use_schema = may_use_schema(schema, reader);
        found.may_select = pg_class_aclcheck(oid, reader, ACL_SELECT) == ACLCHECK_OK;
        found.oid = oid;
    });
    return found;
}

std::string column_name(const NamedRelation& relation, std::uint32_t number) {
    if (!OidIsValid(relation.oid) || !has_column(relation, number)) return {};
    return call([&] { return get_attname(relation.oid, static_cast<AttrNumber>(number), false); });
}

std::vector<std::string> column_names(const NamedRelation& relation) {
    std::vector<std::string> names;
    int count = call([&] {
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation.oid));
        if (!HeapTupleIsValid(tuple)) return 0;
        int natts = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relnatts;
        ReleaseSysCache(tuple);
        return natts;
    });
    for (int i = 1; i <= count; ++i) {
        std::string name = column_name(relation, static_cast<std::uint32_t>(i));
        if (!name.empty()) names.push_back(std::move(name));
    }
    return names;
}

bool has_column(const NamedRelation& relation, const std::string& column) {
    return call([&] { return get_attnum(relation.oid, column.c_str()) > 0; });
}

bool has_column(const NamedRelation& relation, std::uint32_t number) {
    if (number > MaxHeapAttributeNumber) return false;
    // A dropped column has no type.
    return call(
        [&] { return OidIsValid(get_atttype(relation.oid, static_cast<AttrNumber>(number))); });
}

namespace {

// A position in the expression, not in the statement that the caller sent.
void point_into_expression(void* expression) {
    int position = geterrposition();
    if (position <= 0) return;
    errposition(0);
    internalerrposition(position);
    internalerrquery(static_cast<const char*>(expression));
}

}  // namespace

Node* parse_expression(const char* text) {
    List* parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
    auto* statement = reinterpret_cast<SelectStmt*>(linitial_node(RawStmt, parsed)->stmt);
    bool single = list_length(parsed) == 1 && IsA(statement, SelectStmt) &&
                  statement->op == SETOP_NONE && list_length(statement->targetList) == 1 &&
                  statement->fromClause == NIL && statement->whereClause == nullptr &&
                  statement->groupClause == NIL && statement->havingClause == nullptr &&
                  statement->windowClause == NIL && statement->sortClause == NIL &&
                  statement->limitOffset == nullptr && statement->limitCount == nullptr &&
                  statement->lockingClause == NIL && statement->withClause == nullptr &&
                  statement->distinctClause == NIL && statement->intoClause == nullptr;
    auto* target = single ? linitial_node(ResTarget, statement->targetList) : nullptr;
    // The grammar takes "*" here, the analysis of a single expression does not.
    bool star = target != nullptr && IsA(target->val, ColumnRef) &&
                IsA(llast(reinterpret_cast<::ColumnRef*>(target->val)->fields), A_Star);
    if (target == nullptr || star || target->name != nullptr || target->indirection != NIL)
        ereport(ERROR,
                (errcode(ERRCODE_SYNTAX_ERROR), errmsg("\"%s\" is not a single expression", text)));
    return target->val;
}

void check_expression(const std::string& expression, const NamedRelation& relation) {
    const char* text = expression.c_str();
    call([&] {
        ErrorContextCallback context{error_context_stack, point_into_expression,
                                     const_cast<char*>(text)};
        error_context_stack = &context;
        // As it will be evaluated: a function of the caller's own search_path is not found then.
        int level = NewGUCNestLevel();
        (void)set_config_option("search_path", reader_search_path, PGC_USERSET, PGC_S_SESSION,
                                GUC_ACTION_SAVE, true, 0, false);
        Node* parsed = parse_expression(text);
        ParseState* state = make_parsestate(nullptr);
        state->p_sourcetext = text;
        Relation opened = table_open(relation.oid, AccessShareLock);
        ParseNamespaceItem* item =
            addRangeTableEntryForRelation(state, opened, AccessShareLock, nullptr, false, true);
        addNSItemToQuery(state, item, false, true, true);
        // As in an index expression: columns, but no aggregates, windows, sets or subqueries.
        Node* analysed = transformExpr(state, parsed, EXPR_KIND_INDEX_EXPRESSION);
        if (analysed == nullptr) elog(ERROR, "recon: expression without a value");
        free_parsestate(state);
        table_close(opened, AccessShareLock);
        AtEOXact_GUC(true, level);
        error_context_stack = context.previous;
    });
}

}  // namespace recon::pg
