// The matches by rule, by confidence, and by who decided on them.
#include "report/charts.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace recon::report {

namespace {

// Gives the number of matches with which a difference is written off.
std::int64_t add_rules(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows rules = ask(spi, rules_sql, subject, shown);
    pg::Rows others = ask(spi, other_matches_sql, subject, shown);
    if (rules.empty() && others.empty()) {
        page += "<p>The project has no active rule, and nothing is matched.</p>\n";
        return 0;
    }
    std::int64_t written_off = 0;
    Table table(page, {{"Rule"},
                       {"Matches", Table::number},
                       {"Approved", Table::number},
                       {"Proposed", Table::number},
                       {"Ambiguous", Table::number},
                       {"Amounts differ", Table::number},
                       {"Lowest", Table::number},
                       {"Mean", Table::number},
                       {"Rejected or unmatched", Table::number}});
    for (std::uint64_t row = 0; row < rules.size(); ++row) {
        auto figure = [&](int column) { return count(rules.bigint(row, column)); };
        table.row({user_text(rules, row, 0), figure(1), figure(2), figure(3), figure(4), figure(5),
                   rules.text(row, 7), rules.text(row, 8), figure(6)});
    }
    for (std::uint64_t row = 0; row < others.size(); ++row) {
        auto figure = [&](int column) { return count(others.bigint(row, column)); };
        table.row({others.boolean(row, 0) ? "by hand" : "by other jobs",
                   figure(1),
                   figure(2),
                   figure(3),
                   {},
                   figure(4),
                   {},
                   {},
                   figure(5)});
        written_off += others.bigint(row, 6);
    }
    return written_off;
}

void add_confidence(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows bands = ask(spi, confidence_sql, subject, shown);
    if (bands.empty()) return;
    page += "<h3>By confidence</h3>\n";
    page += legend(
        {{"approved", "approved"}, {"proposed", "proposed"}, {"past", "rejected or unmatched"}});
    double most = 0;
    for (std::uint64_t row = 0; row < bands.size(); ++row)
        most = std::max(most, static_cast<double>(bands.bigint(row, 1) + bands.bigint(row, 2) +
                                                  bands.bigint(row, 3)));
    auto hundredths = [](std::int64_t billionths) {
        std::string text = std::to_string(billionths / 10'000'000);
        return "0." + std::string(text.size() < 2 ? "0" : "") + text;
    };
    for (std::uint64_t row = 0; row < bands.size(); ++row) {
        std::int64_t least = bands.bigint(row, 0);
        std::int64_t approved = bands.bigint(row, 1), proposed = bands.bigint(row, 2),
                     past = bands.bigint(row, 3);
        Segment parts[] = {{"approved", static_cast<double>(approved)},
                           {"proposed", static_cast<double>(proposed)},
                           {"past", static_cast<double>(past)}};
        std::string title = "1";
        if (least < 1'000'000'000)
            title = hundredths(least) + " to below " +
                    (least == 950'000'000 ? "1" : hundredths(least + 50'000'000));
        page += bar(title, parts, most, count(approved + proposed + past),
                    count(approved) + " approved, " + count(proposed) + " proposed, " +
                        count(past) + " rejected or unmatched");
    }
}

}  // namespace

void add_matches(std::string& page, pg::Spi& spi, const Subject& subject) {
    page += heading("rules", "Matches by rule and confidence");
    std::int64_t written_off = add_rules(page, spi, subject);
    if (written_off > 0)
        page += note(count(written_off) + (written_off == 1 ? " match writes" : " matches write") +
                     " off the difference.");
    add_confidence(page, spi, subject);
}

void add_review(std::string& page, pg::Spi& spi, const Subject& subject) {
    page += heading("review", "Who decided");
    pg::Rows rows = ask(spi, review_sql, subject, shown);
    if (rows.empty()) {
        page += "<p>No match has been decided on yet.</p>\n";
        return;
    }
    {
        Table table(page, {{"Decision"},
                           {"By"},
                           {"Matches", Table::number},
                           {"First", Table::date},
                           {"Last", Table::date}});
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            table.row({escaped(rows.text(row, 1)),
                       rows.is_null(row, 0) ? "the rule (its approve_at)" : user_text(rows, row, 0),
                       count(rows.bigint(row, 2)), rows.text(row, 3), rows.text(row, 4)});
    }
    if (rows.bigint(0, 5) > shown)
        page += note("The first " + count(shown) + " of " + count(rows.bigint(0, 5)) + " lines.");
    page += note(
        "Of this job's matches and those made by hand of records of its sources. "
        "recon.audit_log has each decision.");
}

}  // namespace recon::report
