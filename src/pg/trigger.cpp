#include "pg/trigger.hpp"

#include "pg/owner.hpp"

extern "C" {
#include "commands/trigger.h"
}

namespace recon::pg {

TriggerCall::TriggerCall(FunctionCallInfo fcinfo, Moments moments) : data_(nullptr) {
    auto* data =
        CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<TriggerData*>(fcinfo->context) : nullptr;
    bool fits =
        data != nullptr && TRIGGER_FIRED_FOR_STATEMENT(data->tg_event) &&
        (moments == Moments::before_and_after ||
         TRIGGER_FIRED_BEFORE(data->tg_event) == TRIGGER_FIRED_BY_TRUNCATE(data->tg_event)) &&
        RelationGetNamespace(data->tg_relation) ==
            call([] { return get_namespace_oid("recon", true); });
    if (!fits)
        throw Error("39P01", "trigger function was not called by a trigger of recon's own tables");
    data_ = data;
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

bool fired_by_own_statement() {
    std::optional<int> scope = OwnerScope::trigger_depth();
    return scope && trigger_depth() == *scope + 1;
}

}  // namespace recon::pg
