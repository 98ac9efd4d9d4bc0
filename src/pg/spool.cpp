#include "pg/spool.hpp"

namespace recon::pg {

Spool::Spool() : file_(call([] { return BufFileCreateTemp(false); })) {}

void Spool::write(const void* bytes, std::size_t size) {
    if (size > 0) call([&] { BufFileWrite(file_, const_cast<void*>(bytes), size); });
}

void Spool::rewind() {
    call([&] {
        if (BufFileSeek(file_, 0, 0, SEEK_SET) != 0)
            elog(ERROR, "recon: could not rewind a temporary file");
    });
}

void Spool::read(void* bytes, std::size_t size) {
    if (size == 0) return;
    call([&] {
        if (BufFileRead(file_, bytes, size) != size)
            elog(ERROR, "recon: could not read back a temporary file");
    });
}

void Spool::close() {
    call([&] { BufFileClose(file_); });
}

}  // namespace recon::pg
