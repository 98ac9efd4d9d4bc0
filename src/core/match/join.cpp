#include "core/match/join.hpp"

#include <algorithm>
#include <array>

namespace recon::match {

namespace {

constexpr std::size_t group = 64;  // rows hashed and prefetched together

// One side of the join: its rows, and what of its operands makes the key or must be known.
class JoinSide {
  public:
    JoinSide(const Plan& plan, const Operands& operands, bool is_a, Rows rows) : rows_(rows) {
        for (const Key& key : operands.keys) keys_.push_back(is_a ? &key.a : &key.b);
        const std::vector<Operand>& own = is_a ? operands.a : operands.b;
        for (std::size_t i = 0; i < plan.checks.size(); ++i)
            if (plan.checks[i].required() && !is_key(plan.checks[i])) known_.push_back(&own[i]);
    }

    std::size_t size() const { return rows_.size(); }
    std::uint32_t row(std::size_t at) const { return rows_[at]; }

    // Of `count` rows from `first`: hashes of the keys, and whether all that must be is known.
    void hash(std::size_t first, std::size_t count, std::uint64_t* hashes, bool* known) const {
        Rows rows = rows_.subspan(first, count);
        std::fill_n(hashes, count, 0);
        std::fill_n(known, count, true);
        for (const Operand* key : keys_) {
            switch (key->form()) {
                case Form::ids:
                    fold<std::uint32_t>(*key, rows, 0, hashes, known);
                    break;
                case Form::numbers:
                    fold<std::int64_t>(*key, rows, null_number, hashes, known);
                    break;
                case Form::wide:
                    fold<field::int128>(*key, rows, null_wide, hashes, known);
                    break;
            }
        }
        for (const Operand* operand : known_)
            for (std::size_t i = 0; i < count; ++i)
                if (!operand->is_known(rows[i])) known[i] = false;
    }

    void prefetch(std::size_t at) const {
        for (const Operand* key : keys_) key->prefetch(rows_[at]);
    }
    bool same(std::size_t at, const JoinSide& other, std::size_t other_at) const {
        for (std::size_t i = 0; i < keys_.size(); ++i)
            if (!keys_[i]->same(rows_[at], *other.keys_[i], other.rows_[other_at])) return false;
        return true;
    }

  private:
    template <class T>
    static void fold(const Operand& key, Rows rows, T null, std::uint64_t* hashes, bool* known) {
        std::array<T, group> values;
        key.gather(rows, values.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (values[i] == null) known[i] = false;
            if constexpr (sizeof(T) == 16)
                hashes[i] = hash_word(hashes[i], values[i]);
            else
                hashes[i] = hash_word(hashes[i], static_cast<std::uint64_t>(values[i]));
        }
    }

    Rows rows_;
    std::vector<const Operand*> keys_, known_;
};

// Places of the building side by key: the first of each block stands for it.
class Join {
  public:
    Join(const JoinSide& build, const JoinSide& probe, StopToken& stop)
        : build_(build), probe_(probe), table_(build.size()), stop_(stop, 64) {}

    // The block of each row, or no_id.
    void build(Buffer<std::uint32_t>& blocks) {
        blocks.resize(build_.size());
        in_groups(build_, [&](std::size_t at, std::uint64_t hash, bool known) {
            if (!known) {
                blocks[at] = no_id;
                return;
            }
            auto own = static_cast<std::uint32_t>(at);
            std::uint32_t first = table_.find_or_insert(
                hash, own, [&](std::uint32_t other) { return build_.same(at, build_, other); });
            blocks[at] = first == own ? count_++ : blocks[first];
        });
    }

    void probe(const Buffer<std::uint32_t>& built, Buffer<std::uint32_t>& blocks) {
        blocks.resize(probe_.size());
        in_groups(probe_, [&](std::size_t at, std::uint64_t hash, bool known) {
            std::uint32_t first = no_id;
            if (known)
                first = table_.find(
                    hash, [&](std::uint32_t other) { return probe_.same(at, build_, other); });
            blocks[at] = first == no_id ? no_id : built[first];
        });
    }

