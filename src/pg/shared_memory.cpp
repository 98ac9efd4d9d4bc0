#include "pg/shared_memory.hpp"

extern "C" {
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
}

namespace recon::pg {

namespace {

SharedArea* areas = nullptr;
shmem_request_hook_type previous_request = nullptr;
shmem_startup_hook_type previous_startup = nullptr;

void request() {
    if (previous_request != nullptr) previous_request();
    for (SharedArea* area = areas; area != nullptr; area = area->next)
        RequestAddinShmemSpace(area->bytes());
}

void start_up() {
    if (previous_startup != nullptr) previous_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    for (SharedArea* area = areas; area != nullptr; area = area->next) {
        bool found = false;
        std::size_t bytes = area->bytes();
        if (bytes == 0) continue;
        area->memory = ShmemInitStruct(area->name, bytes, &found);
        if (found) continue;
        std::memset(area->memory, 0, bytes);
        area->initialize(area->memory);
    }
    LWLockRelease(AddinShmemInitLock);
}

}  // namespace

void SharedArea::reserve() {
    if (!process_shared_preload_libraries_in_progress) return;
    if (areas == nullptr) {
        previous_request = shmem_request_hook;
        shmem_request_hook = request;
        previous_startup = shmem_startup_hook;
        shmem_startup_hook = start_up;
    }
    next = areas;
    areas = this;
}

Error not_preloaded(const std::string& detail, const std::string& hint_more) {
    std::string hint = "Add recon to \"shared_preload_libraries\" and restart the server.";
    if (!hint_more.empty()) hint += " " + hint_more;
    return Error("55000", "recon must be loaded via \"shared_preload_libraries\"", detail, hint);
}

}  // namespace recon::pg
