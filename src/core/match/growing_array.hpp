// An array of plain values that grows without copying where the system can move pages instead
// (realloc), as large ones should.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace recon::match {

template <class T>
class GrowingArray {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    GrowingArray() = default;
    GrowingArray(const GrowingArray&) = delete;
    GrowingArray& operator=(const GrowingArray&) = delete;
    ~GrowingArray() { std::free(data_); }

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    const T* data() const { return data_; }
    T* data() { return data_; }
    void push_back(const T& value) { data_[size_++] = value; }  // below capacity
    void clear() { size_ = 0; }

    // Keeps what is there; 0 frees all.
    void reserve(std::size_t capacity) {
        if (capacity == 0) {
            std::free(data_);
            data_ = nullptr;
            size_ = capacity_ = 0;
            return;
        }
        void* moved = std::realloc(data_, capacity * sizeof(T));
        if (moved == nullptr) throw std::bad_alloc();
        data_ = static_cast<T*>(moved);
        capacity_ = capacity;
    }

  private:
    T* data_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace recon::match
