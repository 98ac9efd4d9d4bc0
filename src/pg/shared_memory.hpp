// Main shared memory, for what all backends of the server see: set aside when the server starts,
// with recon in shared_preload_libraries, and made anew after a crash. Without the preload there is
// none, and what needs it says so.
//
// An area is a constant of the capability that owns it; _PG_init names those that there are:
//
//   constinit pg::BackendSlots<Slot> slots("recon slots");   // the capability
//   slots.reserve();                                         // called from _PG_init
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// `name` is unique in the server. `bytes` is asked in the postmaster once MaxBackends is known, 0
// for none; `initialize` runs there, in memory of zeros. Neither throws.
struct SharedArea {
    const char* name;
    std::size_t (*bytes)();
    void (*initialize)(void* memory);
    void* memory = nullptr;  // null without the preload
    SharedArea* next = nullptr;

    void reserve();  // from _PG_init; does nothing where the library is not being preloaded
};

// One slot for each backend that there can be, written by that backend alone.
template <class Slot>
class BackendSlots {
  public:
    constexpr explicit BackendSlots(const char* name) : area_{name, bytes, initialize} {}

    void reserve() { area_.reserve(); }
    bool available() const { return area_.memory != nullptr; }

    // This backend's; null without the preload, and in a process that has none.
    Slot* mine() {
        int number = own_proc_number();
        if (!available() || number < 0 || number >= MaxBackends) return nullptr;
        return all().data() + number;
    }

    std::span<Slot> all() {
        if (!available()) return {};
        return {static_cast<Slot*>(area_.memory), static_cast<std::size_t>(MaxBackends)};
    }

  private:
    static std::size_t bytes() { return sizeof(Slot) * static_cast<std::size_t>(MaxBackends); }
    static void initialize(void* memory) {
        for (int i = 0; i < MaxBackends; ++i) ::new (static_cast<Slot*>(memory) + i) Slot();
    }

    SharedArea area_;
};

// 55000, for what works with the preload only; `detail` says why it needs it.
Error not_preloaded(const std::string& detail, const std::string& hint_more = {});

}  // namespace recon::pg
