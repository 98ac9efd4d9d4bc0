#include "core/match/strong.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

namespace {

constexpr std::uint32_t unseen = 0xFFFFFFFFu;

std::uint32_t other_end(const Link& link, std::uint32_t node) {
    return link.from == node ? link.to : link.from;
}

}  // namespace

void CycleFinder::find(std::uint32_t nodes, const std::vector<Link>& links,
                       std::vector<std::uint8_t>& on_cycle, WorkCheck& stop) {
    begins_.assign(nodes + 1, 0);
    for (const Link& link : links) {
        ++begins_[link.from + 1];
        ++begins_[link.to + 1];
    }
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    around_.resize(links.size() * 2);
    next_.assign(begins_.begin(), begins_.end() - 1);
    for (std::uint32_t i = 0; i < links.size(); ++i) {
        around_[next_[links[i].from]++] = i;
        around_[next_[links[i].to]++] = i;
    }
    find_components(nodes, links, stop);
    find_bridges(nodes, links, on_cycle, stop);
}

void CycleFinder::find_components(std::uint32_t nodes, const std::vector<Link>& links,
                                  WorkCheck& stop) {
    next_.assign(begins_.begin(), begins_.end() - 1);
    order_.assign(nodes, unseen);
    low_.assign(nodes, 0);
    component_.assign(nodes, unseen);
    std::uint32_t seen = 0, count = 0;
    for (std::uint32_t root = 0; root < nodes; ++root) {
        if (order_[root] != unseen) continue;
        path_.push_back(root);
        while (!path_.empty()) {
            stop(1);
            std::uint32_t node = path_.back();
            if (order_[node] == unseen) {
                order_[node] = low_[node] = seen++;
                stack_.push_back(node);
            }
            if (next_[node] < begins_[node + 1]) {
                const Link& link = links[around_[next_[node]++]];
                if (!(link.from == node ? link.forth : link.back)) continue;
                std::uint32_t target = other_end(link, node);
                if (order_[target] == unseen) {
                    path_.push_back(target);
                } else if (component_[target] == unseen) {
                    low_[node] = std::min(low_[node], order_[target]);
                }
                continue;
            }
            path_.pop_back();
            if (!path_.empty()) low_[path_.back()] = std::min(low_[path_.back()], low_[node]);
            if (low_[node] != order_[node]) continue;
            for (std::uint32_t member = unseen; member != node; stack_.pop_back()) {
                member = stack_.back();
                component_[member] = count;
            }
            ++count;
        }
    }
}

// In each component, direction apart: a link is a bridge where nothing behind it reaches back.
void CycleFinder::find_bridges(std::uint32_t nodes, const std::vector<Link>& links,
                               std::vector<std::uint8_t>& on_cycle, WorkCheck& stop) {
    on_cycle.resize(links.size());
    for (std::size_t i = 0; i < links.size(); ++i)
        on_cycle[i] = component_[links[i].from] == component_[links[i].to] ? 1 : 0;
    next_.assign(begins_.begin(), begins_.end() - 1);
    order_.assign(nodes, unseen);
    entered_by_.assign(nodes, unseen);
    std::uint32_t seen = 0;
    for (std::uint32_t root = 0; root < nodes; ++root) {
        if (order_[root] != unseen) continue;
        order_[root] = low_[root] = seen++;
        path_.push_back(root);
        while (!path_.empty()) {
            stop(1);
            std::uint32_t node = path_.back();
            if (next_[node] < begins_[node + 1]) {
                std::uint32_t i = around_[next_[node]++];
                std::uint32_t target = other_end(links[i], node);
                if (component_[target] != component_[node] || i == entered_by_[node]) continue;
                if (order_[target] == unseen) {
                    order_[target] = low_[target] = seen++;
                    entered_by_[target] = i;
                    path_.push_back(target);
                } else {
                    low_[node] = std::min(low_[node], order_[target]);
                }
                continue;
            }
            path_.pop_back();
            if (path_.empty()) continue;
            low_[path_.back()] = std::min(low_[path_.back()], low_[node]);
            if (low_[node] == order_[node]) on_cycle[entered_by_[node]] = 0;
        }
    }
}

}  // namespace recon::match
