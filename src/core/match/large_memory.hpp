// Memory of large arrays in huge pages, where the system gives them to who asks ("madvise" or
// "always" in transparent_hugepage/enabled): random access to more than some megabytes mostly
// waits for the addresses of small pages.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace recon::match {

inline constexpr std::size_t large_memory = std::size_t{4} << 20;  // bytes, from which on it pays

// Throw std::bad_alloc. New memory is zero. Growing moves pages, not what is in them.
void* allocate_large(std::size_t bytes);
void* grow_large(void* memory, std::size_t bytes, std::size_t wanted);
void free_large(void* memory, std::size_t bytes) noexcept;

template <class T>
struct LargeAllocator {
    using value_type = T;
    LargeAllocator() = default;
    template <class U>
    LargeAllocator(const LargeAllocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        std::size_t bytes = count * sizeof(T);
        return static_cast<T*>(bytes < large_memory ? ::operator new(bytes)
                                                    : allocate_large(bytes));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        std::size_t bytes = count * sizeof(T);
        if (bytes < large_memory)
            ::operator delete(memory);
        else
            free_large(memory, bytes);
    }
    bool operator==(const LargeAllocator&) const { return true; }
};

template <class T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

}  // namespace recon::match
