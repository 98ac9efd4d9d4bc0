#include "memo/slots.hpp"

#include "core/seqlock.hpp"
#include "pg/full_xid.hpp"
#include "pg/settings.hpp"
#include "pg/shared_lock.hpp"
#include "pg/shared_memory.hpp"

namespace recon::memo::slots {

namespace {

constexpr std::size_t count = 4096, lock_count = 16;

struct alignas(64) Slot {
    Seqlock<Writers> writers;
};

struct Shared {
    std::array<pg::SharedLock, lock_count> locks;  // for who arms
    std::atomic<FullXid> floor;
    std::array<Slot, count> slots;
};

constinit pg::SharedArea area{"recon memo writers",
                              [] { return pg::settings::memo_size > 0 ? sizeof(Shared) : 0; },
                              [](void* memory) {
                                  auto* shared = ::new (memory) Shared();
                                  for (pg::SharedLock& lock : shared->locks)
                                      lock.initialize("ReconMemoWriters");
                              }};

Shared& shared() {
    return *static_cast<Shared*>(area.memory);
}

void arm_one(Place place, FullXid xid) noexcept {
    pg::SharedLock::Holder holder(shared().locks[place % lock_count]);
    Writers writers;
    while (!shared().slots[place].writers.try_read(writers)) {
    }  // nobody else writes
    writers.arm(xid);
    shared().slots[place].writers.write(writers);
}

}  // namespace

void reserve() {
    area.reserve();
}

bool available() {
    return area.memory != nullptr;
}

Place place_of(const Key& key) {
    std::uint64_t hash =
        mix(mix(static_cast<std::uint64_t>(key.project_id)) ^
            (std::uint64_t{MyDatabaseId} << 8 | static_cast<std::uint64_t>(key.kind)));
    return static_cast<Place>(hash % count);
}

bool read(Place place, Writers& writers) {
    constexpr int tries = 100;
    for (int i = 0; i < tries; ++i)
        if (shared().slots[place].writers.try_read(writers)) return true;
    return false;
}

void arm(std::span<const Place> places, FullXid xid) noexcept {
    for (Place place : places) arm_one(place, xid);
}

void arm_all(FullXid xid) noexcept {
    for (Place place = 0; place < count; ++place) arm_one(place, xid);
}

FullXid first_floor() {
    FullXid floor = shared().floor.load(std::memory_order_acquire);
    if (floor != 0) return floor;
    FullXid last = pg::next_full_xid() - 1;
    // Who comes first decides: all before it were not armed.
    if (shared().floor.compare_exchange_strong(floor, last)) return last;
    return floor;
}

}  // namespace recon::memo::slots
