// How well and how fast rule sets match two files whose true pairs are known, by the engine alone.
//
//   recon_bench_quality A.csv B.csv TRUTH.csv RUNS RULES.json...
//
// The first column of each file is the id; TRUTH has pairs of ids. Nothing is quoted. A column is
// of dates or numbers where all its values are. Prints for each rule set precision, recall and F1
// of the pairs, how many matches each rule has, and the median milliseconds of one thread.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/match/engine.hpp"
#include "json_text.hpp"

namespace {

using recon::match::Column;
using recon::match::Table;
using recon::match::Type;

class NoCalendars : public recon::match::Calendars {
  public:
    const std::vector<recon::field::Day>& holidays(const std::string&) override { return none_; }

  private:
    std::vector<recon::field::Day> none_;
};

class Never : public recon::StopToken {
  public:
    bool should_stop() override { return false; }
};

struct Sheet {
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> rows;
};

std::vector<std::string> split(std::string line) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    for (std::size_t begin = 0; begin <= line.size();) {
        std::size_t end = std::min(line.find(',', begin), line.size());
        cells.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return cells;
}

Sheet read(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error("cannot read " + path);
    Sheet sheet{split(line), {}};
    while (std::getline(file, line)) {
        sheet.rows.push_back(split(line));
        sheet.rows.back().resize(sheet.names.size());
    }
    std::sort(sheet.rows.begin(), sheet.rows.end());
    return sheet;
}

bool is_date(const std::string& text) {
    return text.size() == 10 && text[4] == '-' && text[7] == '-';
}
bool is_number(const std::string& text) {
    return recon::field::parse_decimal(text).error == recon::field::DecimalError::none;
}

Type type_of(const Sheet& sheet, std::size_t column) {
    auto all = [&](auto is) {
        return std::all_of(sheet.rows.begin(), sheet.rows.end(),
                           [&](const auto& row) { return row[column].empty() || is(row[column]); });
    };
    return all(is_date) ? Type::date : all(is_number) ? Type::decimal : Type::text;
}

Table table_of(const Sheet& sheet, const std::shared_ptr<recon::match::Texts>& texts) {
    Table table(texts);
    for (std::size_t i = 0; i < sheet.names.size(); ++i)
        table.add_column(sheet.names[i], type_of(sheet, i));
    for (const std::vector<std::string>& row : sheet.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            Column& column = table.columns[i];
            if (row[i].empty())
                column.add_null();
            else if (column.type == Type::decimal)
                column.add_decimal(recon::field::parse_decimal(row[i]).value);
            else if (column.type == Type::date)
                column.add_day(*recon::field::day_from(std::atoi(row[i].c_str()),
                                                       std::atoi(row[i].c_str() + 5),
                                                       std::atoi(row[i].c_str() + 8)));
            else
                column.add_text(row[i]);
        }
        table.record_ids.push_back(static_cast<std::int64_t>(table.record_ids.size()) + 1);
    }
    return table;
}

std::vector<recon::rule::Rule> rules(const char* path) {
    std::ifstream file(path);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<recon::rule::Rule> parsed;
    for (const recon::json::Value& rule : recon::test::parse_json(text).items)
        parsed.push_back(recon::rule::parse(*rule.find("spec")));
    return parsed;
}

void report(const recon::match::Result& result, const Sheet& a, const Sheet& b, const Sheet& truth,
            std::size_t rules) {
    std::set<std::pair<std::string, std::string>> known;
    for (const std::vector<std::string>& row : truth.rows) known.insert({row[0], row[1]});
    std::size_t pairs = 0, right = 0;
    std::vector<std::size_t> of_rule(rules);
    auto count = [&](std::uint32_t row_a, std::uint32_t row_b) {
        ++pairs;
        right += known.count({a.rows[row_a][0], b.rows[row_b][0]});
    };
    for (const recon::match::Match& match : result.matches) {
        ++of_rule[match.rule];
        count(match.a, match.b);
    }
    for (const recon::match::GroupMatch& group : result.groups) {
        ++of_rule[group.rule];
        for (std::uint32_t i = group.first_a; i < group.last_a; ++i)
            for (std::uint32_t k = group.first_b; k < group.last_b; ++k)
                count(result.group_rows[i], result.group_rows[k]);
    }
    double precision =
        static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(pairs, 1));
    double recall = static_cast<double>(right) / static_cast<double>(known.size());
    std::printf(" P %.4f R %.4f F1 %.4f; matches", precision, recall,
                2 * precision * recall / std::max(precision + recall, 1e-9));
    for (std::size_t matches : of_rule) std::printf(" %zu", matches);
    std::vector<std::size_t> reasons(5);
    for (const recon::match::Reason reason : result.reasons_a)
        ++reasons[static_cast<std::size_t>(reason)];
    std::printf("; reasons of all of A");
    for (std::size_t records : reasons) std::printf(" %zu", records);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "usage: %s A.csv B.csv TRUTH.csv RUNS RULES.json...\n", argv[0]);
        return 2;
    }
    const auto texts = std::make_shared<recon::match::Texts>();
    const Sheet sheet_a = read(argv[1]), sheet_b = read(argv[2]), truth = read(argv[3]);
    const Table a = table_of(sheet_a, texts), b = table_of(sheet_b, texts);
    for (int i = 5; i < argc; ++i) {
        const std::vector<recon::rule::Rule> parsed = rules(argv[i]);
        std::vector<double> times;
        recon::match::Result result;
        std::size_t peak = 0;
        for (int run = 0; run < std::max(1, std::atoi(argv[4])); ++run) {
            NoCalendars calendars;
            Never never;
            recon::NoProgress progress;
            recon::match::RowsInOrder order;
            recon::MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "recon.work_mem");
            recon::match::Context context{calendars, order, budget, never, progress, {}};
            const auto start = std::chrono::steady_clock::now();
            result = recon::match::run(a, b, parsed, context);
            times.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                    .count());
            peak = budget.peak();
        }
        std::sort(times.begin(), times.end());
        std::printf("%s", argv[i]);
        report(result, sheet_a, sheet_b, truth, parsed.size());
        std::printf("; %.0f ms, %.1f MB\n", times[times.size() / 2],
                    static_cast<double>(peak) / 1048576);
    }
    return 0;
}
