#include "ingest/stage.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t block_bytes = 256 * 1024;

struct Header {
    std::int64_t record_id;
    std::uint64_t line_no, byte_offset;
    std::uint32_t tuple_length, raw_length;  // 0xFFFFFFFF does not occur: records are bounded

    std::size_t length() const {
        return sizeof(Header) + MAXALIGN(tuple_length) + MAXALIGN(raw_length);
    }
};
static_assert(sizeof(Header) % MAXIMUM_ALIGNOF == 0);

}  // namespace

void Stage::add(std::int64_t record_id, const Record& record, std::string_view tuple) {
    Header header{record_id, record.line_no, record.byte_offset,
                  static_cast<std::uint32_t>(tuple.size()),
                  static_cast<std::uint32_t>(record.raw.size())};
    buffer_.append(&header, sizeof header);
    buffer_.append(tuple.data(), tuple.size());
    buffer_.align(MAXIMUM_ALIGNOF);
    buffer_.append(record.raw.data(), record.raw.size());
    buffer_.align(MAXIMUM_ALIGNOF);
    ++count_;
    if (buffer_.size() >= block_bytes) write();
}

void Stage::write() {
    spool_.append(buffer_.data(), buffer_.size());
    buffer_.clear();
}

void Stage::end() {
    write();
    buffer_ = pg::Bytes();
}

void Stage::close() {
    spool_.close();
}

bool StageReader::next(StagedRecord& record) {
    Header header;
    if (block_.size() - at_ < sizeof header) return false;
    std::memcpy(&header, block_.data() + at_, sizeof header);
    if (block_.size() - at_ < header.length()) return false;
    char* tuple = block_.data() + at_ + sizeof header;
    record = {header.record_id,
              header.line_no,
              header.byte_offset,
              {tuple, header.tuple_length},
              {tuple + MAXALIGN(header.tuple_length), header.raw_length}};
    at_ += header.length();
    return true;
}

bool StageReader::read_block() {
    std::size_t rest = block_.size() - at_;
    if (position_ == spool_.size() && rest == 0) return false;
    std::size_t wanted = block_bytes;
    if (rest >= sizeof(Header)) {
        Header header;
        std::memcpy(&header, block_.data() + at_, sizeof header);
        wanted = std::max(wanted, header.length() - std::min(rest, header.length()));
    }
    wanted = std::min<std::uint64_t>(wanted, spool_.size() - position_);
    if (rest > 0) std::memmove(block_.data(), block_.data() + at_, rest);
    block_.resize(rest);
    spool_.read(position_, block_.extend(wanted), wanted);
    position_ += wanted;
    at_ = 0;
    return true;
}

}  // namespace recon::ingest
