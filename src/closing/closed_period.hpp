// What is of a project's closed period stays as it is. A record is of it by its date; a match by
// that of its latest member.
#pragma once

#include "core/field/date.hpp"
#include "pg/spi.hpp"

// The date of a row r of recon.records, in SQL; that of its load is a day in UTC.
#define RECON_RECORD_DATE                                                                         \
    "coalesce(r.transaction_date, r.value_date, (SELECT (i.started_at AT TIME ZONE 'UTC')::date " \
    "FROM recon.ingestions i WHERE i.project_id = r.project_id AND i.ingestion_id = "             \
    "r.ingestion_id))"

namespace recon::closing {

// Whoever asks holds the project (access::lock_active), which gave him `closed_until`.

// 55000 where one of the matches that have not the status already is of the closed period.
void check_matches(pg::Spi& spi, std::int64_t project_id, std::optional<field::Day> closed_until,
                   std::span<const std::int64_t> match_ids, std::string_view status);

// 55000 where a match of these records would be of the closed period.
void check_new_match(pg::Spi& spi, std::int64_t project_id, std::optional<field::Day> closed_until,
                     std::span<const std::int64_t> record_ids);

}  // namespace recon::closing
