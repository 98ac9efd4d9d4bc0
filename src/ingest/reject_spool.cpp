#include "ingest/reject_spool.hpp"

#include "pg/writer.hpp"

namespace recon::ingest {

namespace {

struct Header {
    std::uint64_t line_no, byte_offset;
    char code[6];
    std::uint32_t column_length, message_length, raw_length;
};

struct SpooledReject {
    Header header;
    std::string column, message, raw;

    void read(pg::SpoolReader& spool) {
        spool.read(&header, sizeof header);
        read_text(spool, column, header.column_length);
        read_text(spool, message, header.message_length);
        read_text(spool, raw, header.raw_length);
        pg::make_valid(message.data());
        message.resize(std::strlen(message.c_str()));
    }

  private:
    static void read_text(pg::SpoolReader& spool, std::string& text, std::size_t size) {
        text.resize(size);
        spool.read(text.data(), size);
    }
};

}  // namespace

void RejectSpool::add(const Reject& reject) {
    Header header{};
    header.line_no = reject.line_no;
    header.byte_offset = reject.byte_offset;
    std::memcpy(header.code, reject.code, 5);
    header.column_length = static_cast<std::uint32_t>(reject.column_name.size());
    header.message_length = static_cast<std::uint32_t>(reject.message.size());
    header.raw_length = static_cast<std::uint32_t>(reject.raw.size());
    spool_.append(&header, sizeof header);
    spool_.append(reject.column_name.data(), reject.column_name.size());
    spool_.append(reject.message.data(), reject.message.size());
    spool_.append(reject.raw.data(), reject.raw.size());
    ++count_;
}

void RejectSpool::write_out(std::int64_t project_id, std::int64_t ingestion_id) {
    if (count_ > 0) {
        pg::Writer writer("ingest_errors",
                          {"project_id", "ingestion_id", "line_no", "byte_offset", "column_name",
                           "error_code", "message", "raw_record", "resolved_by"});
        pg::SpoolReader reader(spool_);
        SpooledReject reject;
        for (std::uint64_t i = 0; i < count_; ++i) {
            reject.read(reader);
            writer.bigint(0, project_id);
            writer.bigint(1, ingestion_id);
            writer.bigint(2, static_cast<std::int64_t>(reject.header.line_no));
            writer.bigint(3, static_cast<std::int64_t>(reject.header.byte_offset));
            if (!reject.column.empty()) writer.text(4, reject.column);
            writer.text(5, reject.header.code);
            writer.text(6, reject.message);
            writer.text(7, reject.raw);
            writer.add();
        }
        writer.finish();
    }
}

void RejectSpool::write_back(pg::Spi& spi, std::int64_t project_id, std::int64_t retry_of) {
    pg::SpoolReader reader(spool_);
    SpooledReject reject;
    for (std::uint64_t i = 0; i < count_; ++i) {
        reject.read(reader);
        std::optional<std::string> column;
        if (!reject.column.empty()) column = reject.column;
        spi.execute(
            "UPDATE recon.ingest_errors SET column_name = $4, error_code = $5, message = $6 "
            "WHERE project_id = $1 AND ingestion_id = $2 AND line_no = $3 AND (column_name, "
            "error_code, message) IS DISTINCT FROM ($4, $5, $6)",
            {pg::bigint(project_id), pg::bigint(retry_of),
             pg::bigint(static_cast<std::int64_t>(reject.header.line_no)), pg::text(column),
             pg::text(std::string_view(reject.header.code)),
             pg::text(std::string_view(reject.message))});
    }
}

}  // namespace recon::ingest
