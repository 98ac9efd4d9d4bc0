#include "ops/indexes.hpp"

namespace recon::ops {

namespace {

constexpr char create_index[] = "CREATE INDEX ";

IndexState state_of(const pg::Rows& rows, std::uint64_t row) {
    if (!rows.boolean(row, 3)) return IndexState::missing;
    if (!rows.boolean(row, 4)) return IndexState::different;
    if (rows.boolean(row, 5)) return IndexState::valid;
    return rows.boolean(row, 6) ? IndexState::building : IndexState::invalid;
}

}  // namespace

std::string Index::drop_statement(bool concurrently) const {
    return std::string("DROP INDEX ") + (concurrently ? "CONCURRENTLY " : "") + "recon." + name;
}

std::string Index::create_statement(bool concurrently) const {
    if (!concurrently) return definition;
    return std::string(create_index) + "CONCURRENTLY " + definition.substr(sizeof create_index - 1);
}

std::vector<Index> read_indexes(pg::Spi& spi) {
    pg::Rows rows = spi.query(
        "SELECT s.name, s.table_name, d.definition, s.present, s.state <> 'different', s.valid, "
        "s.state = 'building' FROM recon.get_index_status() s "
        "JOIN recon.index_definitions() WITH ORDINALITY d ON d.name = s.name "
        "WHERE d.definition LIKE 'CREATE INDEX idx\\_%' ORDER BY d.ordinality");
    std::vector<Index> indexes;
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        indexes.push_back({rows.text(i, 0), rows.text(i, 1), rows.text(i, 2), state_of(rows, i)});
    return indexes;
}

}  // namespace recon::ops
