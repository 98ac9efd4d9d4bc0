// Single records taken out of what is open, and put back. What is open may be changed by whoever
// holds the project's lock for it, so that two never wait for one another's rows.
#pragma once

#include "pg/spi.hpp"

namespace recon::match {

// Waits for others of the project that store matches, change them or update records, and keeps them
// out until the transaction ends.
void lock_matching(pg::Spi& spi, std::int64_t project_id);

// Deletes the rows of those of these records that are open singly and not set aside, and appends
// their ids to `taken`, in any order.
void take_open_singles(pg::Spi& spi, std::int64_t project_id, std::span<const std::int64_t> ids,
                       std::vector<std::int64_t>& taken);

// Deletes the open rows of these records and returns those that were open, ascending; the others
// were not, or are set aside. A range that one of them stands in is cut in two around it.
std::vector<std::int64_t> take_open(pg::Spi& spi, std::int64_t project_id,
                                    std::vector<std::int64_t> record_ids);

}  // namespace recon::match
