// The assignment on its own: random components, against best-first by sorting.
//   recon_bench_assign [giant]

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "core/match/assign.hpp"

namespace {

using namespace recon;
using namespace recon::match;

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

struct Arrow {
    std::uint32_t a, b, confidence;
};

Side singles(std::uint32_t records) {
    Side side;
    side.rows.resize(records);
    side.begins.resize(records + 1);
    std::iota(side.rows.begin(), side.rows.end(), 0u);
    std::iota(side.begins.begin(), side.begins.end(), 0u);
    return side;
}

// Of processor time.
double milliseconds(const std::function<void()>& work) {
    auto now = [] {
        std::timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return 1000.0 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
    };
    double start = now();
    work();
    return now() - start;
}

std::int64_t greedy(const Side& a, const Side& b, std::vector<Arrow> arrows) {
    std::sort(arrows.begin(), arrows.end(), [](const Arrow& x, const Arrow& y) {
        return x.confidence != y.confidence ? x.confidence > y.confidence
                                            : std::pair(x.a, x.b) < std::pair(y.a, y.b);
    });
    std::vector<std::uint32_t> left_a, left_b;
    for (std::size_t c = 0; c < a.classes(); ++c) left_a.push_back(a.size(c));
    for (std::size_t c = 0; c < b.classes(); ++c) left_b.push_back(b.size(c));
    std::int64_t total = 0;
    for (const Arrow& arrow : arrows) {
        std::uint32_t count = std::min(left_a[arrow.a], left_b[arrow.b]);
        left_a[arrow.a] -= count;
        left_b[arrow.b] -= count;
        total += std::int64_t{arrow.confidence} * count;
    }
    return total;
}

struct Timed {
    double add_ms = 0, assign_ms = 0;
    std::int64_t total = 0;
    Gap gap;
};

Timed best(const Side& a, const Side& b, const std::vector<Arrow>& arrows,
           std::uint64_t most_exact) {
    NoCalendars calendars;
    RowsInOrder order;
    MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "none");
    Never stop;
    NoProgress progress;
    Limits limits;
    limits.max_exact_candidates = most_exact;
    Context context{calendars, order, budget, stop, progress, limits};
    Timed timed;
    EdgeStore edges(a.classes(), b.classes(), budget);
    timed.add_ms = milliseconds([&] {
        for (const Arrow& arrow : arrows) edges.add(arrow.a, arrow.b, arrow.confidence);
    });
    Assignment result;
    timed.assign_ms =
        milliseconds([&] { result = assign(a, b, edges, rule::Ambiguous::propose, context); });
    for (const Pair& pair : result.pairs) timed.total += pair.confidence;
    timed.gap = result.gap;
    return timed;
}

std::vector<Arrow> component_of(std::uint32_t rows, std::uint32_t degree, std::mt19937& random) {
    std::vector<Arrow> arrows;
    std::vector<std::uint32_t> others(rows);
    std::iota(others.begin(), others.end(), 0u);
    for (std::uint32_t a = 0; a < rows; ++a) {
        for (std::uint32_t k = 0; k < degree; ++k)
            std::swap(others[k], others[k + random() % (rows - k)]);
        for (std::uint32_t k = 0; k < degree; ++k)
            arrows.push_back(
                {a, others[k], static_cast<std::uint32_t>(500'000'000 + random() % 500'000'001)});
    }
    return arrows;
}

