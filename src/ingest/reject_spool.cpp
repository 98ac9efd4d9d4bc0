#include "ingest/reject_spool.hpp"

#include "pg/writer.hpp"

namespace recon::ingest {

namespace {

struct Header {
    std::uint64_t line_no, byte_offset;
    char code[6];
    std::uint32_t column_length, message_length, raw_length;
};

// Run inside call().
void read_exactly(BufFile* file, void* to, std::size_t size) {
    if (BufFileRead(file, to, size) != size) elog(ERROR, "recon: could not read back rejected records");
}

text* read_text(BufFile* file, std::size_t size) {
    text* result = static_cast<text*>(palloc(size + VARHDRSZ));
    SET_VARSIZE(result, size + VARHDRSZ);
    if (size > 0) read_exactly(file, VARDATA(result), size);
    return result;
}

}  // namespace

RejectSpool::RejectSpool() : file_(pg::call([] { return BufFileCreateTemp(false); })) {}

void RejectSpool::put(const void* bytes, std::size_t size) {
    if (size > 0) pg::call([&] { BufFileWrite(file_, const_cast<void*>(bytes), size); });
}

void RejectSpool::add(const Reject& reject) {
    Header header{};
    header.line_no = reject.line_no;
    header.byte_offset = reject.byte_offset;
    std::memcpy(header.code, reject.code, sizeof header.code);
    header.column_length = static_cast<std::uint32_t>(reject.column_name.size());
    header.message_length = static_cast<std::uint32_t>(reject.message.size());
    header.raw_length = static_cast<std::uint32_t>(reject.raw.size());
    put(&header, sizeof header);
    put(reject.column_name.data(), reject.column_name.size());
    put(reject.message.data(), reject.message.size());
    put(reject.raw.data(), reject.raw.size());
    ++count_;
}

void RejectSpool::write_out(std::int64_t project_id, std::int64_t ingestion_id) {
    if (count_ > 0) {
        pg::Writer writer("ingest_errors", {"project_id", "ingestion_id", "line_no", "byte_offset", "column_name",
                                            "error_code", "message", "raw_record", "resolved_by"});
        pg::call([&] {
            if (BufFileSeek(file_, 0, 0, SEEK_SET) != 0) elog(ERROR, "recon: could not read back rejected records");
        });
        for (std::uint64_t i = 0; i < count_; ++i) {
            pg::call([&] {
                MemoryContext old = MemoryContextSwitchTo(writer.memory());
                Header header;
                read_exactly(file_, &header, sizeof header);
                text* column = read_text(file_, header.column_length);
                text* message = read_text(file_, header.message_length);
                text* raw = read_text(file_, header.raw_length);
                Datum* values = writer.values();
                bool* nulls = writer.nulls();
                std::fill(nulls, nulls + 8, false);
                values[0] = Int64GetDatum(project_id);
                values[1] = Int64GetDatum(ingestion_id);
                values[2] = Int64GetDatum(static_cast<std::int64_t>(header.line_no));
                values[3] = Int64GetDatum(static_cast<std::int64_t>(header.byte_offset));
                values[4] = PointerGetDatum(column);
                nulls[4] = header.column_length == 0;
                values[5] = PointerGetDatum(cstring_to_text_with_len(header.code, 5));
                values[6] = PointerGetDatum(message);
                values[7] = PointerGetDatum(raw);
                MemoryContextSwitchTo(old);
            });
            writer.add();
        }
        writer.finish();
    }
    pg::call([&] { BufFileClose(file_); });
}

}  // namespace recon::ingest
