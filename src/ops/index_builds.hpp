// The background worker that builds indexes in a database, in shared memory: whether there is one,
// what it is at, and what it could not build.
#pragma once

#include "pg/guard.hpp"

namespace recon::ops::index_builds {

struct Failed {
    char index[NAMEDATALEN] = {};
    char code[6] = {};
    char message[160] = {};
};
constexpr std::size_t most_failed = 32;

struct Build {
    Oid database = InvalidOid;
    std::int32_t pid = 0;  // of its worker; 0 before that has come up and after it has ended
    bool starting = false;
    TimestampTz started_at = 0;
    char index[NAMEDATALEN] = {};  // what it is at
    std::uint32_t failed = 0;
    std::array<Failed, most_failed> failures{};

    bool is_at_work() const { return pid != 0 || starting; }
};

void reserve();  // from _PG_init: its shared memory
bool available();

// Of this database.
std::optional<Build> find();

// For who starts a worker in this database: false where there is one, or where so many databases
// build that there is no room.
bool ask();
void did_not_start();  // the one that was asked for

// For the worker.
void begin();  // it ends with the process
void enter(const std::string& index);
void fail(const std::string& index, const std::string& code, const std::string& message);

}  // namespace recon::ops::index_builds
