// What memoized values depend on.
#pragma once

#include "pg/guard.hpp"

namespace recon::memo {

enum class Kind : std::uint8_t {
    project,   // a project's row
    projects,  // the rows of all projects; of project 0
    jobs,      // the rows of a project's jobs
    sources,   // the rows of a project's sources
    stats,     // the figures of a project
    users,     // the rows of all users; of project 0
    members,   // who is a member of a project, and as what
};

// Of this database.
struct Key {
    Kind kind;
    std::int64_t project_id;
    bool operator==(const Key&) const = default;
};

inline std::uint64_t mix(std::uint64_t x) {  // the finalizer of SplitMix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

}  // namespace recon::memo
