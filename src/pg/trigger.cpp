#include "pg/trigger.hpp"

#include "pg/owner.hpp"

extern "C" {
#include "commands/trigger.h"
#include "utils/lsyscache.h"
}

namespace recon::pg {

namespace {

constexpr char not_own_trigger[] =
    "trigger function was not called by a trigger of recon's own tables";

// 39P01 otherwise.
TriggerData* own_trigger(FunctionCallInfo fcinfo) {
    auto* data =
        CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<TriggerData*>(fcinfo->context) : nullptr;
    if (data == nullptr || RelationGetNamespace(data->tg_relation) !=
                               call([] { return get_namespace_oid("recon", true); }))
        throw Error("39P01", not_own_trigger);
    return data;
}

bool is_at(const TriggerData& data, TriggerCall::Moments moments) {
    bool before = TRIGGER_FIRED_BEFORE(data.tg_event);
    if (moments == TriggerCall::Moments::all)
        return TRIGGER_FIRED_FOR_STATEMENT(data.tg_event) || TRIGGER_FIRED_AFTER(data.tg_event);
    return TRIGGER_FIRED_FOR_STATEMENT(data.tg_event) &&
           before == TRIGGER_FIRED_BY_TRUNCATE(data.tg_event);
}

}  // namespace

TriggerCall::TriggerCall(FunctionCallInfo fcinfo, Moments moments) : data_(own_trigger(fcinfo)) {
    if (!is_at(*data_, moments)) throw Error("39P01", not_own_trigger);
}

void require_own_trigger(FunctionCallInfo fcinfo) {
    own_trigger(fcinfo);
}

TriggerCall::Event TriggerCall::event() const {
    if (TRIGGER_FIRED_BY_INSERT(data_->tg_event)) return Event::insert;
    if (TRIGGER_FIRED_BY_UPDATE(data_->tg_event)) return Event::update;
    if (TRIGGER_FIRED_BY_DELETE(data_->tg_event)) return Event::remove;
    return Event::truncate;
}

bool TriggerCall::is_before() const {
    return TRIGGER_FIRED_BEFORE(data_->tg_event);
}

bool TriggerCall::is_for_row() const {
    return TRIGGER_FIRED_FOR_ROW(data_->tg_event);
}

const char* TriggerCall::table() const {
    return RelationGetRelationName(data_->tg_relation);
}

void TriggerCall::show_rows(Spi&) const {
    call([&] {
        int code = SPI_register_trigger_data(data_);
        if (code < 0)
            elog(ERROR, "SPI_register_trigger_data failed: %s", SPI_result_code_string(code));
    });
}

std::vector<std::int64_t> TriggerCall::bigints_of_row(const char* column) const {
    std::array<std::int64_t, 2> found{};
    std::size_t count = 0;
    call([&] {
        AttrNumber number = get_attnum(RelationGetRelid(data_->tg_relation), column);
        for (HeapTuple row : {data_->tg_trigtuple, data_->tg_newtuple}) {
            if (row == nullptr) continue;
            bool null = false;
            Datum value = heap_getattr(row, number, RelationGetDescr(data_->tg_relation), &null);
            if (!null) found[count++] = DatumGetInt64(value);
        }
    });
    return {found.begin(), found.begin() + count};
}

bool fired_by_own_statement() {
    std::optional<int> scope = OwnerScope::trigger_depth();
    return scope && trigger_depth() == *scope + 1;
}

}  // namespace recon::pg
