#include "memo/memo.hpp"

#include "memo/counters.hpp"
#include "memo/marks.hpp"
#include "pg/clock.hpp"
#include "pg/full_xid.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xlog.h"
}

namespace recon::memo {

std::optional<Version> version_in(const pg::ActiveSnapshot& snapshot, slots::Place place) {
    Writers writers;
    if (!slots::read(place, writers)) return std::nullopt;
    return Reader(snapshot, writers).version();
}

// Values that this backend has read last: they are judged like those in shared memory, without
// being copied again.
struct Lookup::Local {
    entries::Question question;
    entries::Entry entry;
    std::uint64_t epoch = 0;
};

namespace {

constexpr std::size_t local_count = 64, largest_local = 4096;

Bypass why_not(slots::Place place, std::optional<pg::ActiveSnapshot>& snapshot) {
    if (RecoveryInProgress()) return Bypass::recovery;
    if (IsolationIsSerializable()) return Bypass::serializable;
    if (IsParallelWorker()) return Bypass::parallel;
    if (is_marked(place)) return Bypass::own;
    snapshot = pg::ActiveSnapshot::find();
    return snapshot ? Bypass::none : Bypass::snapshot;
}

bool is_too_old(const entries::Entry& entry, int ttl) {
    return ttl > 0 && pg::coarse_milliseconds() - entry.stored_ms > std::int64_t{ttl} * 1000;
}

}  // namespace

bool Lookup::serves(Version version) const {
    return reader_->serves(version);
}

void Lookup::use(Local& local) {
    value_ = &local.entry.words;
    count(query_.function, Event::hit);
}

// An entry is read before the writers of its key: whoever is armed later commits later than the
// snapshot was taken.
Lookup::Lookup(const Query& query) : query_(query), bypass_(Bypass::off) {
    if (!entries::available()) return;
    place_ = slots::place_of(query.key);
    std::optional<pg::ActiveSnapshot> snapshot;
    bypass_ = why_not(place_, snapshot);
    if (bypass_ != Bypass::none) {
        count(query.function, bypass_);
        return;
    }
    question_ = {MyDatabaseId, query.oid, query.key.project_id, query.shape};
    static std::array<Local, local_count> locals;
    Local& local = locals[mix(static_cast<std::uint64_t>(query.key.project_id) ^
                              std::uint64_t{query.oid} << 32) %
                          local_count];
    std::uint64_t epoch = entries::epoch();
    bool is_local =
        local.question == question_ && local.epoch == epoch && !is_too_old(local.entry, query.ttl);
    Writers writers;
    for (bool from_shared : {false, true}) {
        if (from_shared) {
            local.question = {};
            local.epoch = epoch;
            if (!entries::read(question_, local.entry) || is_too_old(local.entry, query.ttl)) break;
            if (local.entry.bytes <= largest_local) local.question = question_;
        } else if (!is_local) {
            continue;
        }
        if (!slots::read(place_, writers)) break;
        reader_.emplace(*snapshot, writers);
        if (serves(local.entry.version)) {
            use(local);
            return;
        }
    }
    if (!reader_ && slots::read(place_, writers)) reader_.emplace(*snapshot, writers);
    count(query.function, Event::miss);
}

void Lookup::store(std::span<const std::byte> value) {
    static std::vector<std::uint64_t> kept;
    kept.assign((value.size() + 7) / 8, 0);
    std::memcpy(kept.data(), value.data(), value.size());
    value_ = &kept;
    if (bypass_ != Bypass::none || !reader_) return;
    if (value.size() > entries::largest) {
        count(query_.function, Event::too_large);
        return;
    }
    // The value's snapshot is judged by the writers as they are now.
    std::optional<pg::ActiveSnapshot> snapshot = pg::ActiveSnapshot::find();
    std::optional<Version> version = snapshot ? version_in(*snapshot, place_) : std::nullopt;
    if (!version) return;
    entries::Entry entry{*version, pg::coarse_milliseconds(), kept,
                         static_cast<std::uint32_t>(value.size())};
    count_evictions(query_.function, entries::write(question_, entry));
    count(query_.function, Event::store);
}

}  // namespace recon::memo
