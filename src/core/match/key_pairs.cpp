#include "core/match/key_pairs.hpp"

#include <algorithm>

namespace recon::match {

namespace {

// Rows of the blocks that have several on either side, in order, block by block.
class Several {
  public:
    Several(const ByBlock& side, const ByBlock& other) : side_(side), other_(other) {}

    template <class Sort>
    void sort(Sort sort) {
        std::vector<std::uint32_t> rows, blocks;
        std::uint32_t most = 0;
        for (std::uint32_t k = 0; k + 2 < side_.begins.size(); ++k) {
            if (side_.size(k) == 1 && other_.size(k) == 1) continue;
            for (std::uint32_t i = side_.begins[k]; i < side_.begins[k + 1]; ++i) {
                rows.push_back(side_.rows[i]);
                most = std::max(most, side_.rows[i]);
            }
            numbers_.push_back(k);
        }
        // Where each row is, to bring the order of all back to the blocks.
        std::vector<std::uint32_t> block_of(rows.empty() ? 0 : std::size_t{most} + 1);
        std::size_t at = 0;
        for (std::size_t n = 0; n < numbers_.size(); ++n)
            for (std::uint32_t i = 0; i < side_.size(numbers_[n]); ++i)
                block_of[rows[at++]] = static_cast<std::uint32_t>(n);
        begins_.assign(numbers_.size() + 2, 0);
        for (std::uint32_t row : rows) ++begins_[block_of[row] + 2];
        for (std::size_t i = 2; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
        sort(rows);
        rows_.resize(rows.size());
        for (std::uint32_t row : rows) rows_[begins_[block_of[row] + 1]++] = row;
    }

    std::size_t blocks() const { return numbers_.size(); }
    std::span<const std::uint32_t> rows(std::size_t n) const {
        return std::span(rows_).subspan(begins_[n], begins_[n + 1] - begins_[n]);
    }

  private:
    const ByBlock& side_;
    const ByBlock& other_;
    std::vector<std::uint32_t> numbers_, begins_, rows_;
};

}  // namespace

KeyPairs pair_blocks(const Blocks& blocks, RowOrder& order, Reservation& memory, StopToken& token) {
    StopCheck stop(token);
    memory.take((blocks.rows_a.size() + blocks.rows_b.size() + 2 * std::size_t{blocks.count}) *
                sizeof(std::uint32_t));
    ByBlock a = by_block(blocks.rows_a, blocks.of_a, blocks.count);
    ByBlock b = by_block(blocks.rows_b, blocks.of_b, blocks.count);

    std::uint32_t end_a = 0;
    for (std::uint32_t row : blocks.rows_a) end_a = std::max(end_a, row + 1);
    memory.take(end_a * sizeof(std::uint32_t));
    Buffer<std::uint32_t> partner;
    partner.resize(end_a);
    std::fill(partner.begin(), partner.end(), no_id);

    KeyPairs result;
    std::size_t count = 0;
    for (std::uint32_t k = 0; k < blocks.count; ++k) {
        if (a.size(k) != 1 || b.size(k) != 1) continue;
        partner[a.rows[a.begins[k]]] = b.rows[b.begins[k]];
        ++count;
    }
    check_stop(token);
    Several several_a(a, b), several_b(b, a);
    several_a.sort([&](std::vector<std::uint32_t>& rows) { order.sort_a(rows); });
    several_b.sort([&](std::vector<std::uint32_t>& rows) { order.sort_b(rows); });
    for (std::size_t n = 0; n < several_a.blocks(); ++n) {
        auto rows_a = several_a.rows(n), rows_b = several_b.rows(n);
        std::size_t both = std::min(rows_a.size(), rows_b.size());
        for (std::size_t i = 0; i < both; ++i) partner[rows_a[i]] = rows_b[i];
        result.left_a.insert(result.left_a.end(),
                             rows_a.begin() + static_cast<std::ptrdiff_t>(both), rows_a.end());
        result.left_b.insert(result.left_b.end(),
                             rows_b.begin() + static_cast<std::ptrdiff_t>(both), rows_b.end());
        count += both;
    }
    memory.take(count * sizeof(Pair));
    result.pairs.reserve(count);
    for (std::uint32_t row : blocks.rows_a) {
        stop();
        if (partner[row] != no_id)
            result.pairs.push_back({row, partner[row], static_cast<std::uint32_t>(one), false});
    }
    return result;
}

}  // namespace recon::match
