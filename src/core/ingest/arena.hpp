// The text of one batch: allocated in blocks that stay where they are, freed all at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace recon::ingest {

class Arena {
  public:
    char* allocate(std::size_t size) {
        if (size > left_) grow(size);
        char* result = next_;
        next_ += size;
        left_ -= size;
        used_ += size;
        return result;
    }

    std::string_view copy(std::string_view text) {
        if (text.empty()) return {"", 0};  // not null: an empty text is a value
        char* target = allocate(text.size());
        std::memcpy(target, text.data(), text.size());
        return {target, text.size()};
    }

    // Keeps one block for the next batch.
    void clear() {
        used_ = 0;
        if (blocks_.empty()) return;
        if (blocks_.size() > 1) blocks_.resize(1);
        next_ = blocks_[0].data.get();
        left_ = blocks_[0].size;
        if (left_ > 4 * block_size) {
            blocks_.clear();
            next_ = nullptr;
            left_ = 0;
        }
    }

    std::size_t used() const { return used_; }

  private:
    static constexpr std::size_t block_size = 256 * 1024;
    struct Block {
        std::unique_ptr<char[]> data;
        std::size_t size;
    };

    void grow(std::size_t size) {
        size = std::max(size, block_size);
        blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
        next_ = blocks_.back().data.get();
        left_ = size;
    }

    std::vector<Block> blocks_;
    char* next_ = nullptr;
    std::size_t left_ = 0, used_ = 0;
};

}  // namespace recon::ingest
