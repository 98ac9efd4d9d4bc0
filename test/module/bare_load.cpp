// The ingest engine alone, for bench/load: a file to typed rows of a table without indexes, and
// rejects. No source, no keys, no counters.
#include "core/ingest/engine.hpp"
#include "ingest/codec.hpp"
#include "pg/function.hpp"
#include "pg/server_file.hpp"
#include "pg/tuple_batch.hpp"

using namespace recon;

namespace {

class TableSink final : public ingest::Sink {
  public:
    TableSink()
        : former_("bare_records", columns),
          records_("bare_records", columns),
          rejects_("bare_rejects", {"line_no", "byte_offset", "column_name", "error_code",
                                    "message", "raw_record"}) {}

    void take(const ingest::Record& record) override {
        former_.begin(batch_.bytes());
        for (const ingest::Cell& cell : record.fields) former_.cell(cell);
        if (record.attributes.empty())
            former_.null();
        else
            former_.cell(record.attributes[0].value);
        batch_.add(former_.finish());
        if (batch_.rows() == pg::Writer::batch_rows) batch_.write_to(records_);
    }

    void take(const ingest::Reject& reject) override {
        rejects_.bigint(0, static_cast<std::int64_t>(reject.line_no));
        rejects_.bigint(1, static_cast<std::int64_t>(reject.byte_offset));
        if (!reject.column_name.empty()) rejects_.text(2, reject.column_name);
        rejects_.text(3, reject.code);
        rejects_.text(4, reject.message);
        rejects_.text(5, reject.raw);
        rejects_.add();
    }

    void finish() {
        batch_.write_to(records_);
        records_.finish();
        rejects_.finish();
    }

  private:
    static constexpr std::initializer_list<const char*> columns = {
        "external_id", "transaction_date", "value_date",  "amount", "currency",
        "reference",   "counterparty",     "description", "iban"};

    pg::TupleFormer former_;
    pg::Writer records_, rejects_;
    pg::TupleBatch batch_;
};

}  // namespace

// Of tables recon.bare_records and recon.bare_rejects; returns how many records were read.
RECON_FUNCTION(recon_test_bare_load) {
    pg::Arguments args(fcinfo);
    pg::ServerFile file(args.text(0, "path"));
    TableSink sink;
    ingest::ServerCodec codec("UTF8");
    pg::Interrupts interrupts;
    ingest::Engine engine({}, {}, codec, sink, interrupts);
    constexpr std::size_t size = std::size_t{1} << 20;
    auto buffer = std::make_unique<char[]>(size);
    while (std::size_t count = file.read(buffer.get(), size)) engine.feed({buffer.get(), count});
    engine.finish();
    sink.finish();
    file.close();
    return Int64GetDatum(static_cast<std::int64_t>(engine.counts().read));
}
