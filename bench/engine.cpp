// The matching engine alone, over the files that generate writes, without a server: CPU time and
// memory of each phase.
//
//   engine DIRECTORY [exact | tolerance | drift | fuzzy]...

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/field/date_format.hpp"
#include "core/match/candidates.hpp"
#include "core/match/key_pairs.hpp"
#include "../test/unit/json_text.hpp"

using namespace recon;
using namespace recon::match;

namespace {

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

class Phases {
  public:
    explicit Phases(const char* title) : begin_(cpu_ms()), last_(begin_) {
        std::printf("%s\n", title);
    }
    void end(const char* name) {
        double now = cpu_ms();
        std::printf("  %-24s %8.1f ms\n", name, now - last_);
        last_ = now;
    }
    ~Phases() { std::printf("  %-24s %8.1f ms\n", "in all", cpu_ms() - begin_); }

  private:
    double begin_, last_;
};

class Never final : public StopToken {
  public:
    bool should_stop() override { return false; }
};

class NoCalendars final : public Calendars {
  public:
    const std::vector<field::Day>& holidays(const std::string&) override { return none_; }

  private:
    std::vector<field::Day> none_;
};

Table read(const std::string& path, const std::shared_ptr<Texts>& texts) {
    Table table(texts);
    const field::DateFormat iso;
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        std::exit(1);
    }
    std::vector<std::string_view> cells;
    auto split = [&] {
        cells.clear();
        std::string_view rest = line;
        for (std::size_t comma; (comma = rest.find(',')) != std::string_view::npos;
             rest.remove_prefix(comma + 1))
            cells.push_back(rest.substr(0, comma));
        cells.push_back(rest);
    };
    split();
    for (std::string_view name : cells)
        table.add_column(std::string(name), name == "amount"             ? Type::decimal
                                            : name == "transaction_date" ? Type::date
                                                                         : Type::text);
    while (std::getline(file, line)) {
        split();
        table.record_ids.push_back(static_cast<std::int64_t>(table.record_ids.size()) + 1);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            Column& column = table.columns[i];
            if (cells[i].empty())
                column.add_null();
            else if (column.type == Type::decimal)
                column.add_decimal(field::parse_decimal(cells[i]).value);
            else if (column.type == Type::date)
                column.add_day(iso.parse(cells[i]).day);
            else
                column.add_text(cells[i]);
        }
    }
    return table;
}

const std::map<std::string, std::string> rules = {{"exact", R"({"match": [
        {"field": "currency", "op": "equal"}, {"field": "amount", "op": "equal"},
        {"field": "reference", "op": "equal"}]})"},
                                                  {"drift", R"({"match": [
        {"field": "currency", "op": "equal"}, {"field": "amount", "op": "equal"},
        {"field": "reference", "op": "equal"},
        {"field": "transaction_date", "op": "within", "days": 3}]})"},
                                                  {"tolerance", R"({"match": [
        {"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "pct": 0.5},
        {"field": "transaction_date", "op": "within", "days": 3}]})"},
                                                  {"fuzzy", R"({"threshold": 0.8, "match": [
        {"field": "currency", "op": "equal"}, {"field": "amount", "op": "equal"},
        {"field": "transaction_date", "op": "within", "days": 3},
        {"field": "description", "op": "similar", "algorithm": "levenshtein", "min": 0.7,
         "normalize": ["upper", "alnum"]}]})"}};

class Sink final : public CandidateSink {
  public:
    explicit Sink(Reservation& memory) : memory_(memory) {}
    void add(std::span<const Candidate> candidates) override {
        std::size_t before = list.bytes();
        list.append(candidates.data(), candidates.size());
        memory_.take(list.bytes() - before);
    }
    Buffer<Candidate> list;

  private:
    Reservation& memory_;
};

// Without the tables.
double bytes_a_row(const MemoryBudget& budget, const Table& a, const Table& b) {
    return static_cast<double>(budget.peak()) / static_cast<double>(a.rows() + b.rows());
}

// As the engine would, phase by phase.
void measure(const Table& a, const Table& b, const std::string& name) {
    auto spec = rules.find(name);
    if (spec == rules.end()) {
        std::fprintf(stderr, "no rule \"%s\"\n", name.c_str());
        std::exit(2);
    }
    rule::Rule rule = rule::parse(test::parse_json(spec->second));
    NoCalendars calendars;
    Never stop;
    RowsInOrder order;
    MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "none");
    Reservation memory(budget);
    std::vector<std::uint32_t> open_a(a.rows()), open_b(b.rows());
    for (std::uint32_t i = 0; i < a.rows(); ++i) open_a[i] = i;
    for (std::uint32_t i = 0; i < b.rows(); ++i) open_b[i] = i;
    Phases phases(name.c_str());
    Plan plan = make_plan(a, b, rule, calendars);
    Operands operands = bind_operands(plan, open_a, open_b, memory, stop);
    phases.end("operands");
    Blocks blocks = join(plan, operands, open_a, open_b, memory, stop);
    phases.end("join");
    std::printf("  %zu x %zu rows in %u blocks\n", blocks.rows_a.size(), blocks.rows_b.size(),
                blocks.count);
    if (plan.is_exact()) {
        KeyPairs found = pair_blocks(blocks, order, memory, stop);
        phases.end("pairs");
        std::printf("  %zu pairs; at most %.1f bytes a row held\n", found.pairs.size(),
                    bytes_a_row(budget, a, b));
        return;
    }
    derive_texts(plan, operands, {blocks.rows_a.data(), blocks.rows_a.size()},
                 {blocks.rows_b.data(), blocks.rows_b.size()}, memory, stop);
    phases.end("texts");
    CutChoice choice = choose_cut(plan, operands, blocks);
    phases.end("plan");
    Index index = make_index(plan, operands, std::move(blocks), choice.cut, memory, stop);
    phases.end("index");
    Below below(index, memory);
    Sink sink(memory);
    CandidateSearch search(plan, index, sink, below, memory, stop);
    phases.end("prepared texts");
    search.run(0, index.a.classes());
    phases.end("candidates");
    std::printf(
        "  %zu x %zu classes, %.0f estimated, %llu compared, %zu kept in %.1f MB; at most %.1f "
        "bytes "
        "a row held\n",
        index.a.classes(), index.b.classes(), choice.comparisons,
        static_cast<unsigned long long>(search.compared()), sink.list.size(),
        static_cast<double>(sink.list.bytes()) / 1e6, bytes_a_row(budget, a, b));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s DIRECTORY [RULE]...\n", argv[0]);
        return 2;
    }
    std::string directory = argv[1];
    auto texts = std::make_shared<Texts>();
    Table a = read(directory + "/bank.csv", texts), b = read(directory + "/ledger.csv", texts);
    std::size_t rows = a.rows() + b.rows();
    std::printf("%zu + %zu rows, %zu distinct texts, %.1f + %.1f bytes a row\n", a.rows(), b.rows(),
                texts->size(),
                static_cast<double>(a.bytes() + b.bytes()) / static_cast<double>(rows),
                static_cast<double>(texts->bytes()) / static_cast<double>(rows));
    std::vector<std::string> names(argv + 2, argv + argc);
    if (names.empty()) names = {"exact", "drift", "tolerance", "fuzzy"};
    for (const std::string& name : names) measure(a, b, name);
}
