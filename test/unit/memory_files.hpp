// Scratch files in memory.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "core/match/row_file.hpp"

namespace recon::match::test_support {

class MemoryFile final : public ScratchFile {
  public:
    explicit MemoryFile(std::uint64_t& bytes) : all_(bytes) {}
    void append(const void* bytes, std::size_t size) override {
        const auto* from = static_cast<const char*>(bytes);
        held_.insert(held_.end(), from, from + size);
        all_ += size;
    }
    void read(std::uint64_t offset, void* bytes, std::size_t size) override {
        std::memcpy(bytes, held_.data() + offset, size);
    }

  private:
    std::vector<char> held_;
    std::uint64_t& all_;
};

class MemoryFiles final : public ScratchFiles {
  public:
    std::unique_ptr<ScratchFile> make() override {
        ++files;
        return std::make_unique<MemoryFile>(bytes);
    }
    std::size_t files = 0;
    std::uint64_t bytes = 0;
};

}  // namespace recon::match::test_support
