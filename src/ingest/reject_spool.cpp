#include "ingest/reject_spool.hpp"

#include "pg/writer.hpp"

namespace recon::ingest {

namespace {

struct Header {
    std::uint64_t line_no, byte_offset;
    char code[6];
    std::uint32_t column_length, message_length, raw_length;
};

std::string read_text(pg::Spool& spool, std::size_t size) {
    std::string text(size, '\0');
    spool.read(text.data(), size);
    return text;
}

}  // namespace

void RejectSpool::add(const Reject& reject) {
    Header header{};
    header.line_no = reject.line_no;
    header.byte_offset = reject.byte_offset;
    std::memcpy(header.code, reject.code, sizeof header.code);
    header.column_length = static_cast<std::uint32_t>(reject.column_name.size());
    header.message_length = static_cast<std::uint32_t>(reject.message.size());
    header.raw_length = static_cast<std::uint32_t>(reject.raw.size());
    spool_.write(&header, sizeof header);
    spool_.write(reject.column_name.data(), reject.column_name.size());
    spool_.write(reject.message.data(), reject.message.size());
    spool_.write(reject.raw.data(), reject.raw.size());
    ++count_;
}

void RejectSpool::write_out(std::int64_t project_id, std::int64_t ingestion_id) {
    if (count_ > 0) {
        pg::Writer writer("ingest_errors",
                          {"project_id", "ingestion_id", "line_no", "byte_offset", "column_name",
                           "error_code", "message", "raw_record", "resolved_by"});
        spool_.rewind();
        for (std::uint64_t i = 0; i < count_; ++i) {
            Header header;
            spool_.read(&header, sizeof header);
            writer.bigint(0, project_id);
            writer.bigint(1, ingestion_id);
            writer.bigint(2, static_cast<std::int64_t>(header.line_no));
            writer.bigint(3, static_cast<std::int64_t>(header.byte_offset));
            if (header.column_length > 0) writer.text(4, read_text(spool_, header.column_length));
            writer.text(5, header.code);
            std::string message = read_text(spool_, header.message_length);
            pg::make_valid(message.data());
            writer.text(6, message.c_str());
            writer.text(7, read_text(spool_, header.raw_length));
            writer.add();
        }
        writer.finish();
    }
    spool_.close();
}

}  // namespace recon::ingest
