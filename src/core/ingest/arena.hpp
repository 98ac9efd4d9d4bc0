// Texts of one record that stand nowhere in its bytes (decoded, joined): they stay where they are
// until clear().
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
    std::string_view copy(std::string_view text) {
        if (text.empty()) return {"", 0};  // not null: an empty text is a value
        if (text.size() > left_) grow(text.size());
        char* target = next_;
        next_ += text.size();
        left_ -= text.size();
        std::memcpy(target, text.data(), text.size());
        return {target, text.size()};
    }

    // Keeps one block, unless it is a large one.
    void clear() {
        if (blocks_.empty()) return;
        if (blocks_.size() > 1 || blocks_[0].size > 16 * block_size) {
            blocks_.clear();
            next_ = nullptr;
            left_ = 0;
            return;
        }
        next_ = blocks_[0].data.get();
        left_ = blocks_[0].size;
    }

  private:
    static constexpr std::size_t block_size = 16 * 1024;
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
    std::size_t left_ = 0;
};

}  // namespace recon::ingest
