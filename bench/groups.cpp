// How long it takes to find the records that add up to an amount, and whether others do as well.
//
//   groups RUNS
//
// Amounts are lognormal (median 90.00, sigma 1). Of each number of candidates: sums of 2 to 8 of
// them, and the same off by up to 5.00. Prints as a Markdown table the microseconds a group on one
// thread, the mean and the most, and how many groups have no, one, several answers, or were given
// up.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "core/match/group/subset_search.hpp"

namespace {

using namespace recon::match::group;

class Never : public recon::StopToken {
  public:
    bool should_stop() override { return false; }
};

// Ends at the second answer.
class Two final : public SumVisitor {
  public:
    void restart() override { sets_ = 0; }
    bool visit(const Sum& sum) override { return (sets_ += sum.ways) < 2; }
    std::uint64_t sets() const { return sets_; }

  private:
    std::uint64_t sets_ = 0;
};

struct Group {
    std::vector<Member> members;
    recon::field::int128 target = 0;
};

Group make_group(std::mt19937_64& random, std::size_t candidates, bool wrong) {
    std::lognormal_distribution<double> amounts(std::log(9000.0), 1.0);
    Group group;
    for (std::size_t i = 0; i < candidates; ++i)
        group.members.push_back(
            {static_cast<std::int64_t>(std::llround(amounts(random))) + 1, 0, 1});
    std::size_t size = std::min<std::size_t>(candidates, 2 + random() % 7);
    for (std::size_t i = 0; i < size; ++i) group.target += group.members[i].value;
    if (wrong) group.target += static_cast<std::int64_t>(1 + random() % 500);
    std::shuffle(group.members.begin(), group.members.end(), random);
    return group;
}

void measure(std::size_t candidates, bool wrong, int runs) {
    std::mt19937_64 random(candidates * 2 + (wrong ? 1 : 0));
    recon::MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "recon.work_mem");
    Never never;
    SubsetSearch search(budget, never);
    double sum = 0, most = 0;
    std::uint64_t steps = 0;
    int none = 0, one = 0, several = 0, given_up = 0;
    for (int i = 0; i < runs; ++i) {
        Group group = make_group(random, candidates, wrong);
        Two two;
        auto start = std::chrono::steady_clock::now();
        Searched searched =
            search.search({group.members, group.target, group.target, 1, 8}, 1'000'000, two);
        double time =
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count();
        sum += time;
        most = std::max(most, time);
        steps += searched.steps;
        if (two.sets() > 1)
            ++several;
        else if (!searched.complete)
            ++given_up;
        else
            ++(two.sets() == 1 ? one : none);
    }
    std::printf("| %zu | %s | %.1f | %.0f | %.0f | %d | %d | %d | %d |\n", candidates,
                wrong ? "off" : "a sum", sum / runs, most, static_cast<double>(steps) / runs, none,
                one, several, given_up);
}

}  // namespace

int main(int argc, char** argv) {
    const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 2000;
    std::printf(
        "| candidates | target | us, mean | us, most | steps | no answer | one | several | given "
        "up |\n"
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (std::size_t candidates : {8, 12, 16, 20, 24, 28, 32, 40, 64})
        for (bool wrong : {false, true}) measure(candidates, wrong, runs);
    return 0;
}
