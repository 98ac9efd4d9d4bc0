// Which required ranges cut the blocks, from a sample.
#include <algorithm>

#include "core/match/index.hpp"
#include "core/match/window.hpp"

namespace recon::match {

namespace {

constexpr std::size_t sample_a = 512, sample_b = 2048;

struct Option {
    Cut cut;
    double pairs = 0, probes = 1;
};

std::vector<Option> options_of(const Plan& plan, const std::vector<int>& ranges) {
    auto check = [&](int i) -> const Check& { return plan.checks[static_cast<std::size_t>(i)]; };
    std::vector<Option> options;
    for (int sweep : ranges) options.push_back({{-1, sweep}});
    for (int bucket : ranges) {
        if (check(bucket).kind != CheckKind::days) continue;
        double days = static_cast<double>(check(bucket).high - check(bucket).low) + 1;
        for (int sweep : ranges)
            if (sweep != bucket) options.push_back({{bucket, sweep}, 0, std::min(days, 366.0)});
    }
    if (options.empty()) options.push_back({});
    return options;
}

std::int64_t key_of(const Operand& operand, std::uint32_t row) {
    return operand.form() == Form::wide ? sort_key(operand.wide(row)) : operand.number(row);
}

Window window(const Check& check, const Operand& operand, std::uint32_t row) {
    return operand.form() == Form::wide ? window_of(check, operand.wide(row))
                                        : window_of(check, operand.number(row));
}

}  // namespace

CutChoice choose_cut(const Plan& plan, const Operands& operands, const Blocks& blocks) {
    std::vector<int> ranges;
    for (std::size_t i = 0; i < plan.checks.size(); ++i)
        if (plan.checks[i].required() && plan.checks[i].is_range())
            ranges.push_back(static_cast<int>(i));
    std::vector<Option> options = options_of(plan, ranges);

    // Rows of B by block, so that small blocks are met, too.
    ByBlock b = by_block(blocks.rows_b, blocks.of_b, blocks.count);
    std::size_t count_a = blocks.rows_a.size();
    std::size_t sampled = std::min(count_a, sample_a);
    std::vector<Window> windows(ranges.size());
    std::vector<char> passes(plan.checks.size());
    for (std::size_t n = 0; n < sampled; ++n) {
        std::size_t at = n * count_a / sampled;
        std::uint32_t row_a = blocks.rows_a[at], block = blocks.of_a[at];
        for (std::size_t k = 0; k < ranges.size(); ++k) {
            auto i = static_cast<std::size_t>(ranges[k]);
            windows[k] = window(plan.checks[i], operands.a[i], row_a);
        }
        std::size_t size = b.size(block), looked_at = std::min(size, sample_b);
        double weight = static_cast<double>(size) / static_cast<double>(looked_at);
        for (std::size_t m = 0; m < looked_at; ++m) {
            std::uint32_t row_b = b.rows[b.begins[block] + m * size / looked_at];
            for (std::size_t k = 0; k < ranges.size(); ++k) {
                auto i = static_cast<std::size_t>(ranges[k]);
                passes[i] = windows[k].holds(key_of(operands.b[i], row_b)) ? 1 : 0;
            }
            for (Option& option : options) {
                auto holds = [&](int check) {
                    return check < 0 || passes[static_cast<std::size_t>(check)] != 0;
                };
                if (holds(option.cut.bucket) && holds(option.cut.sweep)) option.pairs += weight;
            }
        }
    }
    double scale = sampled == 0 ? 0 : static_cast<double>(count_a) / static_cast<double>(sampled);
    auto steps = [&](const Option& option) {
        return option.pairs * scale + option.probes * static_cast<double>(count_a);
    };
    const Option& best =
        *std::min_element(options.begin(), options.end(),
                          [&](const Option& x, const Option& y) { return steps(x) < steps(y); });
    return {best.cut, best.pairs * scale};
}

}  // namespace recon::match
