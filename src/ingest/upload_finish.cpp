// upload_finish: the chunks of an upload as one file, loaded.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "ingest/load.hpp"
#include "ingest/uploads.hpp"
#include "pg/owner.hpp"

using namespace recon;

namespace {

constexpr std::int32_t pages_at_once = 32;  // a quarter of a megabyte
constexpr std::size_t buffer_bytes = pages_at_once * ingest::upload_page_bytes;
constexpr std::int64_t chunks_at_once = 1000;

struct Held {
    std::int64_t chunks, last, bytes;
};

Held read_held(pg::Spi& spi, const ingest::Upload& upload) {
    pg::Rows row = spi.query(
        "SELECT count(*), coalesce(max(chunk_no), 0)::bigint, coalesce(sum(bytes), 0)::bigint "
        "FROM recon.upload_chunks WHERE upload_id = $1 AND project_id = $2",
        {pg::bigint(upload.upload_id), pg::bigint(upload.project_id)});
    return {row.bigint(0, 0), row.bigint(0, 1), row.bigint(0, 2)};
}

// "2, 5-7": the missing chunks before the last one that is there.
std::string missing_chunks(pg::Spi& spi, const ingest::Upload& upload) {
    constexpr std::uint64_t most = 20;
    pg::Rows gaps = spi.query(
        "SELECT before + 1, chunk_no - 1 FROM (SELECT chunk_no, lag(chunk_no, 1, 0) OVER (ORDER BY "
        "chunk_no) AS before FROM recon.upload_chunks WHERE upload_id = $1 AND project_id = $2) c "
        "WHERE chunk_no > before + 1 ORDER BY chunk_no LIMIT 21",
        {pg::bigint(upload.upload_id), pg::bigint(upload.project_id)});
    std::string text;
    for (std::uint64_t i = 0; i < std::min(gaps.size(), most); ++i) {
        std::string first = gaps.text(i, 0), last = gaps.text(i, 1);
        text += (i > 0 ? ", " : "") + first;
        if (last != first) text += "-" + last;
    }
    return text + (gaps.size() > most ? ", ..." : "");
}

void check_complete(pg::Spi& spi, const ingest::Upload& upload, const Held& held) {
    std::string id = std::to_string(upload.upload_id);
    if (held.last > held.chunks)
        throw Error("55000",
                    "chunks of upload " + id + " are missing: " + missing_chunks(spi, upload), {},
                    "Send them with recon.upload_chunk, then call recon.upload_finish again.");
    if (upload.total_bytes && held.bytes != *upload.total_bytes)
        throw Error("55000", "upload " + id + " is not complete",
                    "It holds " + std::to_string(held.bytes) + " of " +
                        std::to_string(*upload.total_bytes) + " bytes.",
                    "Send the rest with recon.upload_chunk, then call recon.upload_finish again.");
    if (held.chunks == 0 && !upload.total_bytes)
        throw Error("55000", "upload " + id + " has no chunks", {},
                    "An empty file is sent as one empty chunk.");
}

// Pages first_page to last_page of the chunks first to last.
struct Slice {
    std::int64_t first, last;
    std::int32_t first_page, last_page;
    std::int32_t pages;
};

// The upload's bytes in order, a quarter of a megabyte at a time. Every chunk from 1 on is there.
class ChunkReader {
  public:
    ChunkReader(pg::Spi& spi, const ingest::Upload& upload, std::int64_t chunks)
        : spi_(spi), upload_(upload), chunks_(chunks) {}

    // Empty at the end; valid until the next call.
    std::string_view next() {
        Slice slice{};
        return next_slice(slice) ? read(slice) : std::string_view();
    }

  private:
    std::int32_t pages_of_chunk(std::int64_t chunk_no) {
        if (chunk_no >= first_size_ + static_cast<std::int64_t>(sizes_.size())) {
            first_size_ = chunk_no;
            sizes_.clear();
            pg::Rows rows = spi_.query(
                "SELECT bytes FROM recon.upload_chunks WHERE upload_id = $1 AND project_id = $2 "
                "AND chunk_no >= $3 AND chunk_no < $4 ORDER BY chunk_no",
                {pg::bigint(upload_.upload_id), pg::bigint(upload_.project_id),
                 pg::bigint(chunk_no), pg::bigint(chunk_no + chunks_at_once)});
            for (std::uint64_t i = 0; i < rows.size(); ++i)
                sizes_.push_back(ingest::pages_of(rows.bigint(i, 0)));
            spi_.free(rows);
        }
        return sizes_.at(static_cast<std::size_t>(chunk_no - first_size_));
    }

    // A part of a long chunk, or several short ones whole.
    bool next_slice(Slice& slice) {
        while (chunk_ <= chunks_ && page_ >= pages_of_chunk(chunk_)) {
            ++chunk_;
            page_ = 0;
        }
        if (chunk_ > chunks_) return false;
        std::int32_t left = pages_of_chunk(chunk_) - page_;
        slice = {chunk_, chunk_, page_, page_ + std::min(left, pages_at_once) - 1,
                 std::min(left, pages_at_once)};
        page_ += slice.pages;
        if (slice.first_page > 0 || slice.pages < left) return true;
        for (++chunk_, page_ = 0; chunk_ <= chunks_; ++chunk_) {
            std::int32_t more = pages_of_chunk(chunk_);
            if (slice.pages + more > pages_at_once || chunk_ - slice.first >= chunks_at_once) break;
            slice.last = chunk_;
            slice.last_page = std::max(slice.last_page, more - 1);
            slice.pages += more;
        }
        return true;
    }

