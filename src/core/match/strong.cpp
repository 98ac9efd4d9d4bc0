#include "core/match/strong.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

std::vector<std::uint32_t> strong_components(std::uint32_t nodes, std::span<const Arc> arcs) {
    std::vector<std::uint32_t> begins(nodes + 1, 0), targets(arcs.size());
    for (const Arc& arc : arcs) ++begins[arc.from + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
    for (const Arc& arc : arcs) targets[next[arc.from]++] = arc.to;
    next.assign(begins.begin(), begins.end() - 1);

    constexpr std::uint32_t unseen = 0xFFFFFFFFu;
    std::vector<std::uint32_t> order(nodes, unseen), low(nodes, 0), component(nodes, unseen), path,
        stack;
    std::uint32_t seen = 0, count = 0;
    for (std::uint32_t root = 0; root < nodes; ++root) {
        if (order[root] != unseen) continue;
        path.push_back(root);
        while (!path.empty()) {
            std::uint32_t node = path.back();
            if (order[node] == unseen) {
                order[node] = low[node] = seen++;
                stack.push_back(node);
            }
            if (next[node] < begins[node + 1]) {
                std::uint32_t target = targets[next[node]++];
                if (order[target] == unseen) {
                    path.push_back(target);
                } else if (component[target] == unseen) {
                    low[node] = std::min(low[node], order[target]);
                }
                continue;
            }
            path.pop_back();
            if (!path.empty()) low[path.back()] = std::min(low[path.back()], low[node]);
            if (low[node] != order[node]) continue;
            for (std::uint32_t member = unseen; member != node; stack.pop_back()) {
                member = stack.back();
                component[member] = count;
            }
            ++count;
        }
    }
    return component;
}

}  // namespace recon::match
