#pragma once
#include "pg/spi.hpp"
namespace recon::ops {
std::size_t task_count();
const char* task_name(std::size_t task);
std::uint64_t clean_batch(std::size_t task, pg::Spi& spi, Oid user, bool& more);
}  // namespace recon::ops
