#include "pg/relation.hpp"

extern "C" {
#include "parser/parsetree.h"
}

namespace recon::pg {

NamedRelation resolve_relation(const std::string& name, Oid reader) {
    NamedRelation relation;
    const char* given = name.c_str();
    relation.oid = call([&] {
        RangeVar* range = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(given)));
        Oid oid = RangeVarGetRelid(range, NoLock, false);
        switch (get_rel_relkind(oid)) {
            case RELKIND_RELATION:
            case RELKIND_PARTITIONED_TABLE:
            case RELKIND_VIEW:
            case RELKIND_MATVIEW:
            case RELKIND_FOREIGN_TABLE:
                break;
            default:
                ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                                errmsg("\"%s\" is not a table, view or foreign table", given)));
        }
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

void check_expression(const std::string& expression, const NamedRelation& relation) {
    const char* text = expression.c_str();
    call([&] {
        ErrorContextCallback context{error_context_stack, point_into_expression,
                                     const_cast<char*>(text)};
        error_context_stack = &context;
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
            ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
                            errmsg("\"%s\" is not a single expression", text)));
        ParseState* state = make_parsestate(nullptr);
        state->p_sourcetext = text;
        Relation opened = table_open(relation.oid, AccessShareLock);
        ParseNamespaceItem* item =
            addRangeTableEntryForRelation(state, opened, AccessShareLock, nullptr, false, true);
        addNSItemToQuery(state, item, false, true, true);
        // As in an index expression: columns, but no aggregates, windows, sets or subqueries.
        Node* analysed = transformExpr(state, target->val, EXPR_KIND_INDEX_EXPRESSION);
        if (analysed == nullptr) elog(ERROR, "recon: expression without a value");
        free_parsestate(state);
        table_close(opened, AccessShareLock);
        error_context_stack = context.previous;
    });
}

}  // namespace recon::pg
