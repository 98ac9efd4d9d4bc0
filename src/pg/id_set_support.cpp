#include "pg/id_set_support.hpp"

extern "C" {
#include "catalog/pg_am.h"
#include "catalog/pg_operator.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "utils/selfuncs.h"
}

namespace recon::pg {

namespace {

constexpr Oid int8_equal = 410;  // pg_operator.dat; it has no name in the headers

// A summary is read anew for each id.
constexpr std::size_t most_ids_by_summary = 8;

// Inside call(): whether the rows are already those of one id, of the column or another. They have
// been picked by who may see them.
bool is_picked(const RelOptInfo* relation) {
    ListCell* cell = nullptr;
    foreach (cell, relation->baserestrictinfo) {
        Node* clause = reinterpret_cast<Node*>(lfirst_node(RestrictInfo, cell)->clause);
        Oid op = InvalidOid;
        Node* column = nullptr;
        if (IsA(clause, OpExpr)) {
            op = reinterpret_cast<OpExpr*>(clause)->opno;
            column = get_leftop(clause);
        } else if (IsA(clause, ScalarArrayOpExpr)) {
            op = reinterpret_cast<ScalarArrayOpExpr*>(clause)->opno;
            column =
                static_cast<Node*>(linitial(reinterpret_cast<ScalarArrayOpExpr*>(clause)->args));
        }
        // Also that of a bigint and an integer.
        if (column != nullptr && IsA(column, Var) && exprType(column) == INT8OID &&
            get_oprrest(op) == F_EQSEL)
            return true;
    }
    return false;
}

// Inside call(): whether the column is the first of an index by which a set of ids is found. A
// later one would bring the rows in another order than the planner expects.
bool is_useful(const SupportRequestIndexCondition* request, std::size_t ids) {
    const IndexOptInfo* index = request->index;
    if (request->indexcol != 0 || request->indexarg != 0) return false;
    if (index->relam != BTREE_AM_OID && (index->relam != BRIN_AM_OID || ids > most_ids_by_summary))
        return false;
    if (!op_in_opfamily(int8_equal, request->opfamily) || is_picked(index->rel)) return false;
    // Of other tables nobody knows whose rows they are: a plan for them may serve another user.
    const RangeTblEntry* entry = planner_rt_fetch(index->rel->relid, request->root);
    return get_rel_namespace(entry->relid) == get_namespace_oid("recon", true);
}

// Inside call(): column = ANY (recon.<function>()).
Node* make_condition(const SupportRequestIndexCondition* request, const char* function) {
    auto* call = reinterpret_cast<FuncExpr*>(request->node);
    char schema[] = "recon";
    List* name = list_make2(makeString(schema), makeString(pstrdup(function)));
    Oid array = LookupFuncName(name, 0, nullptr, false);
    auto* condition = makeNode(ScalarArrayOpExpr);
    condition->opno = int8_equal;
    condition->opfuncid = F_INT8EQ;
    condition->useOr = true;
    condition->location = -1;
    condition->args = list_make2(
        copyObjectImpl(linitial(call->args)),
        makeFuncExpr(array, INT8ARRAYOID, NIL, InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
    return reinterpret_cast<Node*>(condition);
}

// Inside call(); negative where it is not known.
double estimate(SupportRequestSelectivity* request, std::size_t ids) {
    if (request->is_join || request->args == NIL) return -1;
    Node* argument = static_cast<Node*>(linitial(request->args));
    if (!IsA(argument, Var)) return -1;
    VariableStatData data;
    examine_variable(request->root, argument, request->varRelid, &data);
    double share = -1;
    if (data.rel != nullptr) {
        bool is_default = false;
        double distinct = get_variable_numdistinct(&data, &is_default);
        share = is_picked(data.rel)
                    ? 1
                    : std::min(1.0, static_cast<double>(ids) / std::max(1.0, distinct));
    }
    ReleaseVariableStats(data);
    return share;
}

}  // namespace

Datum support_id_set(FunctionCallInfo fcinfo, const IdSet& set) {
    Node* asked = reinterpret_cast<Node*>(DatumGetPointer(fcinfo->args[0].value));
    if (IsA(asked, SupportRequestIndexCondition)) {
        auto* request = reinterpret_cast<SupportRequestIndexCondition*>(asked);
        if (!IsA(request->node, FuncExpr)) return 0;
        std::optional<std::size_t> ids = set.size();
        if (!ids) return 0;
        return call([&] {
            if (!is_useful(request, *ids)) return Datum{0};
            return PointerGetDatum(list_make1(make_condition(request, set.array_function)));
        });
    }
    if (IsA(asked, SupportRequestSelectivity)) {
        auto* request = reinterpret_cast<SupportRequestSelectivity*>(asked);
        std::optional<std::size_t> ids = set.size();
        double share = ids ? call([&] { return estimate(request, *ids); }) : 1;
        if (share < 0) return 0;
        request->selectivity = share;
        return PointerGetDatum(request);
    }
    return 0;
}

}  // namespace recon::pg
