// recon.memo_stats and memo_reset.
#include "memo/counters.hpp"
#include "memo/function_names.hpp"
#include "pg/owner.hpp"
#include "pg/shared_memory.hpp"
#include "pg/spi.hpp"

using namespace recon;

RECON_FUNCTION(recon_get_memo_stats) {
    pg::ResultSet rows(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi;
    for (std::size_t i = 0; i < memo::function_count; ++i) {
        memo::Counts counts = memo::counts(static_cast<memo::Function>(i));
        memo::entries::Usage usage;
        if (memo::entries::available())
            usage = memo::entries::usage(memo::function_oid(spi, memo::function_names[i]));
        std::uint64_t bypassed = 0;
        for (std::uint64_t n : counts.bypasses) bypassed += n;
        std::uint64_t asked = counts.hits + counts.misses + bypassed;
        auto bypass = [&](memo::Bypass why) {
            return counts.bypasses[static_cast<std::size_t>(why)];
        };
        rows.add({memo::function_names[i], counts.hits, counts.misses, bypassed, counts.evictions,
                  usage.entries, usage.bytes,
                  asked == 0
                      ? pg::Value()
                      : pg::Value(static_cast<double>(counts.hits) / static_cast<double>(asked)),
                  bypass(memo::Bypass::own), bypass(memo::Bypass::serializable),
                  bypass(memo::Bypass::recovery), bypass(memo::Bypass::parallel),
                  bypass(memo::Bypass::snapshot), counts.stores, counts.too_large});
    }
    return 0;
}

RECON_FUNCTION(recon_memo_reset) {
    if (!pg::is_superuser(GetUserId()))
        throw Error("42501", "permission denied for function memo_reset",
                    "Only superusers may reset the memo.");
    if (!memo::entries::available()) throw pg::not_preloaded("The memo is kept in shared memory.");
    memo::entries::reset();
    memo::reset_counters();
    return 0;
}
