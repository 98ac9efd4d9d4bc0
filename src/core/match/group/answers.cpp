// All sets that fit one record, or the sum that comes nearest.
#include <algorithm>

#include "core/match/group/group_run.hpp"
#include "core/match/group/many_to_many.hpp"

namespace recon::match::group {

using field::int128;

GroupAnswers GroupRun::answers(bool of_a, std::uint32_t row, std::uint64_t most) {
    GroupAnswers answers;
    answers.complete = true;
    Component component;
    edges_.finish(context_.stop);
    if (!weighing_) return answers;
    if (rule_.cardinality == rule::Cardinality::many_to_many)
        return ManyToMany(rule_, *weighing_, *scores_, a_, b_, context_)
            .answers(edges_, of_a, row, most, scale_);
    if (!edges_.next(component)) return answers;
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
        for (std::uint32_t& rank : ranked.ranks) rank = rows.rank(rank);
        std::sort(ranked.ranks.begin(), ranked.ranks.end());
        order.push_back(std::move(ranked));
    }
    std::sort(order.begin(), order.end(), [](const Ranked& x, const Ranked& y) {
        return x.confidence != y.confidence ? x.confidence > y.confidence : x.ranks < y.ranks;
    });
    auto put = [&](std::span<const SetPart> parts, int128 sum, Billionths confidence) {
        GroupAnswers::Set set{{row}, {row}, {sum, scale_}, confidence};
        (one_is_a() ? set.rows_b : set.rows_a) = rows_of_parts(parts);
        return set;
    };
    for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 2); ++i) {
        const Sets::Set& set = sets.list[order[i].at];
        answers.first.push_back(put(sets.of(set), set.sum, set.confidence));
    }
    if (sets.count > 0) return answers;
    NearestSet nearest = finder.nearest(problem, single, left, context_.limits.group_budget);
    answers.nearest_proven = nearest.proven;
    if (nearest.found) answers.nearest = put(nearest.parts, nearest.sum, 0);
    return answers;
}

}  // namespace recon::match::group
