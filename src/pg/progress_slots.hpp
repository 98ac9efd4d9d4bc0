// What each backend is doing, for all to see: one value a backend in main shared memory, written by
// it alone and read without a lock.
#pragma once

#include <vector>

#include "core/seqlock.hpp"
#include "pg/shared_memory.hpp"

extern "C" {
#include "storage/ipc.h"
}

namespace recon::pg {

// `Shown` is trivially copyable and has `database` and `pid`; a pid of 0 says that there is
// nothing.
template <class Shown>
class ProgressSlots {
  public:
    constexpr explicit ProgressSlots(const char* name) : slots_(name) {}

    void reserve() { slots_.reserve(); }  // from _PG_init
    bool available() const { return slots_.available(); }

    // This backend's slot until clear(). False where it is taken, or there is none.
    bool take() {
        if (own_ != nullptr || slots_.mine() == nullptr) return false;
        if (!registered_) call([this] { before_shmem_exit(clear_at_exit, PointerGetDatum(this)); });
        registered_ = true;
        own_ = slots_.mine();
        return true;
    }
    void show(const Shown& shown) noexcept { own_->shown.write(shown); }
    void clear() noexcept {
        if (own_ != nullptr) own_->shown.write(Shown{});
        own_ = nullptr;
    }

    // What the backends of this database show.
    std::vector<Shown> shown() {
        std::vector<Shown> result;
        for (const Slot& slot : slots_.all()) {
            Shown shown;
            while (!slot.shown.try_read(shown))
                call([] {
                    CHECK_FOR_INTERRUPTS();
                    pg_usleep(100);
                });
            if (shown.pid != 0 && shown.database == MyDatabaseId) result.push_back(shown);
        }
        return result;
    }

    // Whether the backend of a process shows what `is` says yes to; without waiting for a writer.
    template <class F>
    bool shows(int pid, F&& is) noexcept {
        for (const Slot& slot : slots_.all()) {
            Shown shown;
            if (slot.shown.try_read(shown) && shown.pid == pid && is(shown)) return true;
        }
        return false;
    }

  private:
    struct alignas(64) Slot {
        Seqlock<Shown> shown;
    };

    // A termination leaves without the destructors.
    static void clear_at_exit(int, Datum self) {
        reinterpret_cast<ProgressSlots*>(DatumGetPointer(self))->clear();
    }

    BackendSlots<Slot> slots_;
    Slot* own_ = nullptr;
    bool registered_ = false;
};

}  // namespace recon::pg
