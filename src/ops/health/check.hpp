// What recon.health_check() looks at: one function a check, each of which takes milliseconds,
// however large the installation is.
#pragma once

#include "pg/failure.hpp"
#include "pg/spi.hpp"

namespace recon::ops {

enum class Health : std::uint8_t { ok, warning, failed };
const char* health_text(Health health);

struct Finding {
    Health health = Health::ok;
    std::string detail;
    std::string hint;  // what to do; empty where that is nothing
};

inline Finding ok(std::string detail) {
    return {Health::ok, std::move(detail), {}};
}
inline Finding warning(std::string detail, std::string hint) {
    return {Health::warning, std::move(detail), std::move(hint)};
}
inline Finding failed(std::string detail, std::string hint) {
    return {Health::failed, std::move(detail), std::move(hint)};
}

struct Check {
    const char* name;
    Finding (*run)(pg::Spi& spi);  // with the owner's rights; may fail
};

// In the order in which they are shown.
std::span<const Check> worker_checks();    // background workers and jobs
std::span<const Check> resource_checks();  // what the server has a limited amount of
std::span<const Check> data_checks();      // what the tables of this database hold
Finding check_audit(pg::Spi& spi);         // one of the latter
std::span<const Check> setting_checks();   // settings that fight each other

struct CheckResult {
    const char* name;
    Finding finding;
};
// All of them, with the owner's rights. One that fails has failed; the others go on.
std::vector<CheckResult> check_health();

// What to do where a check, or a family of metrics, could not be read.
std::string hint_for(const pg::Failure& failure);

// For people: "45 s", "12 min", "3 h", "5 days".
std::string duration_text(std::int64_t seconds);
std::string size_text(double bytes);  // "12 MB"

}  // namespace recon::ops
