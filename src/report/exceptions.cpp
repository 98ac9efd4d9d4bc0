// What is open, and what was not loaded.
#include <map>

#include "report/charts.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace recon::report {

namespace {

std::string side_of(const Subject& subject, bool is_b) {
    return is_b ? subject.name_b : subject.name_a;
}

// Of all currencies together.
void add_ageing_chart(std::string& page, const pg::Rows& rows, const Subject& subject) {
    struct Bucket {
        std::string days;
        std::int64_t a = 0, b = 0;
    };
    std::map<std::int64_t, Bucket> buckets;
    double most = 0;
    for (std::uint64_t row = 0; row < rows.size(); ++row) {
        Bucket& bucket = buckets[rows.bigint(row, 7)];
        bucket.days = rows.text(row, 2);
        bucket.a += rows.bigint(row, 3);
        bucket.b += rows.bigint(row, 4);
        most = std::max(most, static_cast<double>(bucket.a + bucket.b));
    }
    page += legend({{"open", subject.name_a}, {"past", subject.name_b}});
    for (const auto& [number, bucket] : buckets) {
        Segment parts[] = {{"open", static_cast<double>(bucket.a)},
                           {"past", static_cast<double>(bucket.b)}};
        page += bar(escaped(bucket.days) + " days", parts, most,
                    count(bucket.a) + " + " + count(bucket.b) + " records",
                    count(bucket.a) + " of source A, " + count(bucket.b) + " of source B");
    }
}

void add_ageing(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows rows = ask(spi, ageing_sql, subject, ageing_currencies_shown);
    page += "<h3>Ageing, in days</h3>\n";
    int scale = 2;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        for (int column : {5, 6}) scale = std::max(scale, scale_of(rows.text(row, column)));
    add_ageing_chart(page, rows, subject);
    Table table(page, {{"Currency", Table::code},
                       {"Days", Table::code},
                       {"Records A", Table::number},
                       {"Amount A", Table::number},
                       {"Records B", Table::number},
                       {"Amount B", Table::number}});
    for (std::uint64_t row = 0; row < rows.size(); ++row) {
        auto money = [&](int column) {
            return rows.is_null(row, column) ? std::string("&ndash;")
                                             : amount(rows.text(row, column), scale);
        };
        table.row({currency(rows, row, 0, ageing_currencies_shown), escaped(rows.text(row, 2)),
                   count(rows.bigint(row, 3)), money(5), count(rows.bigint(row, 4)), money(6)});
    }
}

void add_reasons(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows rows = ask(spi, reasons_sql, subject, shown);
    page += "<h3>Why they are open</h3>\n";
    Table table(page, {{"Reason"}, {"Records A", Table::number}, {"Records B", Table::number}});
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        table.row(
            {user_text(rows, row, 0), count(rows.bigint(row, 1)), count(rows.bigint(row, 2))});
}

// Some texts of a record, those that it has, one below the other.
std::string stacked(const pg::Rows& rows, std::uint64_t row, std::initializer_list<int> columns) {
    std::string html;
    for (int column : columns) {
        std::string text = user_text(rows, row, column);
        if (rows.is_null(row, column) || rows.text(row, column).empty()) continue;
        html += html.empty() ? text : "<br><small>" + text + "</small>";
    }
    return html.empty() ? "&ndash;" : "<span>" + html + "</span>";
}

// Nothing where nobody has done anything about them yet.
void add_cases(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows rows = ask(spi, cases_sql, subject, shown);
    std::int64_t touched = 0;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        touched += rows.bigint(row, 3) + rows.bigint(row, 4) + rows.bigint(row, 5);
    if (touched == 0 && rows.size() == 1 && rows.text(0, 0) == "open") return;
    page += "<h3>What is done about them</h3>\n";
    Table table(page, {{"Status"},
                       {"Records A", Table::number},
                       {"Records B", Table::number},
                       {"Assigned", Table::number},
                       {"Overdue", Table::number},
                       {"Commented on", Table::number}});
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        table.row({escaped(rows.text(row, 0) == "written_off" ? "written off" : rows.text(row, 0)),
                   count(rows.bigint(row, 1)), count(rows.bigint(row, 2)),
                   count(rows.bigint(row, 3)), count(rows.bigint(row, 4)),
                   count(rows.bigint(row, 5))});
}

// Why a record is open, and what people say of it.
std::string reason_of(const pg::Rows& rows, std::uint64_t row) {
    std::string html = "<span>" + user_text(rows, row, 9);
    if (!rows.is_null(row, 10))
        html += "<br><small>" +
                escaped(rows.text(row, 10) == "written_off" ? "written off" : rows.text(row, 10)) +
                "</small>";
    return html + "</span>";
}

// How near a candidate comes, and what it misses by.
std::string nearness(const pg::Rows& rows, std::uint64_t row) {
    if (rows.is_null(row, 17)) return "&ndash;";
    std::string html = "<span>" + rows.text(row, 17);
    if (!rows.is_null(row, 18)) html += "<br><small>" + user_text(rows, row, 18) + "</small>";
    return html + "</span>";
}

void add_largest(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows rows =
        spi.query(largest_sql,
                  {pg::bigint(subject.project_id), pg::bigint(open_with_candidates),
                   pg::bigint(subject.source_a), pg::bigint(subject.source_b), pg::bigint(shown)});
    if (rows.empty()) return;
    page += "<h3>The largest, each with its nearest candidate in the other source</h3>\n";
    int scale = 2;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        for (int column : {3, 15}) scale = std::max(scale, scale_of(rows.text(row, column)));
    {
        Table table(page, {{"Source"},
                           {"Record"},
                           {"Amount", Table::number},
                           {"Currency", Table::code},
                           {"Days", Table::number},
                           {"Open because"},
                           {"Nearest candidate"},
                           {"Its amount", Table::number},
                           {"Confidence"}});
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            auto money = [&](int column) {
                return rows.is_null(row, column) ? std::string("&ndash;")
                                                 : amount(rows.text(row, column), scale);
            };
            table.row({side_of(subject, rows.boolean(row, 0)), stacked(rows, row, {1, 2, 5, 6, 7}),
                       money(3), user_text(rows, row, 4), count(rows.bigint(row, 8)),
                       reason_of(rows, row), stacked(rows, row, {11, 12, 13, 14}), money(15),
                       nearness(rows, row)});
        }
    }
    if (!rows.boolean(0, 19))
        page += note("Candidates are looked for where at most " + count(open_with_candidates) +
                     " records are open.");
}

}  // namespace

