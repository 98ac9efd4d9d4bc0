// Counters of the server since it started, in shared memory, of what transactions did that were
// committed.
#pragma once

#include <atomic>

#include "pg/shared_memory.hpp"
#include "pg/transaction_end.hpp"

namespace recon::pg {

// A constant of the capability that counts; `area` gets it `N` counters. Nothing is counted without
// the preload, nor of prepared transactions.
template <std::size_t N>
class SharedCounters {
  public:
    using Values = std::array<std::uint64_t, N>;

    constexpr explicit SharedCounters(const char* name)
        : area_{name, [] { return sizeof(Counters); },
                [](void* memory) { ::new (memory) Counters(); }} {}

    void reserve() { area_.reserve(); }  // from _PG_init

    // Once the transaction commits.
    void add_at_commit(std::size_t counter, std::uint64_t n) {
        if (area_.memory == nullptr || n == 0) return;
        auto address = reinterpret_cast<std::uintptr_t>(counters() + counter);
        run_at_commit({[](const CommitTask& task) noexcept {
                           auto* value = reinterpret_cast<std::atomic<std::uint64_t>*>(
                               static_cast<std::uintptr_t>(task.values[0]));
                           value->fetch_add(static_cast<std::uint64_t>(task.values[1]),
                                            std::memory_order_relaxed);
                       },
                       {static_cast<std::int64_t>(address), static_cast<std::int64_t>(n)}});
    }

    Values values() const {  // zeros without the preload
        Values values{};
        if (area_.memory == nullptr) return values;
        for (std::size_t i = 0; i < N; ++i)
            values[i] = counters()[i].load(std::memory_order_relaxed);
        return values;
    }

  private:
    using Counters = std::array<std::atomic<std::uint64_t>, N>;
    std::atomic<std::uint64_t>* counters() const {
        return static_cast<Counters*>(area_.memory)->data();
    }

    SharedArea area_;
};

}  // namespace recon::pg
