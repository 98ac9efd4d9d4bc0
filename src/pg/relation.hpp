// A relation that a user names, checked with the rights of the role that will read it.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

struct NamedRelation {
    Oid oid = InvalidOid;
    std::string name;  // schema-qualified and quoted
};

// Resolved as the current user. 42P01 where there is none, 42809 for what cannot be read like a
// table, 42501 where `reader` may not select from it.
NamedRelation resolve_relation(const std::string& name, Oid reader);

// The relation that has a qualified name now, and what `reader` may do with it. `oid` is invalid
// where there is none; nothing is raised.
struct FoundRelation : NamedRelation {
    bool readable_kind = false, may_use_schema = false, may_select = false;
};
FoundRelation find_relation(const std::string& name, Oid reader);

// A relation by its OID. 42P01 where it is gone, 42809 for what cannot be read like a table;
// whoever reads it is checked then.
NamedRelation name_relation(Oid oid);

// 'S' for texts, 'N' for numbers, ... (pg_type.typcategory); 0: no such column.
char column_category(const NamedRelation& relation, const std::string& column);

// Without dropped ones.
std::vector<std::string> column_names(const NamedRelation& relation);
std::string column_name(const NamedRelation& relation, std::uint32_t number);  // "": none

bool has_column(const NamedRelation& relation, const std::string& column);
bool has_column(const NamedRelation& relation, std::uint32_t number);  // from 1

// The text must be one expression over the relation's columns, without FROM or any other clause,
// aggregates or subqueries: parsed and analysed as the current user, under the search_path of
// ReaderScope, so 42601, 42703, 42883 and their kin come from the server.
void check_expression(const std::string& expression, const NamedRelation& relation);

// Its parse tree. Runs inside call().
Node* parse_expression(const char* text);

}  // namespace recon::pg
