#include "pg/parallel.hpp"

#include "pg/settings.hpp"

extern "C" {
#include "storage/dsm.h"
#include "storage/dsm_impl.h"
#include "storage/lwlock.h"
#include "storage/shm_toc.h"
}

#include <dlfcn.h>
#include <sched.h>
#include <sys/statvfs.h>

namespace recon::pg {

namespace {

constexpr std::uint64_t state_key = 1, input_key = 2, area_key = 3;
constexpr std::size_t alignment = 16;

std::size_t aligned(std::size_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

// Parts end to end, behind their number and sizes.
std::size_t packed_size(std::span<const Bytes> parts) {
    std::size_t sum = aligned((parts.size() + 1) * sizeof(std::uint64_t));
    for (const Bytes& part : parts) sum += aligned(part.size());
    return sum;
}

void pack(std::span<const Bytes> parts, std::byte* to) {
    auto* sizes = reinterpret_cast<std::uint64_t*>(to);
    sizes[0] = parts.size();
    to += aligned((parts.size() + 1) * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sizes[i + 1] = parts[i].size();
        if (!parts[i].empty()) std::memcpy(to, parts[i].data(), parts[i].size());
        to += aligned(parts[i].size());
    }
}

std::vector<Bytes> unpack(const std::byte* from) {
    const auto* sizes = reinterpret_cast<const std::uint64_t*>(from);
    std::vector<Bytes> parts(sizes[0]);
    from += aligned((parts.size() + 1) * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i] = {from, sizes[i + 1]};
        from += aligned(parts[i].size());
    }
    return parts;
}

// A segment that is larger than what its file system has left is an error of the server, and may
// be seen only where the memory is written to. So the room is asked before.
bool has_room(std::size_t bytes) {
    const char* place = nullptr;
    if (dynamic_shared_memory_type == DSM_IMPL_POSIX) place = "/dev/shm";
    if (dynamic_shared_memory_type == DSM_IMPL_MMAP) place = PG_DYNSHMEM_DIR;
    struct statvfs status {};
    if (place == nullptr || ::statvfs(place, &status) != 0) return true;
    return bytes / status.f_frsize < status.f_bavail;
}

bool fits(const MemoryBudget& budget, std::size_t bytes) {
    std::size_t used = budget.used();
    return used <= budget.limit() && bytes <= budget.limit() - used;
}

// The file of this library, as the server loaded it.
const char* library_path() {
    static const char anchor = 0;
    Dl_info info{};
    return ::dladdr(&anchor, &info) != 0 ? info.dli_fname : nullptr;
}

struct Result {
    dsa_pointer at = InvalidDsaPointer;
    std::size_t size = 0;  // 0: not delivered
};

}  // namespace

struct ParallelState {
    std::atomic<std::uint32_t> next{0};
    std::atomic<std::size_t> used{0}, results_used{0};
    std::uint32_t pieces = 0;
    std::size_t limit = 0;
    char setting[NAMEDATALEN] = {};
    Result results[1];  // of each piece

