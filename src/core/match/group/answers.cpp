// All sets that fit one record, or the sum that comes nearest.
#include <algorithm>

#include "core/match/group/group_run.hpp"

namespace recon::match::group {

GroupAnswers GroupRun::answers(std::uint64_t most) {
    GroupAnswers answers;
    answers.complete = true;
    Component component;
    edges_.finish(context_.stop);
    if (!weighing_ || !edges_.next(component)) return answers;
    Problem problem;
    Ordering ordering;
    make_problem(component, problem);
    ordering.order(problem, *scores_, context_.stop);
    std::span<const std::uint32_t> many = one_is_a() ? component.b : component.a;
    ClassRows rows(members(), context_.budget);
    std::vector<std::uint32_t> left, ranks;
    for (const MemberClass& member : problem.members) {
        left.push_back(member.records);
        answers.candidates += member.records;
    }
    for (std::uint32_t c : many) rows.want(c);
    rows.sort(context_.order);

    SetFinder finder(*weighing_, *scores_, static_cast<unsigned>(rule_.max_group), context_.budget,
                     context_.stop);
    Sets sets;
    const Single& single = problem.singles[0];
    finder.find(problem, single, left, most, context_.limits.group_budget, sets);
    answers.sets = sets.count;
    answers.complete = sets.complete;
    auto rows_of_parts = [&](std::span<const SetPart> parts) {
        std::vector<std::uint32_t> found;
        for (const SetPart& part : parts)
            for (std::uint32_t n = 0; n < part.count; ++n)
                found.push_back(rows.peek(many[ordering.members[part.member]], n));
        std::sort(found.begin(), found.end());
        return found;
    };
    struct Ranked {
        Billionths confidence;
        std::vector<std::uint32_t> ranks;
        std::size_t at;
    };
    std::vector<Ranked> order;
    for (std::size_t i = 0; i < sets.list.size(); ++i) {
        Ranked ranked{sets.list[i].confidence, rows_of_parts(sets.of(sets.list[i])), i};
        for (std::uint32_t& row : ranked.ranks) row = rows.rank(row);
        std::sort(ranked.ranks.begin(), ranked.ranks.end());
        order.push_back(std::move(ranked));
    }
    std::sort(order.begin(), order.end(), [](const Ranked& x, const Ranked& y) {
        return x.confidence != y.confidence ? x.confidence > y.confidence : x.ranks < y.ranks;
    });
    for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 2); ++i) {
        const Sets::Set& set = sets.list[order[i].at];
        answers.first.push_back({rows_of_parts(sets.of(set)), {set.sum, scale_}, set.confidence});
    }
    if (sets.count > 0) return answers;
    NearestSet nearest = finder.nearest(problem, single, left, context_.limits.group_budget);
    answers.nearest_proven = nearest.proven;
    if (nearest.found)
        answers.nearest = GroupAnswers::Set{rows_of_parts(nearest.parts), {nearest.sum, scale_}, 0};
    return answers;
}

}  // namespace recon::match::group
