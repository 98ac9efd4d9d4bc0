// Functions that provoke errors under live C++ objects, for sql/boundary.sql. Not part of an
// installation.
#include "core/limits.hpp"
#include "pg/function.hpp"
#include "pg/module.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

using namespace recon;

extern "C" {
RECON_MODULE("recon_test");
}

namespace {

// Counts itself, and holds enough memory for a leak to show.
struct Witness {
    static inline std::int64_t live = 0;
    std::string weight = std::string(20'000, 'x');
    Witness() { ++live; }
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() { --live; }
};

void fail_in_server() {
    pg::call([] {
        ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg("server error"),
                        errdetail("A detail."), errhint("A hint.")));
    });
}

// Loops as the core does, asking the token for what the server wants.
void spin() {
    pg::Interrupts interrupts;
    StopCheck check(interrupts);
    for (std::uint64_t i = 1; i != 0; ++i) check();
}

class Never final : public StopToken {
  public:
    bool should_stop() override { return true; }
};

void fail(std::string_view kind) {
    Witness outer;
    std::vector<std::unique_ptr<Witness>> more;
    more.push_back(std::make_unique<Witness>());
    if (kind == "server") fail_in_server();
    if (kind == "spi") pg::Spi().query("SELECT 1/0");
    if (kind == "core")
        throw Error(sqlstate::bad_copy_file_format, "core error", "Core detail.", "Core hint.");
    if (kind == "standard") throw std::runtime_error("standard exception");
    if (kind == "unknown") throw 42;
    if (kind == "memory") throw std::bad_alloc();
    if (kind == "huge") more.reserve(std::numeric_limits<std::ptrdiff_t>::max() / sizeof(void*));
    if (kind == "palloc") pg::call([] { (void)palloc(MaxAllocSize + 1); });
    if (kind == "budget") MemoryBudget(1024, "recon.work_mem").take(2048);
    if (kind == "stopped") {
        Never never;
        check_stop(never);
    }
    if (kind == "spin") spin();
    if (kind == "bytes") throw Error(sqlstate::bad_copy_file_format, "cut \xC3");
    if (kind == "long") throw Error(sqlstate::bad_copy_file_format, std::string(100'000, 'y'));
}

}  // namespace

RECON_FUNCTION(recon_test_fail) {
    pg::Arguments args(fcinfo);
    fail(args.text(0, "kind"));
    PG_RETURN_VOID();
}

// Errors under live objects, each caught by a subtransaction here; returns the live objects
// afterwards.
RECON_FUNCTION(recon_test_fail_often) {
    pg::Arguments args(fcinfo);
    std::string kind = args.text(0, "kind");
    std::int64_t times = args.bigint(1, "times");
    for (std::int64_t i = 0; i < times; ++i) {
        pg::Subtransaction undo;
        try {
            fail(kind);
        } catch (const pg::ServerError&) {
            pg::call([] { FlushErrorState(); });
        } catch (const std::exception&) {
        } catch (int) {
        }
        undo.rollback();
    }
    return Int64GetDatum(Witness::live);
}

RECON_FUNCTION(recon_test_live) {
    return Int64GetDatum(Witness::live);
}

// Private memory of this backend in bytes.
RECON_FUNCTION(recon_test_memory) {
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> status(std::fopen("/proc/self/status", "r"));
    if (status == nullptr) throw Error("58P01", "no /proc/self/status");
    char line[256];
    long long kilobytes = 0;
    while (std::fgets(line, sizeof line, status.get()) != nullptr)
        if (std::sscanf(line, "RssAnon: %lld", &kilobytes) == 1) break;
    return Int64GetDatum(kilobytes * 1024);
}
