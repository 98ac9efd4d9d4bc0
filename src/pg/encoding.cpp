#include "pg/encoding.hpp"

#include "pg/guard.hpp"
#include "pg/server.hpp"

namespace recon::pg {

namespace {

using Conversion = char* (*)(const char*, int, int);

std::string convert(std::string_view text, Conversion conversion) {
    if (!converts_text() || text.empty()) return std::string(text);
    // What needs no conversion comes back as it is, without a NUL.
    char* converted =
        call([&] { return conversion(text.data(), static_cast<int>(text.size()), PG_UTF8); });
    if (converted == text.data()) return std::string(text);
    std::string result(converted);
    call([&] { pfree(converted); });
    return result;
}

}  // namespace

bool converts_text() {
    int encoding = GetDatabaseEncoding();
    return encoding != PG_UTF8 && encoding != PG_SQL_ASCII;
}

std::string to_utf8(std::string_view text) {
    return convert(text, pg_server_to_any);
}

std::string from_utf8(std::string_view text) {
    return convert(text, pg_any_to_server);
}

}  // namespace recon::pg
