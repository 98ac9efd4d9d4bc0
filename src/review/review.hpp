// What those who review matches share.
#pragma once

#include "access/membership.hpp"

namespace recon::review {

// For a reviewer who is about to change matches of the project: 42501 and 42704 as
// access::require, 55000 where it is archived. Until the transaction ends nobody else changes
// matches of it or what is open, and it is neither archived nor dropped, nor a period of it closed
// or reopened. The last day of the closed one, if any.
std::optional<field::Day> lock_project(pg::Spi& spi, std::int64_t project_id, Oid user);

// The projects of matches or records, ascending. 42704 for the first id, in the order given, of
// what is not there for the user.
enum class Kind { match, record };
std::vector<std::int64_t> find_projects(pg::Spi& spi, Kind kind,
                                        const std::vector<std::int64_t>& ids, Oid user);

// 55000 for a record that cannot be matched: it is in a live match, accepted or written off.
[[noreturn]] void refuse_not_open(pg::Spi& spi, std::int64_t project_id, std::int64_t record_id);

// 53400 where the amount, a decimal as text, is more than recon.write_off_limit without its sign.
// `what` begins the message: "the difference of the match".
void check_write_off_limit(pg::Spi& spi, const std::string& amount, const std::string& what);

}  // namespace recon::review
