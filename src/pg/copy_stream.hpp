// What a client sends in a COPY ... FROM STDIN: the server's side of the copy-in protocol.
#pragma once

#include "core/csv/end_marker.hpp"
#include "core/ingest/batch.hpp"
#include "pg/guard.hpp"
#include "pg/spool.hpp"

namespace recon::pg {

// A message of any size is read whole before anything else happens, so that an error leaves the
// connection usable; a large one goes to a temporary file, so that memory does not depend on it.
class CopyStream final : public ingest::ByteSource {
  public:
    // Tells the client to send. Everything that can be refused must have been refused before.
    // 0A000 where there is no client.
    explicit CopyStream(int columns);
    CopyStream(const CopyStream&) = delete;
    CopyStream& operator=(const CopyStream&) = delete;

    // 57014 where the client gives up or the statement is cancelled, also while nothing comes;
    // 08006 where the client is gone, 08P01 for a message that has no place here. An end marker of
    // psql at the very end is left out. `size` is at least a few bytes.
    std::size_t read(char* buffer, std::size_t size) override;

    // Reads on to the end, for nothing.
    void drain();

  private:
    enum class Kind : std::uint8_t { direct, kept, large, other, end };
    struct Received {
        Kind kind;
        std::size_t size;
    };

    Received receive(char* buffer, std::size_t size);
    void receive_large(std::size_t size);
    void discard(std::size_t size);
    std::size_t take(char* buffer, std::size_t size);
    std::size_t fill(char* buffer, std::size_t have, std::size_t size);

    bool ended_ = false;
    // A message, or the part of a large one, that did not fit in the caller's buffer.
    std::unique_ptr<char[]> message_;
    std::size_t message_size_ = 0, message_taken_ = 0;
    Spool large_;
    std::uint64_t large_taken_ = 0;
    // What may be the end marker.
    std::array<char, csv::longest_end_marker> tail_{};
    std::size_t tail_size_ = 0;
    char before_ = '\n';  // the last byte that was handed on
};

// The encoding of what the client sends.
std::string client_encoding();

}  // namespace recon::pg
