#include "pg/copy_stream.hpp"

// libpq.h would ask for the headers of Kerberos and OpenSSL, for members of a struct that is not
// looked into here; its layout is the same without them.
#undef ENABLE_GSS
#undef USE_OPENSSL
extern "C" {
#include "libpq/libpq.h"
#include "libpq/pqformat.h"
#include "storage/latch.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
}

namespace recon::pg {

namespace {

constexpr std::size_t message_bytes = std::size_t{256} * 1024;

// The functions below run inside call().

// As HOLD_CANCEL_INTERRUPTS() and RESUME_CANCEL_INTERRUPTS(), which C++20 deprecates: they count a
// volatile up and down.
void hold_cancel() {
    QueryCancelHoldoffCount = QueryCancelHoldoffCount + 1;
}
void resume_cancel() {
    QueryCancelHoldoffCount = QueryCancelHoldoffCount - 1;
}

[[noreturn]] void connection_lost() {
    ereport(ERROR, (errcode(ERRCODE_CONNECTION_FAILURE),
                    errmsg("unexpected EOF on client connection with an open transaction")));
}

void wait_for_client() {
    WaitEvent event;
    ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, WL_SOCKET_READABLE, nullptr);
    WaitEventSetWait(FeBeWaitSet, -1, &event, 1, WAIT_EVENT_CLIENT_READ);
    if (event.events & WL_POSTMASTER_DEATH)
        ereport(FATAL, (errcode(ERRCODE_ADMIN_SHUTDOWN),
                        errmsg("terminating connection due to unexpected postmaster exit")));
    if (event.events & WL_LATCH_SET) ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
}

// The type of the next message, whose reading has begun. A cancel acts at once while there is none,
// and is held back from its first byte to its last: half a message read is a connection lost.
int begin_message() {
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        hold_cancel();
        pq_startmsgread();
        unsigned char type;
        int count = pq_getbyte_if_available(&type);
        if (count < 0) connection_lost();
        if (count > 0) return type;
        pq_endmsgread();
        resume_cancel();
        wait_for_client();
    }
}

void end_message() {
    pq_endmsgread();
    resume_cancel();
}

void get_bytes(char* buffer, std::size_t size) {
    if (pq_getbytes(buffer, size) == EOF) connection_lost();
}

// Of the body that follows.
std::size_t body_size() {
    uint32 length;
    get_bytes(reinterpret_cast<char*>(&length), sizeof length);
    length = pg_ntoh32(length);
    if (length < sizeof length || length > PQ_LARGE_MESSAGE_LIMIT) {
        ereport(COMMERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("invalid message length")));
        connection_lost();
    }
    return length - sizeof length;
}

// A message without data; true at the end of the copy.
bool take_control_message(int type) {
    if (type != 'c' && type != 'f' && type != 'H' && type != 'S')
        ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
                        errmsg("unexpected message type 0x%02X during COPY from stdin", type)));
    StringInfoData message;
    initStringInfo(&message);
    if (pq_getmessage(&message, PQ_SMALL_MESSAGE_LIMIT) != 0) connection_lost();
    resume_cancel();
    if (type == 'f')
        ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED),
                        errmsg("COPY from stdin failed: %s", pq_getmsgstring(&message))));
    // Flush and Sync come from libraries that do not know yet that this is a COPY.
    pfree(message.data);
    return type == 'c';
}

}  // namespace

CopyStream::CopyStream(int columns) : message_(std::make_unique<char[]>(message_bytes)) {
    call([&] {
        if (whereToSendOutput != DestRemote)
            ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                            errmsg("COPY from stdin needs a client that sends")));
        StringInfoData message;
        pq_beginmessage(&message, 'G');
        pq_sendbyte(&message, 0);
        pq_sendint16(&message, static_cast<uint16>(columns));
        for (int i = 0; i < columns; ++i) pq_sendint16(&message, 0);
        pq_endmessage(&message);
        pq_flush();
    });
}

CopyStream::Received CopyStream::receive(char* buffer, std::size_t size) {
    char* message = message_.get();
    return call([=]() -> Received {
        int type = begin_message();
        if (type != 'd') return {take_control_message(type) ? Kind::end : Kind::other, 0};
        std::size_t body = body_size();
        if (body > size && body > message_bytes) return {Kind::large, body};
        bool fits = body <= size;
        get_bytes(fits ? buffer : message, body);
        end_message();
        return {fits ? Kind::direct : Kind::kept, body};
    });
}

void CopyStream::receive_large(std::size_t size) {
    try {
        while (size > 0) {
            std::size_t count = std::min(size, message_bytes);
            char* message = message_.get();
            call([=] { get_bytes(message, count); });
            size -= count;
            large_.append(message, count);
        }
        call(end_message);
    } catch (const ServerError&) {
        // No room for it, or no client any more: in step with the client again where there is one.
        discard(size);
        throw;
    }
}

// As pq_getmessage() does where it fails.
void CopyStream::discard(std::size_t size) {
    char* message = message_.get();
    call([=]() mutable {
        while (size > 0) {
            std::size_t count = std::min(size, message_bytes);
            if (pq_getbytes(message, count) == EOF) return;
            size -= count;
        }
        pq_endmsgread();
    });
}

// Of what was received before.
std::size_t CopyStream::take(char* buffer, std::size_t size) {
    if (message_taken_ == message_size_ && large_taken_ < large_.size()) {
        message_size_ = std::min<std::uint64_t>(large_.size() - large_taken_, message_bytes);
        message_taken_ = 0;
        large_.read(large_taken_, message_.get(), message_size_);
        large_taken_ += message_size_;
        if (large_taken_ == large_.size()) {
            large_.close();
            large_taken_ = 0;
        }
    }
    std::size_t count = std::min(size, message_size_ - message_taken_);
    std::memcpy(buffer, message_.get() + message_taken_, count);
    message_taken_ += count;
    return count;
}

std::size_t CopyStream::fill(char* buffer, std::size_t have, std::size_t size) {
    while (have < size) {
        if (std::size_t count = take(buffer + have, size - have)) {
            have += count;
            continue;
        }
        if (ended_) break;
        Received received = receive(buffer + have, size - have);
        switch (received.kind) {
            case Kind::direct:
                have += received.size;
                break;
            case Kind::kept:
                message_size_ = received.size;
                message_taken_ = 0;
                break;
            case Kind::large:
                receive_large(received.size);
                break;
            case Kind::other:
                break;
            case Kind::end:
                ended_ = true;
                break;
        }
    }
    return have;
}

std::size_t CopyStream::read(char* buffer, std::size_t size) {
    std::memcpy(buffer, tail_.data(), tail_size_);
    std::size_t have = fill(buffer, tail_size_, size);
    std::string_view bytes(buffer, have);
    tail_size_ = csv::end_marker_bytes(bytes, before_);
    if (ended_) {
        if (csv::is_end_marker(bytes.substr(have - tail_size_))) have -= tail_size_;
        tail_size_ = 0;
    } else {
        have -= tail_size_;
        std::memcpy(tail_.data(), buffer + have, tail_size_);
    }
    if (have > 0) before_ = buffer[have - 1];
    return have;
}

void CopyStream::drain() {
    std::array<char, 8192> nothing;
    while (!ended_) fill(nothing.data(), 0, nothing.size());
}

std::string client_encoding() {
    if (pg_get_client_encoding() == PG_SQL_ASCII) return GetDatabaseEncodingName();
    return pg_get_client_encoding_name();
}

}  // namespace recon::pg
