// The memo: what a query gave in one snapshot is given again in every snapshot in which it would
// give the same, and in no other. So it never is out of date; where that is not sure, it is passed
// by.
//
//   memo::Lookup lookup(question, key);
//   if (!lookup.hit()) { compute with the active snapshot; lookup.store(value); }
//   use lookup.value()
//
// Values do not depend on who asks: whether he may have them is asked before, at every call.
#pragma once

#include "memo/entries.hpp"
#include "memo/slots.hpp"
#include "pg/full_xid.hpp"

namespace recon::memo {

enum class Function : std::uint8_t { projects, project, jobs, sources, stats, users };
constexpr std::size_t function_count = 6;

// Why a call neither used nor filled the memo.
enum class Bypass : std::uint8_t {
    none,
    off,           // without the preload, or with recon.memo_size 0
    own,           // this transaction has changed the inputs
    serializable,  // a hit would not be seen by the conflict detection
    recovery,      // on a standby nobody tells of writers
    parallel,      // in a parallel worker
    snapshot,      // the snapshot does not tell by transaction ids
};
constexpr std::size_t bypass_count = 7;

// The snapshot of the query, and what its key's slot says.
class Reader {
  public:
    Reader(const pg::ActiveSnapshot& snapshot, const Writers& writers)
        : snapshot_(snapshot), writers_(writers) {}

    bool serves(Version version) const {
        return slots::first_floor() < snapshot_.xmin() &&
               writers_.serves(version, snapshot_.xmin(),
                               [&](FullXid xid) { return snapshot_.is_complete(xid); });
    }
    std::optional<Version> version() const {
        if (slots::first_floor() >= snapshot_.xmin()) return std::nullopt;
        return writers_.version_in(snapshot_.xmin(),
                                   [&](FullXid xid) { return snapshot_.is_complete(xid); });
    }

  private:
    pg::ActiveSnapshot snapshot_;
    Writers writers_;
};

// The version of a key in a snapshot, for what is kept elsewhere; none where that is not sure.
std::optional<Version> version_in(const pg::ActiveSnapshot& snapshot, slots::Place place);

struct Query {
    Function function;
    Oid oid;  // of the SQL function: another extension of the same name is another one
    Key key;  // its argument is the key's project
    std::uint64_t shape = 0;
    int ttl = 0;  // seconds that a value may be old; 0: any
};

class Lookup {
  public:
    explicit Lookup(const Query& query);

    bool hit() const { return value_ != nullptr; }
    // Whole words, of which the last may be filled up; until the next lookup.
    std::span<const std::uint64_t> words() const { return *value_; }
    // What the active snapshot gives. Not kept where the memo is passed by, or it is too large.
    void store(std::span<const std::byte> value);

  private:
    struct Local;
    bool serves(Version version) const;
    void use(Local& local);

    Query query_;
    entries::Question question_;
    Bypass bypass_;
    slots::Place place_ = 0;
    const std::vector<std::uint64_t>* value_ = nullptr;
    std::optional<Reader> reader_;
};

}  // namespace recon::memo
