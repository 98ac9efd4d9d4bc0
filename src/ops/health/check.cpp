#include "ops/health/check.hpp"

#include "pg/setting_scope.hpp"
#include "pg/subtransaction.hpp"

namespace recon::ops {

namespace {

// Who holds a table locked is not waited for.
constexpr char lock_timeout[] = "200ms";

Finding run(const Check& check) {
    Finding finding;
    std::optional<pg::Failure> failure = pg::attempt([&] {
        pg::Spi spi;
        finding = check.run(spi);
    });
    if (!failure) return finding;
    return failed(
        "the check itself failed: " + failure->message + " (SQLSTATE " + failure->sqlstate + ")",
        hint_for(*failure));
}

}  // namespace

const char* health_text(Health health) {
    switch (health) {
        case Health::ok:
            return "ok";
        case Health::warning:
            return "warning";
        case Health::failed:
            return "failed";
    }
    return "";
}

std::string hint_for(const pg::Failure& failure) {
    if (failure.sqlstate == pg::lock_not_available)
        return "Another session holds a lock on a table of recon: see pg_locks.";
    return failure.hint.empty() ? "Mend what the message names, and ask again." : failure.hint;
}

std::vector<CheckResult> check_health() {
    pg::SettingScope no_wait("lock_timeout", lock_timeout);
    std::vector<CheckResult> results;
    for (std::span<const Check> checks :
         {worker_checks(), resource_checks(), data_checks(), setting_checks()})
        for (const Check& check : checks) results.push_back({check.name, run(check)});
    return results;
}

std::string duration_text(std::int64_t seconds) {
    constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
    if (seconds < 2 * minute) return std::to_string(seconds) + " s";
    if (seconds < 2 * hour) return std::to_string(seconds / minute) + " min";
    if (seconds < 2 * day) return std::to_string(seconds / hour) + " h";
    return std::to_string(seconds / day) + " days";
}

std::string size_text(double bytes) {
    constexpr const char* units[] = {"bytes", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 10 * 1024 && unit + 1 < std::size(units)) {
        bytes /= 1024;
        ++unit;
    }
    return std::to_string(static_cast<std::int64_t>(bytes)) + " " + units[unit];
}

}  // namespace recon::ops
