#include "core/match/blocking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace recon::match {

namespace {

constexpr std::size_t sample_a = 512, sample_b = 2048;

void drop_unknown(const Plan& plan, const Side& side, std::vector<std::uint32_t>& blocks) {
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        if (!plan.checks[i].required()) continue;
        for (std::size_t c = 0; c < blocks.size(); ++c)
            if (!side.operands[i].is_known(c)) blocks[c] = no_id;
    }
}

// Cuts every block by one more number; classes of A without an equal one in B drop out.
void refine(Blocks& blocks, const std::vector<std::uint32_t>& ids_a,
            const std::vector<std::uint32_t>& ids_b, StopCheck& stop) {
    constexpr std::size_t ahead = 16;
    std::vector<std::uint64_t> keys;
    IdTable table(blocks.b.size());
    auto key = [](std::uint32_t block, std::uint32_t id) {
        return std::uint64_t{block} << 32 | id;
    };
    for (std::size_t c = 0; c < blocks.b.size(); ++c) {
        stop();
        if (c + ahead < blocks.b.size())
            table.prefetch(mix(key(blocks.b[c + ahead], ids_b[c + ahead])));
        if (blocks.b[c] == no_id) continue;
        std::uint64_t own = key(blocks.b[c], ids_b[c]);
        auto next = static_cast<std::uint32_t>(keys.size());
        blocks.b[c] =
            table.find_or_insert(mix(own), next, [&](std::uint32_t k) { return keys[k] == own; });
        if (blocks.b[c] == next) keys.push_back(own);
    }
    for (std::size_t c = 0; c < blocks.a.size(); ++c) {
        stop();
        if (c + ahead < blocks.a.size())
            table.prefetch(mix(key(blocks.a[c + ahead], ids_a[c + ahead])));
        if (blocks.a[c] == no_id) continue;
        std::uint64_t own = key(blocks.a[c], ids_a[c]);
        blocks.a[c] = table.find(mix(own), [&](std::uint32_t k) { return keys[k] == own; });
    }
    blocks.count = static_cast<std::uint32_t>(keys.size());
}

Window window_of_decimal(const Check& check, double a) {
    Window window{a, a};
    if (check.abs) {
        auto abs = static_cast<double>(*check.abs);
        window = {a - abs, a + abs};
    }
    if (check.pct_whole != 0) {
        // |a - b| <= p max(|a|, |b|): b from a (1 - p) to a / (1 - p); with p = 1 all of one sign,
        // 0 to anything.
        double rest =
            static_cast<double>(check.pct_whole - check.pct) / static_cast<double>(check.pct_whole);
        double outer = rest > 0 ? std::fabs(a) / rest : std::numeric_limits<double>::infinity();
        double inner = rest > 0 ? std::fabs(a) * rest : a == 0 ? -outer : 0;
        Window share = a >= 0 ? Window{inner, outer} : Window{-outer, -inner};
        window = {std::min(window.low, share.low), std::max(window.high, share.high)};
    }
    // Well above the rounding errors of the steps above, and of the sort keys.
    double slack = (std::fabs(a) + std::fabs(window.high - window.low)) * 1e-13;
    return {window.low - slack, window.high + slack};
}

bool inside(const Window& window, double key) {
    return key >= window.low && key <= window.high;
}

}  // namespace

double sort_key(const Check& check, const Operand& b, std::size_t at) {
    return check.kind == CheckKind::decimal ? static_cast<double>(b.decimals[at])
                                            : static_cast<double>(b.numbers[at]);
}

Window window_of(const Check& check, const Operand& a, std::size_t at) {
    if (check.kind == CheckKind::decimal)
        return window_of_decimal(check, static_cast<double>(a.decimals[at]));
    auto value = static_cast<double>(a.numbers[at]);
    if (check.kind == CheckKind::days)
        return {value + static_cast<double>(check.low), value + static_cast<double>(check.high)};
    auto width = static_cast<double>(check.micros);
    double slack = (std::fabs(value) + width) * 1e-13;
    return {value - width - slack, value + width + slack};
}

Blocks make_blocks(const Plan& plan, const Operands& operands, StopToken& token) {
    StopCheck stop(token);
    Blocks blocks;
    blocks.a.assign(operands.a.classes(), 0);
    blocks.b.assign(operands.b.classes(), 0);
    blocks.count = 1;
    drop_unknown(plan, operands.a, blocks.a);
    drop_unknown(plan, operands.b, blocks.b);
    for (std::size_t i = 0; i < plan.checks.size(); ++i)
        if (plan.checks[i].required() && plan.checks[i].kind == CheckKind::equal)
            refine(blocks, operands.a.operands[i].ids, operands.b.operands[i].ids, stop);
    return blocks;
}

Cut choose_cut(const Plan& plan, const Operands& operands, const Blocks& blocks) {
    struct Option {
        Cut cut;
        double pairs = 0, probes = 1;
    };
    std::vector<int> ranges;
    for (std::size_t i = 0; i < plan.checks.size(); ++i)
        if (plan.checks[i].required() && plan.checks[i].is_range())
            ranges.push_back(static_cast<int>(i));
    auto check = [&](int i) -> const Check& { return plan.checks[static_cast<std::size_t>(i)]; };
    std::vector<Option> options;
    for (int sweep : ranges) options.push_back({{-1, sweep}});
    for (int bucket : ranges) {
        if (check(bucket).kind != CheckKind::days) continue;
        double days = static_cast<double>(check(bucket).high - check(bucket).low) + 1;
        for (int sweep : ranges)
            if (sweep != bucket) options.push_back({{bucket, sweep}, 0, std::min(days, 366.0)});
    }
    if (options.empty()) return {};
    if (options.size() == 1) return options[0].cut;

    std::size_t step_a = std::max<std::size_t>(1, blocks.a.size() / sample_a);
    std::size_t step_b = std::max<std::size_t>(1, blocks.b.size() / sample_b);
    std::vector<Window> windows(plan.checks.size());
    std::vector<char> passes(plan.checks.size());
    for (std::size_t a = 0; a < blocks.a.size(); a += step_a) {
        if (blocks.a[a] == no_id) continue;
        for (int i : ranges) {
            auto at = static_cast<std::size_t>(i);
            windows[at] = window_of(check(i), operands.a.operands[at], a);
        }
        for (std::size_t b = 0; b < blocks.b.size(); b += step_b) {
            if (blocks.b[b] != blocks.a[a]) continue;
            for (int i : ranges) {
                auto at = static_cast<std::size_t>(i);
                passes[at] =
                    inside(windows[at], sort_key(check(i), operands.b.operands[at], b)) ? 1 : 0;
            }
            for (Option& option : options) {
                bool bucket = option.cut.bucket < 0 ||
                              passes[static_cast<std::size_t>(option.cut.bucket)] != 0;
                if (bucket && passes[static_cast<std::size_t>(option.cut.sweep)] != 0)
                    option.pairs += 1;
            }
        }
    }
    double scale = static_cast<double>(step_a) * static_cast<double>(step_b);
    auto steps = [&](const Option& option) {
        return option.pairs * scale + option.probes * static_cast<double>(blocks.a.size());
    };
    return std::min_element(options.begin(), options.end(),
                            [&](const Option& x, const Option& y) { return steps(x) < steps(y); })
        ->cut;
}

}  // namespace recon::match
