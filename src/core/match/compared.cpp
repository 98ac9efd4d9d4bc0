#include "core/match/compared.hpp"

#include "core/match/candidate_finder.hpp"
#include "core/match/engine.hpp"

namespace recon::match {

Compared prepare(const Plan& plan, Operands& operands, Blocks blocks, TextsGrowth& growth,
                 Reservation& memory, Context& context) {
    derive_texts(plan, operands, {blocks.rows_a.data(), blocks.rows_a.size()},
                 {blocks.rows_b.data(), blocks.rows_b.size()}, memory, context.stop);
    growth.count();
    CutChoice choice = choose_cut(plan, operands, blocks);
    Compared compared{
        make_index(plan, operands, std::move(blocks), choice.cut, memory, context.stop),
        choice.comparisons,
        {}};
    compared.ways = choose_ways(plan, compared.index, context.limits, memory, context.stop);
    return compared;
}

void find_candidates(const Plan& plan, const Compared& compared, CandidateSink& sink, Below& below,
                     Reservation& memory, Context& context) {
    const Index& index = compared.index;
    if (context.finder != nullptr)
        context.finder->find(plan, index, compared.comparisons(), sink, below, memory,
                             context.stop);
    else
        CandidateSearch(plan, index, sink, below, memory, context.stop).run(0, index.a.classes());
}

}  // namespace recon::match
