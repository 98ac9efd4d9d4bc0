// The sections of a report, each from statements of figures.hpp.
#pragma once

#include <string>

#include "pg/spi.hpp"

namespace recon::report {

struct Subject {
    std::int64_t project_id, job_id, source_a, source_b;
    std::string name_a, name_b;  // of the sources, HTML
};

// What is said at the top of the page.
struct Summary {
    std::int64_t records = 0, approved = 0, proposed = 0, open = 0;
    bool proved = true;
};

// Totals by currency, and the charts of what is matched and open.
Summary add_totals(std::string& page, pg::Spi& spi, const Subject& subject);
void add_matches(std::string& page, pg::Spi& spi, const Subject& subject);
void add_exceptions(std::string& page, pg::Spi& spi, const Subject& subject);
void add_rejects(std::string& page, pg::Spi& spi, const Subject& subject);
void add_review(std::string& page, pg::Spi& spi, const Subject& subject);
void add_loads(std::string& page, pg::Spi& spi, const Subject& subject);

// What several of them need.
std::string heading(const char* id, const char* title);
std::string note(const std::string& html);
std::string user_text(const pg::Rows& rows, std::uint64_t row, int column);  // HTML
std::string currency(const pg::Rows& rows, std::uint64_t row, int rank_column, int shown);
std::string legend(std::initializer_list<std::pair<const char*, std::string>> kinds);
pg::Rows ask(pg::Spi& spi, const char* sql, const Subject& subject, int limit);

}  // namespace recon::report