    static std::size_t bytes(std::uint32_t pieces) {
        return sizeof(ParallelState) + pieces * sizeof(Result);
    }
};

// ---- in a worker ------------------------------------------------------------------------------

WorkerShare::WorkerShare(ParallelState* state, dsa_area* area, Bytes input)
    : state_(state),
      area_(area),
      input_(unpack(input.data())),
      budget_(state->limit, state->setting) {
    budget_.share(state->used);
}

std::uint32_t WorkerShare::pieces() const {
    return state_->pieces;
}

std::optional<std::uint32_t> WorkerShare::next() {
    std::uint32_t piece = state_->next.fetch_add(1, std::memory_order_relaxed);
    if (piece < state_->pieces) return piece;
    state_->next.store(state_->pieces, std::memory_order_relaxed);
    return std::nullopt;
}

void WorkerShare::deliver(std::uint32_t piece, std::span<const Bytes> parts) {
    std::size_t size = packed_size(parts);
    // Its segments grow with the area.
    std::size_t before = state_->results_used.load(std::memory_order_relaxed);
    if (!has_room(2 * size + before) || !fits(budget_, size)) return;
    budget_.take(size);
    state_->results_used.fetch_add(size, std::memory_order_relaxed);
    dsa_pointer at =
        call([&] { return dsa_allocate_extended(area_, size, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM); });
    if (!DsaPointerIsValid(at)) return;
    pack(parts, static_cast<std::byte*>(call([&] { return dsa_get_address(area_, at); })));
    state_->results[piece] = {at, size};
}

namespace {

struct Attached {
    ParallelState* state;
    dsa_area* area;
    Bytes input;
    WorkerBody body;
};

}  // namespace

// Called by the server, in a transaction like the leader's; what it raises the leader gets.
void enter_worker(dsm_segment* segment, shm_toc* toc, WorkerBody body) {
    Attached attached;
    attached.state = static_cast<ParallelState*>(shm_toc_lookup(toc, state_key, false));
    attached.input = {static_cast<std::byte*>(shm_toc_lookup(toc, input_key, false)), 1};
    attached.area = dsa_attach_in_place(shm_toc_lookup(toc, area_key, false), segment);
    attached.body = body;
    enter_hook(&attached, [](void* argument) {
        const auto* given = static_cast<const Attached*>(argument);
        WorkerShare share(given->state, given->area, given->input);
        given->body(share);
    });
    dsa_detach(attached.area);
}

// ---- in the leader ----------------------------------------------------------------------------

ParallelPieces::ParallelPieces(const char* entry, std::uint32_t pieces,
                               std::span<const Bytes> input, int workers, MemoryBudget& budget)
    : pieces_(pieces), budget_(budget) {
    if (pieces < 2 || IsInParallelMode()) return;
    std::size_t most = std::min<std::size_t>(pieces - 1, INT_MAX);
    workers = std::min(workers, static_cast<int>(most));
    std::size_t size = packed_size(input);
    if (workers > 0 && fits(budget, size) && has_room(size + dsa_minimum_size() + (1u << 20)))
        launch(entry, input, workers);
}

void ParallelPieces::launch(const char* entry, std::span<const Bytes> input, int workers) {
    const char* library = library_path();
    if (library == nullptr) return;
    std::size_t input_size = packed_size(input), state_size = ParallelState::bytes(pieces_);
    own_.resize(pieces_);
    budget_.take(input_size);
    input_size_ = input_size;
    in_parallel_mode_ = true;
    call([&] {
        EnterParallelMode();
        context_ = CreateParallelContext(library, entry, workers);
        shm_toc_estimator* estimator = &context_->estimator;
        shm_toc_estimate_chunk(estimator, state_size);
        shm_toc_estimate_chunk(estimator, input_size);
        shm_toc_estimate_chunk(estimator, dsa_minimum_size());
        shm_toc_estimate_keys(estimator, 3);
        InitializeParallelDSM(context_);
    });
    // Without a free segment, the server gives private memory and no workers.
    if (context_->nworkers == 0 || context_->seg == nullptr) return;
    call([&] {
        void* state = shm_toc_allocate(context_->toc, state_size);
        std::memset(state, 0, state_size);
        shm_toc_insert(context_->toc, state_key, state);
        state_ = ::new (state) ParallelState();
        void* packed = shm_toc_allocate(context_->toc, input_size);
        shm_toc_insert(context_->toc, input_key, packed);
        pack(input, static_cast<std::byte*>(packed));
        void* place = shm_toc_allocate(context_->toc, dsa_minimum_size());
        shm_toc_insert(context_->toc, area_key, place);
        area_ = dsa_create_in_place(place, dsa_minimum_size(), LWTRANCHE_PARALLEL_QUERY_DSA,
                                    context_->seg);
    });
    state_->pieces = pieces_;
    state_->limit = budget_.limit();
    std::strncpy(state_->setting, budget_.setting(), sizeof state_->setting - 1);
    budget_.share(state_->used);
    call([&] { LaunchParallelWorkers(context_); });
}

// After an error the abort ends the workers; until then the memory is there.
ParallelPieces::~ParallelPieces() {
    if (state_ != nullptr) {
        budget_.unshare();
        budget_.give(state_->results_used.load(std::memory_order_relaxed));
    }
    budget_.give(input_size_);
    if (std::uncaught_exceptions() != exceptions_) return;
    if (area_ != nullptr) dsa_detach(area_);
    if (context_ != nullptr) DestroyParallelContext(context_);
    if (in_parallel_mode_) ExitParallelMode();
}

std::optional<std::uint32_t> ParallelPieces::next() {
    if (workers() == 0) {
        if (next_ >= pieces_) return std::nullopt;
        return next_++;
    }
    if (!finished_) {
        std::uint32_t piece = state_->next.fetch_add(1, std::memory_order_relaxed);
        if (piece < pieces_) {
            own_[piece] = true;
            return piece;
        }
        state_->next.store(pieces_, std::memory_order_relaxed);
        call([&] { WaitForParallelWorkersToFinish(context_); });
        finished_ = true;
    }
    for (; next_ < pieces_; ++next_)
        if (!own_[next_] && state_->results[next_].size == 0) return next_++;
    return std::nullopt;
}

std::uint32_t ParallelPieces::taken() const {
    if (workers() == 0) return next_;
    return std::min(state_->next.load(std::memory_order_relaxed), pieces_);
}

std::vector<Bytes> ParallelPieces::result(std::uint32_t piece) const {
    if (!finished_ || state_->results[piece].size == 0) return {};
    return unpack(static_cast<const std::byte*>(
        call([&] { return dsa_get_address(area_, state_->results[piece].at); })));
}

void ParallelPieces::release(std::uint32_t piece) {
    if (!finished_ || state_->results[piece].size == 0) return;
    Result freed = std::exchange(state_->results[piece], Result());
    call([&] { dsa_free(area_, freed.at); });
    state_->results_used.fetch_sub(freed.size, std::memory_order_relaxed);
    budget_.give(freed.size);
}

int parallel_workers() {
    if (IsInParallelMode()) return 0;
    cpu_set_t usable;
    int processors = ::sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
    return std::min({settings::parallel_workers, max_parallel_workers, processors - 1});
}

}  // namespace recon::pg
