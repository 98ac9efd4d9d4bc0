// What was loaded is what is matched and what is open: by currency and source, and as charts.
#include <charconv>

#include "report/charts.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace recon::report {

namespace {

double approximately(const std::string& number) {
    double value = 0;
    (void)std::from_chars(number.data(), number.data() + number.size(), value);
    return value;
}

std::string mark(bool proved) {
    return proved ? "<span class=\"good\">&#x2713;</span>"
                  : "<span class=\"bad\">&#x2717; differs</span>";
}

// Digits after the point that all amounts of some columns need, two at least.
int scale_of_columns(const pg::Rows& rows, std::initializer_list<int> columns) {
    int scale = 2;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        for (int column : columns)
            if (!rows.is_null(row, column))
                scale = std::max(scale, scale_of(rows.text(row, column)));
    return scale;
}

struct Names {
    const Subject& subject;
    const std::string& of(bool is_b) const { return is_b ? subject.name_b : subject.name_a; }
};

void add_proof(std::string& page, const pg::Rows& totals, const Subject& subject) {
    int scale = scale_of_columns(totals, {8, 9, 10});
    Table table(page, {{"Currency", Table::code},
                       {"Source"},
                       {"Records", Table::number},
                       {"Amount", Table::number},
                       {"Records matched", Table::number},
                       {"Amount matched", Table::number},
                       {"Records open", Table::number},
                       {"Amount open", Table::number},
                       {"Proof", Table::number}});
    for (std::uint64_t row = 0; row < totals.size(); ++row) {
        bool other = totals.bigint(row, 0) > currencies_shown;
        auto money = [&](int column) {
            return other ? std::string("&ndash;") : amount(totals.text(row, column), scale);
        };
        table.row({currency(totals, row, 0, currencies_shown),
                   Names{subject}.of(totals.boolean(row, 2)), count(totals.bigint(row, 3)),
                   money(8), count(totals.bigint(row, 5) + totals.bigint(row, 6)), money(9),
                   count(totals.bigint(row, 7)), money(10),
                   mark(totals.boolean(row, 11) && totals.boolean(row, 12))});
    }
}

void add_differences(std::string& page, const pg::Rows& totals) {
    int scale = scale_of_columns(totals, {20, 21, 22});
    page += "<h3>Difference of the sources, A less B, and what explains it</h3>\n";
    Table table(page, {{"Currency", Table::code},
                       {"Difference", Table::number},
                       {"Within matches", Table::number},
                       {"Open records", Table::number},
                       {"Proof", Table::number}});
    for (std::uint64_t row = 0; row < totals.size(); ++row) {
        if (row > 0 && totals.bigint(row, 0) == totals.bigint(row - 1, 0)) continue;
        if (totals.bigint(row, 0) > currencies_shown) continue;
        table.row({currency(totals, row, 0, currencies_shown), amount(totals.text(row, 20), scale),
                   amount(totals.text(row, 21), scale), amount(totals.text(row, 22), scale),
                   mark(totals.boolean(row, 23))});
    }
}

void add_charts(std::string& page, const pg::Rows& totals, const Subject& subject) {
    page += heading("matched", "Matched and open");
    page += legend({{"approved", "approved"}, {"proposed", "proposed"}, {"open", "open"}});
    page += "<h3>By number of records</h3>\n";
    for (bool is_b : {false, true}) {
        std::int64_t approved = 0, proposed = 0, open = 0;
        for (std::uint64_t row = 0; row < totals.size(); ++row) {
            if (totals.boolean(row, 2) != is_b) continue;
            approved += totals.bigint(row, 5);
            proposed += totals.bigint(row, 6);
            open += totals.bigint(row, 7);
        }
        std::int64_t all = approved + proposed + open;
        Segment parts[] = {{"approved", static_cast<double>(approved)},
                           {"proposed", static_cast<double>(proposed)},
                           {"open", static_cast<double>(open)}};
        page += bar(Names{subject}.of(is_b), parts, 0,
                    count(approved + proposed) + " of " + count(all) + " &middot; " +
                        percent(approved + proposed, all),
                    count(approved) + " approved, " + count(proposed) + " proposed, " +
                        count(open) + " open");
    }
    page += "<h3>By amount, without regard to sign</h3>\n";
    int scale = scale_of_columns(totals, {13, 14, 15, 16});
    for (std::uint64_t row = 0; row < totals.size(); ++row) {
        if (totals.bigint(row, 0) > currencies_shown) continue;
        std::string gross[4];
        for (int i = 0; i < 4; ++i) gross[i] = totals.text(row, 13 + i);
        double whole = approximately(gross[0]);
        double open = approximately(gross[3]);
        if (whole == 0) continue;
        Segment parts[] = {{"approved", approximately(gross[1])},
                           {"proposed", approximately(gross[2])},
                           {"open", open}};
        page +=
            bar(Names{subject}.of(totals.boolean(row, 2)) + ", " +
                    currency(totals, row, 0, currencies_shown),
                parts, whole, amount(gross[3], scale) + " of " + amount(gross[0], scale) + " open",
                amount(gross[1], scale) + " approved, " + amount(gross[2], scale) + " proposed, " +
                    amount(gross[3], scale) + " open");
    }
}

}  // namespace

Summary add_totals(std::string& page, pg::Spi& spi, const Subject& subject) {
    pg::Rows totals = ask(spi, totals_sql, subject, currencies_shown);
    page += heading("totals", "Totals that prove");
    Summary summary;
    if (totals.empty()) {
        page += "<p>Nothing has been loaded into the two sources.</p>\n";
        return summary;
    }
    std::int64_t without_amount = 0;
    for (std::uint64_t row = 0; row < totals.size(); ++row) {
        summary.records += totals.bigint(row, 3);
        without_amount += totals.bigint(row, 4);
        summary.approved += totals.bigint(row, 5);
        summary.proposed += totals.bigint(row, 6);
        summary.open += totals.bigint(row, 7);
        summary.proved = summary.proved && totals.boolean(row, 11) && totals.boolean(row, 12);
    }
    add_proof(page, totals, subject);
    std::string text =
        "Records loaded, in approved or proposed matches, and open are each counted and added up "
        "by themselves, exactly; the proof is that the first is the sum of the others.";
    if (without_amount > 0) text += " " + count(without_amount) + " of the records have no amount.";
    std::int64_t currencies = totals.bigint(0, 19);
    if (currencies > currencies_shown)
        text += " The " + count(currencies_shown) + " currencies with the most records of " +
                count(currencies) + " stand by themselves.";
    page += note(text);
    add_differences(page, totals);
    add_charts(page, totals, subject);
    return summary;
}

}  // namespace recon::report
