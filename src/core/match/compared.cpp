#include "core/match/compared.hpp"

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

}  // namespace recon::match
