// Bytes kept aside in a temporary file of the server (temp_file_limit bounds it). Writing and
// reading serve interrupts: so do all loops over more than memory holds.
#pragma once

#include "core/sorter.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

class Spool final : public ScratchFile {
  public:
    // The file is made at the first byte. It belongs to the subtransaction in which that happens,
    // and goes with it; the spool, to the memory context in which it is made.
    Spool() = default;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    void open();  // where it is not yet
    void append(const void* bytes, std::size_t size) override;
    void read(std::uint64_t offset, void* bytes, std::size_t size) override;
    std::uint64_t size() const { return size_; }
    void clear() { size_ = 0; }  // to be written anew, in the same file
    void close();                // before the end of its transaction; an abort does it by itself

  private:
    void seek(std::uint64_t position);

    MemoryContext memory_ = CurrentMemoryContext;
    BufFile* file_ = nullptr;
    std::uint64_t size_ = 0, position_ = 0;
};

// Reads a spool from its beginning.
class SpoolReader {
  public:
    explicit SpoolReader(Spool& spool) : spool_(spool) {}
    std::uint64_t left() const { return spool_.size() - position_; }
    void read(void* bytes, std::size_t size) {
        spool_.read(position_, bytes, size);
        position_ += size;
    }

  private:
    Spool& spool_;
    std::uint64_t position_ = 0;
};

}  // namespace recon::pg
