#include "pg/spool.hpp"

namespace recon::pg {

void Spool::seek(std::uint64_t position) {
    if (position == position_) return;
    call([&] {
        if (BufFileSeek(file_, 0, static_cast<off_t>(position), SEEK_SET) != 0)
            elog(ERROR, "recon: could not seek in a temporary file");
    });
    position_ = position;
}

void Spool::open() {
    if (file_ != nullptr) return;
    file_ = call([&] {
        MemoryContext old = MemoryContextSwitchTo(memory_);
        BufFile* made = BufFileCreateTemp(false);
        MemoryContextSwitchTo(old);
        return made;
    });
}

void Spool::append(const void* bytes, std::size_t size) {
    if (size == 0) return;
    open();
    seek(size_);
    call([&] {
        CHECK_FOR_INTERRUPTS();
        BufFileWrite(file_, const_cast<void*>(bytes), size);
    });
    size_ += size;
    position_ = size_;
}

void Spool::read(std::uint64_t offset, void* bytes, std::size_t size) {
    if (size == 0) return;
    seek(offset);
    call([&] {
        CHECK_FOR_INTERRUPTS();
        if (BufFileRead(file_, bytes, size) != size)
            elog(ERROR, "recon: could not read back a temporary file");
    });
    position_ = offset + size;
}

void Spool::close() {
    if (file_ != nullptr) call([&] { BufFileClose(file_); });
    file_ = nullptr;
    size_ = position_ = 0;
}

}  // namespace recon::pg
