// What a report says, as statements. Parameters of all: $1 project, $2 job, $3 and $4 its sources.
// Texts of users come cut to 200 characters; times in UTC.
#pragma once

#include <cstdint>

namespace recon::report {

inline constexpr int shown = 20;  // rows of a list of the largest, the newest or the first
inline constexpr int currencies_shown = 20;  // those with the most records
inline constexpr int ageing_currencies_shown = 4;

// project, its description, job, status, source a, source b, run started, ended, created by, rules
// of its own, threshold, now, role, day
extern const char job_sql[];

// A row for a currency (by number of records; the last one, without rank, for all beyond
// currencies_shown) and side: rank, currency, side, records, without amount, approved, proposed,
// open records, amounts loaded, matched, open, whether the counts add up, whether the amounts do,
// gross amounts (of absolute values) loaded, approved, proposed, open, first date, last date,
// number of currencies; of the currency, side A less side B: amounts loaded, matched, open, and
// whether the first is the sum of the others
extern const char totals_sql[];

// Rules by priority: name, live, approved, proposed, ambiguous, with a difference, past matches,
// lowest, mean confidence of the live ones
extern const char rules_sql[];

// Made by hand or by other jobs: by hand, live, approved, proposed, with a difference, past,
// written off
extern const char other_matches_sql[];

// Bands of 5 points from 100 % down: least billionths, live approved, proposed, past
extern const char confidence_sql[];

// By currency (ranked by number of open records) and ageing bucket: rank, currency, bucket, records
// of A and B, amounts of A and B, place of the bucket
extern const char ageing_sql[];

// By status of the exceptions: status, records of A and B, assigned, overdue, with comments
extern const char cases_sql[];

// reason, records of A and B
extern const char reasons_sql[];

// Candidates are looked for where no more records are open.
inline constexpr std::int64_t open_with_candidates = 100'000;

// The largest open records; $2: open_with_candidates. Side, external id, date, amount, currency,
// reference, counterparty, description, age, reason, status where not "open"; the nearest
// candidate: external id, date, reference, counterparty, amount, currency, confidence, shortfall;
// whether candidates were looked for
extern const char largest_sql[];

// rejected and not resolved, resolved, removed by the cleanup
extern const char reject_counts_sql[];

// side, load, line, column, error code, message, raw record
extern const char rejects_sql[];

// who, status, matches, first, last, number of these lines
extern const char review_sql[];

// side, load, file, status, read, loaded, rejected, duplicate, by, at, number of loads
extern const char loads_sql[];

}  // namespace recon::report
