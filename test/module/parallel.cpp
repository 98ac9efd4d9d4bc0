// Work in pieces with parallel workers, for sql/parallel.sql.
#include "pg/parallel.hpp"
#include "pg/function.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

using namespace recon;

namespace {

// What one piece gives: its number, then as many more numbers as the input says.
std::vector<std::int64_t> make(std::uint32_t piece, std::int64_t length) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(length) + 1);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = piece + static_cast<std::int64_t>(i);
    return numbers;
}

void spin() {
    pg::Interrupts interrupts;
    StopCheck check(interrupts);
    for (std::uint64_t i = 1; i != 0; ++i) check();
}

void fail(std::string_view kind, pg::WorkerShare& share) {
    if (kind == "core") throw Error("22012", "core error", "Core detail.", "Core hint.");
    if (kind == "server")
        pg::call([] {
            ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg("server error"),
                            errdetail("A detail."), errhint("A hint.")));
        });
    if (kind == "sql") pg::Spi(pg::Spi::read_only).query("SELECT 1/0");
    if (kind == "standard") throw std::runtime_error("standard exception");
    if (kind == "budget") share.budget().take(share.budget().limit());
    if (kind == "write") pg::Spi().query("CREATE TABLE written_by_a_worker ()");
    if (kind == "spin") spin();
}

std::int64_t sum(std::span<const std::int64_t> numbers) {
    std::int64_t result = 0;
    for (std::int64_t number : numbers) result += number;
    return result;
}

}  // namespace

RECON_PARALLEL(recon_test_pieces) {
    std::string live(1000, 'x');
    std::int64_t length = pg::items_of<std::int64_t>(share.input()[0])[0];
    pg::Bytes kind = share.input()[1];
    fail({reinterpret_cast<const char*>(kind.data()), kind.size()}, share);
    while (auto piece = share.next()) {
        std::vector<std::int64_t> numbers = make(*piece, length);
        share.deliver(*piece, std::array{pg::bytes_of_items(numbers), pg::Bytes()});
    }
}

// The sum over all pieces, and whether workers had any; with a kind of error, the workers' fate is
// awaited.
RECON_FUNCTION(recon_test_parallel) {
    pg::Arguments args(fcinfo);
    auto pieces = static_cast<std::uint32_t>(args.bigint(0, "pieces"));
    std::array<std::int64_t, 1> length = {args.bigint(1, "length")};
    int workers = args.integer(2, "workers");
    std::string kind = args.text(3, "kind");
    std::string live(1000, 'x');
    MemoryBudget budget(std::size_t{64} << 20, "recon.work_mem");
    std::int64_t total = 0, by_workers = 0;
    {
        pg::SnapshotScope snapshot;
        pg::ParallelPieces work("recon_test_pieces", pieces,
                                std::array{pg::bytes_of_items(length), pg::bytes_of_items(kind)},
                                workers, budget);
        if (kind == "leader") throw Error("22012", "error of the leader");
        if (kind != "none" && kind != "wait" && work.workers() > 0) spin();
        while (kind == "wait" && work.workers() > 0 && work.taken() < pieces)
            pg::call([] {
                CHECK_FOR_INTERRUPTS();
                pg_usleep(100);
            });
        while (auto piece = work.next()) total += sum(make(*piece, length[0]));
        for (std::uint32_t i = 0; i < pieces; ++i) {
            std::vector<pg::Bytes> result = work.result(i);
            if (result.empty()) continue;
            ++by_workers;
            total += sum(pg::items_of<std::int64_t>(result[0]));
            if (i % 2 == 0) work.release(i);
        }
    }
    if (budget.used() != 0) throw Error(sqlstate::internal_error, "budget not given back");
    return pg::make_row(fcinfo, {total, by_workers > 0});
}

RECON_PARALLEL(recon_test_rows) {
    while (auto piece = share.next()) {
        std::array<std::int64_t, 1> count = {
            pg::Spi(pg::Spi::read_only)
                .query("SELECT count(*) FROM parallel_rows WHERE piece = $1",
                       {pg::bigint(std::int64_t{*piece})})
                .bigint(0, 0)};
        share.deliver(*piece, std::array{pg::bytes_of_items(count)});
    }
}

// Rows of parallel_rows by piece, as two workers see them.
RECON_FUNCTION(recon_test_parallel_rows) {
    pg::Arguments args(fcinfo);
    auto pieces = static_cast<std::uint32_t>(args.bigint(0, "pieces"));
    MemoryBudget budget(std::size_t{1} << 20, "recon.work_mem");
    pg::SnapshotScope snapshot;
    pg::ParallelPieces work("recon_test_rows", pieces, {}, args.integer(1, "workers"), budget);
    while (work.workers() > 0 && work.taken() < pieces)
        pg::call([] {
            CHECK_FOR_INTERRUPTS();
            pg_usleep(100);
        });
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t total = 0;
    while (auto piece = work.next())
        total += spi.query("SELECT count(*) FROM parallel_rows WHERE piece = $1",
                           {pg::bigint(std::int64_t{*piece})})
                     .bigint(0, 0);
    for (std::uint32_t i = 0; i < pieces; ++i)
        if (std::vector<pg::Bytes> result = work.result(i); !result.empty())
            total += pg::items_of<std::int64_t>(result[0])[0];
    return Int64GetDatum(total);
}
