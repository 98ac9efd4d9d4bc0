// The relation behind a relation source, checked with the rights of the role that names it.
#pragma once

#include "core/ingest/mapping.hpp"
#include "pg/guard.hpp"

namespace recon::ingest {

struct SourceRelation {
    Oid oid = InvalidOid;
    std::string name;  // schema-qualified and quoted
};

// Resolved as the current user. 42P01 where there is none, 42809 for what cannot be read like a table, 42501 where
// `reader` may not select from it.
SourceRelation resolve_relation(const std::string& name, Oid reader);

// Every column and expression of the mapping must fit the relation: 42703 with the JSON path, 42601 and its kin for
// an expression. An expression is one value over the relation's columns, without FROM or any other clause.
void check_relation_mapping(const Mapping& mapping, const SourceRelation& relation);

}  // namespace recon::ingest
