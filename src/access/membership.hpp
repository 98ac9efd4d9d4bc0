// Who may do what in a project. Asked at each call, by current_user, from the committed state of
// this moment; never from a raw table access that nobody checked.
#pragma once

#include "core/field/date.hpp"
#include "pg/spi.hpp"

namespace recon::access {

// Cumulative rights; the order counts.
enum class Level {
    none,
    viewer,
    reviewer,
    worker,
    owner
};  // worker: the contract's "operator", a C++ keyword

const char* level_name(Level level);
std::optional<Level> parse_level(std::string_view name);

// The highest level among the members whose privileges `user` has; owner for a superuser.
Level level_of(std::int64_t project_id, Oid user);

// The users that a role shares a project with, and itself.
std::vector<std::int64_t> visible_users(pg::Spi& spi, Oid role);

// 42704, for a project that does not exist or is hidden.
[[noreturn]] void project_is_missing(std::int64_t project_id);

// 42704 where the project does not exist or is hidden from `user`: the same answer. 42501 where the
// level is too low.
void require(pg::Spi& spi, std::int64_t project_id, Oid user, Level level);

// The project of an object by its id alone, with the same answer for one that is not there and a
// hidden one: 42704 `<what> <id> does not exist`. Then require().
enum class Object { source, rule, job, match, record, ingestion, upload };
std::int64_t require_object(pg::Spi& spi, Object object, std::int64_t id, Oid user, Level level);

// Before any lock on the project's row, by whoever may then wait for another: no period of the
// project is closed or reopened until the transaction ends, or, `alone`, nobody else works in it.
void enter_project(std::int64_t project_id);
void enter_project_alone(std::int64_t project_id);

// After require(): keeps the project from being dropped, and its periods from being closed or
// reopened, until the transaction ends, and asks again, because waiting for the lock may have let
// the membership change. 55000 where it is archived. The last day of the closed period, if any.
std::optional<field::Day> lock_active(pg::Spi& spi, std::int64_t project_id, Oid user, Level level);

// The same for the project itself and its members: changes of these wait for one another. An
// update, not a lock alone, so that a transaction whose snapshot is older than another's change
// fails.
void lock_for_owner(pg::Spi& spi, std::int64_t project_id, Oid user);

// The row of recon.users of a role, made where it is missing.
std::int64_t ensure_user(pg::Spi& spi, Oid role);

}  // namespace recon::access