// Several components in turn: the processor learns the branches of a small one by heart where it
// comes again and again.
void component(std::uint32_t rows, std::uint32_t degree) {
    std::mt19937 random(rows + degree);
    std::uint32_t count = std::clamp(500'000 / (rows * degree), 2u, 200u);
    std::vector<std::vector<Arrow>> components;
    for (std::uint32_t i = 0; i < count; ++i)
        components.push_back(component_of(rows, degree, random));
    Side side = singles(rows);
    double ms_greedy = 1e9, ms_exact = 1e9;
    std::int64_t total_greedy = 0, total_exact = 0;
    for (int round = 0; round < 5; ++round) {
        total_greedy = total_exact = 0;
        double greedy_now = 0, exact_now = 0;
        for (const std::vector<Arrow>& arrows : components)
            greedy_now += milliseconds([&] { total_greedy += greedy(side, side, arrows); });
        for (const std::vector<Arrow>& arrows : components) {
            Timed timed = best(side, side, arrows, arrows.size());
            exact_now += timed.add_ms + timed.assign_ms;
            total_exact += timed.total;
        }
        ms_greedy = std::min(ms_greedy, greedy_now / count);
        ms_exact = std::min(ms_exact, exact_now / count);
    }
    std::printf("%6u a side %6u each: greedy %9.4f ms, exact %9.4f ms (%.2f); total %.4f\n", rows,
                degree, ms_greedy, ms_exact, ms_exact / ms_greedy,
                static_cast<double>(total_greedy) / static_cast<double>(total_exact));
}

// Amounts and days of many records: same currency, amount within 0.5 %, date within 3 days.
void giant(std::uint32_t rows, std::uint64_t most_exact) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal(5, 1.9);
    struct Record {
        std::uint32_t day;
        double amount;
    };
    auto make = [&](std::uint32_t count) {
        std::vector<Record> records(count);
        for (Record& record : records)
            record = {
                static_cast<std::uint32_t>(random() % 365),
                random() % 50 == 0 ? 100.0 : std::round(std::exp(normal(random)) * 100) / 100};
        return records;
    };
    std::vector<Record> a = make(rows), b = make(rows / 6 * 7);
    for (std::uint32_t i = 0; i < rows; ++i)  // most have a true partner
        if (i % 10 < 8) b[i] = {a[i].day + (i % 10 == 7 ? 1u : 0u), a[i].amount};
    // The engine numbers classes in the order in which it sweeps: neighbours are near each other.
    auto sweep = [](const Record& x, const Record& y) {
        return std::pair(x.day, x.amount) < std::pair(y.day, y.amount);
    };
    auto merge = [&](std::vector<Record>& records) {
        std::sort(records.begin(), records.end(), sweep);
        std::vector<Record> merged;
        Side side = singles(static_cast<std::uint32_t>(records.size()));
        side.begins.clear();
        for (std::uint32_t i = 0; i < records.size(); ++i)
            if (i == 0 || sweep(records[i - 1], records[i])) {
                merged.push_back(records[i]);
                side.begins.push_back(i);
            }
        side.begins.push_back(static_cast<std::uint32_t>(records.size()));
        records = std::move(merged);
        return side;
    };
    Side side_a = merge(a), side_b = merge(b);
    std::vector<std::vector<std::pair<double, std::uint32_t>>> days(400);
    for (std::uint32_t i = 0; i < b.size(); ++i) days[b[i].day].emplace_back(b[i].amount, i);
    for (auto& day : days) std::sort(day.begin(), day.end());
    std::vector<Arrow> arrows;
    for (std::uint32_t i = 0; i < a.size(); ++i)
        for (std::uint32_t day = a[i].day < 3 ? 0 : a[i].day - 3; day <= a[i].day + 3; ++day) {
            double low = a[i].amount * 0.995;
            for (auto at = std::lower_bound(days[day].begin(), days[day].end(),
                                            std::pair(low, std::uint32_t{0}));
                 at != days[day].end() && at->first <= a[i].amount / 0.995; ++at) {
                double share =
                    std::fabs(at->first - a[i].amount) / (0.005 * std::max(at->first, a[i].amount));
                double off = std::abs(static_cast<int>(day) - static_cast<int>(a[i].day)) / 3.0;
                double confidence = (3 * (1 - 0.5 * std::min(share, 1.0)) + 1 - 0.5 * off) / 4;
                arrows.push_back(
                    {i, at->second, static_cast<std::uint32_t>(std::llround(confidence * 1e9))});
            }
        }
    std::int64_t total_greedy = 0;
    double ms_greedy = milliseconds([&] { total_greedy = greedy(side_a, side_b, arrows); });
    Timed timed = best(side_a, side_b, arrows, most_exact);
    std::printf(
        "%u a side, %zu candidates: greedy %.0f ms (total %.0f); add %.0f ms, assign %.0f "
        "ms (total %.0f, %zu candidates approximate, gap %.5f)\n",
        rows, arrows.size(), ms_greedy, static_cast<double>(total_greedy) / 1e9, timed.add_ms,
        timed.assign_ms, static_cast<double>(timed.total) / 1e9,
        static_cast<std::size_t>(timed.gap.candidates),
        timed.gap.bound == 0
            ? 0
            : 1 - static_cast<double>(timed.gap.value) / static_cast<double>(timed.gap.bound));
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 3 && std::strcmp(arguments[1], "one") == 0) {
        component(std::atoi(arguments[2]), std::atoi(arguments[3]));
        return 0;
    }
    if (count > 1 && std::strcmp(arguments[1], "giant") == 0) {
        auto rows = static_cast<std::uint32_t>(count > 2 ? std::atoll(arguments[2]) : 1'000'000);
        giant(rows, count > 3 ? static_cast<std::uint64_t>(std::atoll(arguments[3]))
                              : Limits().max_exact_candidates);
        return 0;
    }
    for (std::uint32_t rows : {30u, 100u, 300u, 1000u})
        for (std::uint32_t degree : {6u, 30u, rows}) component(rows, degree);
}
