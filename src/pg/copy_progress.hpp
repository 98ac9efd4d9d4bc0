// This backend's row in pg_stat_progress_copy.
#pragma once

#include "pg/server.hpp"

namespace recon::pg {

// Nothing here raises an error, so that a destructor may call it. A row that an outer command shows
// already stays as it is.
class CopyProgress {
  public:
    enum class Type : std::uint8_t { file = 1, pipe = 3, callback = 4 };

    void start(Oid relation, Type type);
    void expect(std::uint64_t bytes) { bytes_total_ = static_cast<std::int64_t>(bytes); }
    void update(std::uint64_t bytes, std::uint64_t tuples, std::uint64_t rejects);
    void end();

  private:
    void show() const;

    Oid relation_ = InvalidOid;  // valid while the row is ours
    Type type_ = Type::file;
    std::int64_t bytes_total_ = 0;
};

}  // namespace recon::pg
