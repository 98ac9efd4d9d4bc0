// The performance indexes: recon.index_definitions().
#pragma once

#include "pg/spi.hpp"

namespace recon::ops {

enum class IndexState { valid, missing, invalid, different, building };

struct Index {
    std::string name, table, definition;  // the statement that builds it
    IndexState state;

    // What stands where it is invalid goes first.
    std::string drop_statement(bool concurrently) const;
    std::string create_statement(bool concurrently) const;
};

// All of them, in the order of index_definitions.
std::vector<Index> read_indexes(pg::Spi& spi);

}  // namespace recon::ops
