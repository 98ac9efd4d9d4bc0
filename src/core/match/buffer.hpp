// A growing array of plain values. A large one is neither copied nor held twice when it grows: its
// pages move.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "core/match/large_memory.hpp"

namespace recon::match {

template <class T>
class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    using value_type = T;

    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Buffer() { release(); }

    // Values that lie elsewhere and outlive it, to be read only.
    static Buffer view(std::span<const T> values) {
        Buffer buffer;
        buffer.data_ = const_cast<T*>(values.data());
        buffer.size_ = values.size();
        return buffer;
    }

    void push_back(const T& value) {
        if (size_ == capacity_) reserve(grown());
        data_[size_++] = value;
    }
    void append(const T* values, std::size_t count) {
        if (size_ + count > capacity_) reserve(size_ + count > grown() ? size_ + count : grown());
        for (std::size_t i = 0; i < count; ++i) data_[size_ + i] = values[i];
        size_ += count;
    }
    void reserve(std::size_t capacity) {
        if (capacity > capacity_) move_to(capacity);
    }
    // New values are indeterminate.
    void resize(std::size_t size) {
        reserve(size);
        size_ = size;
    }
    void shrink_to_fit() {
        if (size_ < capacity_) move_to(size_);
    }
    void clear() { size_ = 0; }

    T* data() { return data_; }
    const T* data() const { return data_; }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }
    T& operator[](std::size_t i) { return data_[i]; }
    const T& operator[](std::size_t i) const { return data_[i]; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }

    std::size_t grown() const { return capacity_ < 16 ? 16 : capacity_ + capacity_ / 2; }
    std::size_t bytes() const { return capacity_ * sizeof(T); }

  private:
    void swap(Buffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }
    static bool is_large(std::size_t capacity) { return capacity * sizeof(T) >= large_memory; }
    void release() noexcept {
        if (is_large(capacity_))
            free_large(data_, capacity_ * sizeof(T));
        else if (capacity_ != 0)
            std::free(data_);
    }
    void move_to(std::size_t capacity) {
        std::size_t bytes = capacity * sizeof(T);
        if (capacity == 0) {
            release();
            data_ = nullptr;
        } else if (is_large(capacity) && is_large(capacity_)) {
            data_ = static_cast<T*>(grow_large(data_, capacity_ * sizeof(T), bytes));
        } else if (is_large(capacity) || is_large(capacity_)) {
            void* memory = is_large(capacity) ? allocate_large(bytes) : std::malloc(bytes);
            if (memory == nullptr) throw std::bad_alloc();
            if (size_ != 0) std::memcpy(memory, static_cast<const void*>(data_), size_ * sizeof(T));
            release();
            data_ = static_cast<T*>(memory);
        } else {
            void* memory = std::realloc(static_cast<void*>(data_), bytes);
            if (memory == nullptr) throw std::bad_alloc();
            data_ = static_cast<T*>(memory);
        }
        capacity_ = capacity;
    }

    T* data_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace recon::match
