// What those who review matches share.
#pragma once

#include "access/membership.hpp"

namespace recon::review {

// For a reviewer who is about to change matches of the project: 42501 and 42704 as
// access::require, 55000 where it is archived. Until the transaction ends nobody else changes
// matches of it or what is open, and it is neither archived nor dropped.
void lock_project(pg::Spi& spi, std::int64_t project_id, Oid user);

}  // namespace recon::review
