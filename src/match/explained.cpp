#include "match/explained.hpp"

#include "pg/encoding.hpp"

namespace recon::match {

Explained read_explained(Explaining& context, std::int64_t project_id, std::int64_t record_id,
                         Side side, const std::vector<rule::Rule>& rules) {
    std::int64_t source_id =
        context.spi
            .query("SELECT source_id FROM recon.records WHERE project_id = $1 AND record_id = $2",
                   {pg::bigint(project_id), pg::bigint(record_id)})
            .bigint(0, 0);
    Explained record{
        record_id, side, read_fields(context.spi, project_id, source_id), {}, Table(context.texts)};
    record.fields = fields_read(rules, side, record.source);
    record.table = read_records(context.spi, record.source, std::span(&record_id, 1), record.fields,
                                context.budget, context.texts, context.interrupts);
    return record;
}

void append_condition(std::vector<pg::Value>& row, ConditionResult& condition) {
    for (std::string* value : {&condition.value_a, &condition.value_b})
        *value = pg::from_utf8(*value);
    auto known = [](bool is_known, const std::string& value) {
        return is_known ? pg::Value(value) : pg::Value();
    };
    row.insert(row.end(), {condition.field, known(condition.a_known, condition.value_a),
                           known(condition.b_known, condition.value_b), condition.op,
                           condition.score, condition.weight, condition.passed});
}

}  // namespace recon::match
