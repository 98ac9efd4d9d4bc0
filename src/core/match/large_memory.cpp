#include "core/match/large_memory.hpp"

#include <sys/mman.h>

#include <cstdint>

namespace recon::match {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

std::size_t rounded(std::size_t bytes) {
    if (bytes > SIZE_MAX - 2 * huge_page) throw std::bad_alloc();
    return (bytes + huge_page - 1) & ~(huge_page - 1);
}

// Addresses at a border of huge pages.
char* reserve(std::size_t bytes) {
    void* found = mmap(nullptr, bytes + huge_page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) throw std::bad_alloc();
    char* begin = static_cast<char*>(found);
    std::size_t before =
        (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
    if (before > 0) munmap(begin, before);
    if (before < huge_page) munmap(begin + before + bytes, huge_page - before);
    return begin + before;
}

}  // namespace

void* allocate_large(std::size_t bytes) {
    bytes = rounded(bytes);
    char* memory = reserve(bytes);
    madvise(memory, bytes, MADV_HUGEPAGE);  // without it, small pages do
    return memory;
}

void* grow_large(void* memory, std::size_t bytes, std::size_t wanted) {
    bytes = rounded(bytes);
    wanted = rounded(wanted);
    if (wanted == bytes) return memory;
    char* to = reserve(wanted);
    if (mremap(memory, bytes, wanted, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED) {
        munmap(to, wanted);
        throw std::bad_alloc();
    }
    return to;
}

void free_large(void* memory, std::size_t bytes) noexcept {
    munmap(memory, rounded(bytes));
}

}  // namespace recon::match
