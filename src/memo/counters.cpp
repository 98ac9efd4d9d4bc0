#include "memo/counters.hpp"

#include <atomic>

#include "pg/shared_memory.hpp"

namespace recon::memo {

namespace {

constexpr std::size_t events = 4, evictions = events, bypasses = events + 1,
                      fields = events + 1 + bypass_count;
using Fields = std::array<std::atomic<std::uint64_t>, fields>;

struct alignas(64) Slot {
    std::array<Fields, function_count> functions;
};

constinit pg::BackendSlots<Slot> slots_of_backends("recon memo counters");
// What had been counted at the last reset.
constinit pg::SharedArea base{"recon memo counters at reset", [] { return sizeof(Slot); },
                              [](void* memory) { ::new (memory) Slot(); }};

// Nobody else writes it.
void add(Function function, std::size_t field, std::uint64_t n) noexcept {
    static Slot* const own = slots_of_backends.mine();
    if (own == nullptr) return;
    std::atomic<std::uint64_t>& value = own->functions[static_cast<std::size_t>(function)][field];
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

std::uint64_t sum(std::size_t function, std::size_t field) {
    std::uint64_t total = 0;
    for (const Slot& slot : slots_of_backends.all())
        total += slot.functions[function][field].load(std::memory_order_relaxed);
    return total;
}

}  // namespace

void reserve_counters() {
    slots_of_backends.reserve();
    base.reserve();
}

void count(Function function, Event event) noexcept {
    add(function, static_cast<std::size_t>(event), 1);
}

void count(Function function, Bypass bypass) noexcept {
    add(function, bypasses + static_cast<std::size_t>(bypass), 1);
}

void count_evictions(Function function, std::uint32_t n) noexcept {
    if (n > 0) add(function, evictions, n);
}

Counts counts(Function function) {
    Counts counts;
    if (base.memory == nullptr) return counts;
    auto number = static_cast<std::size_t>(function);
    const Fields& before = static_cast<Slot*>(base.memory)->functions[number];
    auto since = [&](std::size_t field) {
        return sum(number, field) - before[field].load(std::memory_order_relaxed);
    };
    counts.hits = since(static_cast<std::size_t>(Event::hit));
    counts.misses = since(static_cast<std::size_t>(Event::miss));
    counts.stores = since(static_cast<std::size_t>(Event::store));
    counts.too_large = since(static_cast<std::size_t>(Event::too_large));
    counts.evictions = since(evictions);
    for (std::size_t i = 0; i < bypass_count; ++i) counts.bypasses[i] = since(bypasses + i);
    return counts;
}

void reset_counters() {
    if (base.memory == nullptr) return;
    for (std::size_t function = 0; function < function_count; ++function)
        for (std::size_t field = 0; field < fields; ++field)
            static_cast<Slot*>(base.memory)
                ->functions[function][field]
                .store(sum(function, field), std::memory_order_relaxed);
}

}  // namespace recon::memo
