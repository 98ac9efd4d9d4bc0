// Rule sets run by the engine alone, without reading and storing, over the files that generate
// made.
//
//   run_rules DIRECTORY RUNS RULES.json...
//
// Prints for each rule set the median milliseconds of one thread, the number of matches, and the
// bytes a record of the two tables.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
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

// The generator quotes nothing, and its ids are in the contract's order when sorted as bytes.
Table read(const std::string& path, const std::shared_ptr<recon::match::Texts>& texts) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    std::string header, line;
    if (!std::getline(file, header)) throw std::runtime_error("cannot read " + path);
    while (std::getline(file, line)) lines.push_back(line);
    std::sort(lines.begin(), lines.end());

    Table table(texts);
    for (std::size_t begin = 0; begin <= header.size();) {
        std::size_t end = std::min(header.find(',', begin), header.size());
        const std::string name = header.substr(begin, end - begin);
        table.add_column(name, name == "amount"             ? Type::decimal
                               : name == "transaction_date" ? Type::date
                                                            : Type::text);
        begin = end + 1;
    }
    for (const std::string& row : lines) {
        std::size_t begin = 0;
        for (Column& column : table.columns) {
            std::size_t end = std::min(row.find(',', begin), row.size());
            std::string_view value = std::string_view(row).substr(begin, end - begin);
            if (value.empty())
                column.add_null();
            else if (column.type == Type::decimal)
                column.add_decimal(recon::field::parse_decimal(value).value);
            else if (column.type == Type::date)
                column.add_day(*recon::field::day_from(std::atoi(value.data()),
                                                       std::atoi(value.data() + 5),
                                                       std::atoi(value.data() + 8)));
            else
                column.add_text(value);
            begin = end + 1;
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

void measure(const Table& a, const Table& b, const char* path, int runs) {
    const std::vector<recon::rule::Rule> parsed = rules(path);
    std::vector<double> times;
    std::size_t matches = 0;
    for (int i = 0; i < runs; ++i) {
        NoCalendars calendars;
        Never never;
        recon::NoProgress progress;
        recon::match::RowsInOrder order;
        recon::MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "recon.work_mem");
        recon::match::Context context{calendars, order, budget, never, progress, {}};
        const auto start = std::chrono::steady_clock::now();
        matches = recon::match::run(a, b, parsed, context).matches.size();
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count());
    }
    std::sort(times.begin(), times.end());
    std::printf(
        "%s %.0f %zu %.0f\n", path, times[times.size() / 2], matches,
        static_cast<double>(a.bytes() + b.bytes()) / static_cast<double>(a.rows() + b.rows()));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: %s DIRECTORY RUNS RULES.json...\n", argv[0]);
        return 2;
    }
    const std::string directory = argv[1];
    const auto texts = std::make_shared<recon::match::Texts>();
    const Table a = read(directory + "/bank.csv", texts);
    const Table b = read(directory + "/ledger.csv", texts);
    for (int i = 3; i < argc; ++i) measure(a, b, argv[i], std::max(1, std::atoi(argv[2])));
    return 0;
}