void add_exceptions(std::string& page, pg::Spi& spi, const Subject& subject) {
    page += heading("exceptions", "Open records");
    pg::Rows any = ask(spi,
                       "SELECT FROM recon.open_records WHERE project_id = $1 AND source_id IN ($3, "
                       "$4) AND $2 > 0 AND $5 > 0 LIMIT 1",
                       subject, 1);
    if (any.empty()) {
        page += "<p>No record is open.</p>\n";
        return;
    }
    add_ageing(page, spi, subject);
    add_reasons(page, spi, subject);
    add_cases(page, spi, subject);
    add_largest(page, spi, subject);
}

void add_rejects(std::string& page, pg::Spi& spi, const Subject& subject) {
    page += heading("rejects", "Rejected lines");
    pg::Rows counts = ask(spi, reject_counts_sql, subject, 1);
    std::int64_t open = counts.bigint(0, 0), resolved = counts.bigint(0, 1),
                 removed = counts.bigint(0, 2);
    std::string text = open == 0   ? "No line waits to be loaded again."
                       : open == 1 ? "One line could not be loaded."
                                   : count(open) + " lines could not be loaded.";
    if (resolved > 0) text += " " + count(resolved) + " more were loaded later.";
    if (removed > 0) text += " The cleanup has removed " + count(removed) + " older ones.";
    page += "<p>" + text + "</p>\n";
    if (open == 0) return;
    pg::Rows rows = ask(spi, rejects_sql, subject, shown);
    {
        Table table(page, {{"Source"},
                           {"File"},
                           {"Line", Table::number},
                           {"Column"},
                           {"What is wrong"},
                           {"The line"}});
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            table.row({side_of(subject, rows.boolean(row, 0)), user_text(rows, row, 1),
                       count(rows.bigint(row, 2)), user_text(rows, row, 3),
                       "<span>" + user_text(rows, row, 5) + " <small>(" +
                           escaped(rows.text(row, 4)) + ")</small></span>",
                       "<code>" + isolated(pg::bytes_of(rows.datum(row, 6))) +
                           (rows.boolean(row, 7) ? "&hellip;" : "") + "</code>"});
    }
    if (open > shown) page += note("The first " + count(shown) + " of them.");
}

void add_loads(std::string& page, pg::Spi& spi, const Subject& subject) {
    page += heading("loads", "What was loaded");
    pg::Rows rows = ask(spi, loads_sql, subject, shown);
    if (rows.empty()) {
        page += "<p>Nothing.</p>\n";
        return;
    }
    {
        Table table(page, {{"Source"},
                           {"File"},
                           {"Result"},
                           {"Read", Table::number},
                           {"Loaded", Table::number},
                           {"Rejected", Table::number},
                           {"Known before", Table::number},
                           {"By"},
                           {"At", Table::date}});
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            table.row({side_of(subject, rows.boolean(row, 0)), user_text(rows, row, 1),
                       escaped(rows.text(row, 2)), count(rows.bigint(row, 3)),
                       count(rows.bigint(row, 4)), count(rows.bigint(row, 5)),
                       count(rows.bigint(row, 6)), user_text(rows, row, 7), rows.text(row, 8)});
    }
    if (rows.bigint(0, 9) > shown)
        page += note("The newest " + count(shown) + " of " + count(rows.bigint(0, 9)) + " loads.");
}

}  // namespace recon::report
