#include "pg/copy_hook.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "commands/defrem.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/portal.h"
}

namespace recon::pg {

namespace {

ProcessUtility_hook_type previous_hook = nullptr;
const char* view_name = nullptr;
CopyHandler handle = nullptr;

// InvalidOid where the statement is none of ours. A relation of that name in another schema, or one
// that is no part of the extension, is not.
Oid find_view(const CopyStmt* statement) {
    const RangeVar* relation = statement->relation;
    if (relation == nullptr || std::strcmp(relation->relname, view_name) != 0) return InvalidOid;
    Oid extension = get_extension_oid("recon", true);
    if (!OidIsValid(extension)) return InvalidOid;
    Oid found = RangeVarGetRelid(relation, NoLock, true);
    if (!OidIsValid(found) || get_rel_namespace(found) != get_namespace_oid("recon", true) ||
        getExtensionOfObject(RelationRelationId, found) != extension)
        return InvalidOid;
    return found;
}

struct Taken {
    const CopyStmt* statement;
    Oid view;
    CopyPlace place;
    std::uint64_t count;
};

// Runs inside call().
void check(const Taken& taken) {
    bool from = taken.statement->is_from;
    AclResult allowed = pg_class_aclcheck(taken.view, GetUserId(), from ? ACL_INSERT : ACL_SELECT);
    if (allowed != ACLCHECK_OK) aclcheck_error(allowed, OBJECT_VIEW, view_name);
    if (!from) return;
    PreventCommandIfReadOnly("COPY FROM");
    PreventCommandIfParallelMode("COPY FROM");
}

CopyOption read_option(const DefElem* element) {
    CopyOption option;
    option.name = element->defname;
    if (element->arg == nullptr) return option;
    switch (nodeTag(element->arg)) {
        case T_Boolean:
            option.kind = CopyOption::Kind::boolean;
            option.boolean = boolVal(element->arg);
            break;
        case T_Integer:
        case T_Float:
            option.kind = CopyOption::Kind::number;
            break;
        case T_String:
            option.kind = CopyOption::Kind::text;
            break;
        default:
            option.kind = CopyOption::Kind::other;
            break;
    }
    if (option.kind == CopyOption::Kind::number || option.kind == CopyOption::Kind::text)
        option.text = call([&] { return defGetString(const_cast<DefElem*>(element)); });
    return option;
}

void run(void* argument) {
    auto* taken = static_cast<Taken*>(argument);
    call([&] { check(*taken); });
    const CopyStmt* parsed = taken->statement;
    CopyStatement statement;
    statement.from = parsed->is_from;
    statement.of_client = parsed->filename == nullptr;
    statement.has_columns = parsed->attlist != NIL;
    statement.has_condition = parsed->whereClause != nullptr;
    statement.place = &taken->place;
    for (int i = 0; i < list_length(parsed->options); ++i)
        statement.options.push_back(
            read_option(static_cast<const DefElem*>(list_nth(parsed->options, i))));
    taken->count = handle(statement);
}

void tell_place(void* argument) {
    const CopyPlace& place = static_cast<Taken*>(argument)->place;
    if (place.source[0] == '\0') return;
    std::uint64_t line = place.line != nullptr ? *place.line : place.line_at_end;
    if (line == 0)
        errcontext("COPY %s, source \"%s\"", view_name, place.source);
    else
        errcontext("COPY %s, source \"%s\", line %llu", view_name, place.source,
                   static_cast<unsigned long long>(line));
}

// Called and left like a C function: only plain data lives here.
void process_utility(PlannedStmt* planned, const char* query, bool read_only_tree,
                     ProcessUtilityContext context, ParamListInfo parameters,
                     QueryEnvironment* environment, DestReceiver* receiver,
                     QueryCompletion* completion) {
    Node* node = planned->utilityStmt;
    Oid view = IsA(node, CopyStmt) ? find_view(reinterpret_cast<CopyStmt*>(node)) : InvalidOid;
    if (!OidIsValid(view)) {
        (previous_hook != nullptr ? previous_hook : standard_ProcessUtility)(
            planned, query, read_only_tree, context, parameters, environment, receiver, completion);
        return;
    }
    Taken taken{reinterpret_cast<CopyStmt*>(node), view, {}, 0};
    ErrorContextCallback error_context{error_context_stack, tell_place, &taken};
    error_context_stack = &error_context;
    enter_hook(&taken, run);
    error_context_stack = error_context.previous;
    if (completion != nullptr) SetQueryCompletion(completion, CMDTAG_COPY, taken.count);
}

}  // namespace

void take_over_copy(const char* view, CopyHandler handler) {
    view_name = view;
    handle = handler;
    previous_hook = ProcessUtility_hook;
    ProcessUtility_hook = process_utility;
}

bool running_copy() {
    return PortalIsValid(ActivePortal) && ActivePortal->commandTag == CMDTAG_COPY;
}

}  // namespace recon::pg
