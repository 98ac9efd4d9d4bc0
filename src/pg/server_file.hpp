// A regular file of the server, opened for the caller of ingest_file.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

class ServerFile final : public ingest::ByteSource {
  public:
    // 42602 for a relative path or one with "..", 58P01 and its kin where it cannot be opened,
    // 42809 for anything but a regular file (also behind a symbolic link, or one that the kernel
    // makes up, as in /proc), 42501 outside recon.ingest_directories. The caller's privilege
    // (pg_read_server_files) is checked before.
    explicit ServerFile(const std::string& path);
    // 55000 at the end of a file that was written to since it was opened: what was read of it may
    // be half of something.
    std::size_t read(char* buffer, std::size_t size) override;
    // When it was opened.
    std::uint64_t size() const { return static_cast<std::uint64_t>(opened_.size); }
    void close();

  private:
    // What tells that a file was written to.
    struct Version {
        std::int64_t size, seconds, nanoseconds;
        bool operator==(const Version&) const = default;
    };
    Version version() const;

    std::string path_;
    int descriptor_;
    Version opened_{};
};

}  // namespace recon::pg
