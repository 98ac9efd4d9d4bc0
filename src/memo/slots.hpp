// The writers of each key, in shared memory: a fixed number of slots, which keys share by their
// hash. Keys that share one see the writers of each other as theirs, which costs a computation now
// and then. A slot is never given up, so nothing that was served can come back.
#pragma once

#include "core/memo/versions.hpp"
#include "memo/keys.hpp"

namespace recon::memo::slots {

using Place = std::uint32_t;

void reserve();  // from _PG_init: its shared memory
bool available();

Place place_of(const Key& key);
// False where it was being written all the time.
bool read(Place place, Writers& writers);
void arm(std::span<const Place> places, FullXid xid) noexcept;
void arm_all(FullXid xid) noexcept;

// No transaction up to this one was armed in this life of the server: nothing is known of them.
// Known from the first call on.
FullXid first_floor();

}  // namespace recon::memo::slots
