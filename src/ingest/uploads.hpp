// What the functions of the upload door share.
//
// Whoever brings a chunk holds the upload's row against a finish, not against others who bring
// chunks: only one of them at a time has the right to count in that row, the others leave their
// chunks uncounted for the next who has it. So no connection waits for another, unless both bring
// the same chunk.
#pragma once

#include "core/json.hpp"
#include "pg/spi.hpp"

namespace recon::ingest {

inline constexpr std::size_t largest_chunk = std::size_t{16} << 20;
inline constexpr std::size_t upload_page_bytes = 8100;  // with its keys, a row fills 8 kB

constexpr std::int32_t pages_of(std::int64_t chunk_bytes) {
    return static_cast<std::int32_t>((chunk_bytes + std::int64_t{upload_page_bytes} - 1) /
                                     std::int64_t{upload_page_bytes});
}

struct Upload {
    std::int64_t upload_id = 0, project_id = 0, source_id = 0;
    std::string filename, status;  // "expired" from the moment on
    std::optional<std::int64_t> total_bytes, ingestion_id;
    json::Value options;
};

Upload read_upload(pg::Spi& spi, std::int64_t project_id, std::int64_t upload_id);

// 55000 where it takes no chunks and cannot be finished any more.
void check_open(const Upload& upload);

void delete_chunks(pg::Spi& spi, std::int64_t project_id, std::int64_t upload_id);

// Deletes the chunks of uploads that have expired, of one project or of all, but those that
// somebody is at, and of no more than `most`; returns how many uploads that were.
std::uint64_t expire_uploads(pg::Spi& spi, std::optional<std::int64_t> project_id, Oid user,
                             std::optional<std::int64_t> most = std::nullopt);

}  // namespace recon::ingest