    std::string_view read(const Slice& slice) {
        static pg::Prepared statement(
            "SELECT data FROM recon.upload_pages WHERE upload_id = $1 AND project_id = $2 AND "
            "chunk_no >= $3 AND chunk_no <= $4 AND page_no >= $5 AND page_no <= $6 "
            "ORDER BY chunk_no, page_no");
        pg::Spi::Collected found = spi_.collect(
            statement,
            {pg::bigint(upload_.upload_id), pg::bigint(upload_.project_id), pg::bigint(slice.first),
             pg::bigint(slice.last), pg::bigint(std::int64_t{slice.first_page}),
             pg::bigint(std::int64_t{slice.last_page})},
            {buffer_.get(), buffer_bytes});
        if (found.rows != static_cast<std::uint64_t>(slice.pages))
            throw Error("XX001", "chunks " + std::to_string(slice.first) + " to " +
                                     std::to_string(slice.last) + " of upload " +
                                     std::to_string(upload_.upload_id) + " are not complete");
        return {buffer_.get(), found.bytes};
    }

    pg::Spi& spi_;
    const ingest::Upload& upload_;
    std::int64_t chunks_, chunk_ = 1, first_size_ = 1;
    std::int32_t page_ = 0;
    std::vector<std::int32_t> sizes_;  // in pages, of the chunks from first_size_ on
    std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(buffer_bytes);
};

Datum report_of(pg::Spi& spi, FunctionCallInfo fcinfo, const ingest::Upload& upload) {
    return spi
        .query(
            "SELECT ingestion_id, status, records_read, records_loaded, records_rejected, "
            "records_duplicate, bytes_read, elapsed_ms FROM recon.ingestions "
            "WHERE project_id = $1 AND ingestion_id = $2",
            {pg::bigint(upload.project_id), pg::bigint(upload.ingestion_id)})
        .result(fcinfo, 0);
}

void end_upload(pg::Spi& spi, const ingest::Upload& upload, const Held& held, Oid user) {
    ingest::delete_chunks(spi, upload.project_id, upload.upload_id);
    pg::Rows now = spi.query(
        "WITH before AS (SELECT to_jsonb(b)::text AS upload FROM recon.uploads b WHERE "
        "project_id = $1 AND upload_id = $2) "
        "UPDATE recon.uploads u SET status = 'finished', ingestion_id = $3, chunks = $4, "
        "bytes = $5, updated_at = clock_timestamp() FROM before WHERE project_id = $1 AND "
        "upload_id = $2 RETURNING before.upload, to_jsonb(u)::text",
        {pg::bigint(upload.project_id), pg::bigint(upload.upload_id),
         pg::bigint(upload.ingestion_id), pg::bigint(held.chunks), pg::bigint(held.bytes)});
    access::audit(spi, user, upload.project_id, "finish", "upload", upload.upload_id,
                  now.text(0, 0), now.text(0, 1));
}

std::vector<std::int64_t> senders(pg::Spi& spi, const ingest::Upload& upload) {
    pg::Rows roles = spi.query(
        "SELECT unnest(sent_by)::oid::bigint FROM recon.uploads WHERE project_id = $1 AND "
        "upload_id = $2 UNION SELECT unnest(sent_by)::oid::bigint FROM recon.upload_chunks WHERE "
        "project_id = $1 AND upload_id = $2",
        {pg::bigint(upload.project_id), pg::bigint(upload.upload_id)});
    std::vector<std::int64_t> ids;
    for (std::uint64_t i = 0; i < roles.size(); ++i) ids.push_back(roles.bigint(i, 0));
    return ids;
}

Datum finish(FunctionCallInfo fcinfo, std::int64_t upload_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id =
        access::require_object(spi, access::Object::upload, upload_id, user, access::Level::worker);
    ingest::Upload upload = ingest::read_upload(spi, project_id, upload_id);
    if (upload.status == "finished") return report_of(spi, fcinfo, upload);
    ingest::Source source = ingest::open_file_source(spi, upload.source_id, user);
    // Waits for those who are bringing chunks, and for another who finishes.
    spi.execute("SELECT 1 FROM recon.uploads WHERE project_id = $1 AND upload_id = $2 FOR UPDATE",
                {pg::bigint(project_id), pg::bigint(upload_id)});
    upload = ingest::read_upload(spi, project_id, upload_id);
    if (upload.status == "finished") return report_of(spi, fcinfo, upload);
    ingest::check_open(upload);
    Held held = read_held(spi, upload);
    check_complete(spi, upload, held);
    ingest::Load load(spi, source, ingest::Door::upload, upload.options, upload.filename, user);
    load.expect(static_cast<std::uint64_t>(held.bytes));
    load.brought_by(senders(spi, upload));
    ChunkReader reader(spi, upload, held.chunks);
    for (std::string_view bytes = reader.next(); !bytes.empty(); bytes = reader.next())
        if (!load.feed(bytes)) break;
    upload.ingestion_id = load.finish().ingestion_id;
    end_upload(spi, upload, held, user);
    return report_of(spi, fcinfo, upload);
}

}  // namespace

RECON_FUNCTION(recon_upload_finish) {
    pg::Arguments args(fcinfo);
    std::int64_t upload_id = args.bigint(0, "upload_id");
    return finish(fcinfo, upload_id, GetUserId());
}