    std::uint32_t count() const { return count_; }

  private:
    // Hashes a group, then brings the slots and the values behind them near while others are waited
    // for.
    template <class Each>
    void in_groups(const JoinSide& side, Each each) {
        std::array<std::uint64_t, group> hashes;
        std::array<bool, group> known;
        for (std::size_t first = 0; first < side.size(); first += group) {
            stop_();
            std::size_t count = std::min(group, side.size() - first);
            side.hash(first, count, hashes.data(), known.data());
            for (std::size_t i = 0; i < count; ++i) table_.prefetch(hashes[i]);
            for (std::size_t i = 0; i < count; ++i)
                if (std::uint32_t at = table_.first(hashes[i]); at != no_id) build_.prefetch(at);
            for (std::size_t i = 0; i < count; ++i) each(first + i, hashes[i], known[i]);
        }
    }

    const JoinSide& build_;
    const JoinSide& probe_;
    IdTable table_;
    StopCheck stop_;
    std::uint32_t count_ = 0;
};

// Leaves the rows that have a block with a number, and that number.
void keep(Rows open, const Buffer<std::uint32_t>& numbers, Buffer<std::uint32_t>& blocks,
          Buffer<std::uint32_t>& rows) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        kept += blocks[i] != no_id && numbers[blocks[i]] != no_id ? 1 : 0;
    rows.reserve(kept);
    std::size_t at = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (blocks[i] == no_id || numbers[blocks[i]] == no_id) continue;
        rows.push_back(open[i]);
        blocks[at++] = numbers[blocks[i]];
    }
    blocks.resize(at);
    blocks.shrink_to_fit();
}

}  // namespace

Blocks join(const Plan& plan, const Operands& operands, Rows open_a, Rows open_b,
            Reservation& memory, StopToken& stop) {
    bool build_a = open_a.size() < open_b.size();
    JoinSide a(plan, operands, true, open_a), b(plan, operands, false, open_b);
    std::size_t smaller = std::min(open_a.size(), open_b.size());
    std::size_t table_bytes = IdTable::bytes_for(smaller);
    memory.take((open_a.size() + open_b.size()) * 2 * sizeof(std::uint32_t) + table_bytes);
    Blocks result;
    Buffer<std::uint32_t> numbers;
    {
        Join joined(build_a ? a : b, build_a ? b : a, stop);
        joined.build(build_a ? result.of_a : result.of_b);
        joined.probe(build_a ? result.of_a : result.of_b, build_a ? result.of_b : result.of_a);
        // Blocks are numbered anew in order of their first row on the probing side.
        numbers.resize(joined.count());
    }
    memory.give(table_bytes);
    std::fill(numbers.begin(), numbers.end(), no_id);
    for (std::uint32_t block : build_a ? result.of_b : result.of_a)
        if (block != no_id && numbers[block] == no_id) numbers[block] = result.count++;
    keep(open_a, numbers, result.of_a, result.rows_a);
    keep(open_b, numbers, result.of_b, result.rows_b);
    std::size_t dropped =
        open_a.size() + open_b.size() - result.rows_a.size() - result.rows_b.size();
    memory.give(dropped * 2 * sizeof(std::uint32_t));
    return result;
}

ByBlock by_block(const Buffer<std::uint32_t>& rows, const Buffer<std::uint32_t>& of,
                 std::uint32_t count) {
    ByBlock result;
    result.begins.resize(count + 2);
    std::fill(result.begins.begin(), result.begins.end(), 0);
    // Counted two places ahead, so that filling moves each beginning to where it belongs.
    for (std::uint32_t block : of) ++result.begins[block + 2];
    for (std::size_t i = 2; i < result.begins.size(); ++i) result.begins[i] += result.begins[i - 1];
    result.rows.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) result.rows[result.begins[of[i] + 1]++] = rows[i];
    return result;
}

}  // namespace recon::match
