// A regular file of the server, opened for the caller of ingest_file.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

class ServerFile final : public ingest::ByteSource {
  public:
    // 42602 for a relative path or one with "..", 58P01 and its kin where it cannot be opened,
    // 42809 for anything but a regular file (also behind a symbolic link), 42501 outside
    // recon.ingest_directories. The caller's privilege (pg_read_server_files) is checked before.
    explicit ServerFile(const std::string& path);
    std::size_t read(char* buffer, std::size_t size) override;
    std::uint64_t size() const { return size_; }  // when it was opened
    void close();

  private:
    std::string path_;
    int descriptor_;
    std::uint64_t size_ = 0;
};

}  // namespace recon::pg
