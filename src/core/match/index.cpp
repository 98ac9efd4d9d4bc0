#include "core/match/index.hpp"

#include <algorithm>
#include <limits>

#include "core/match/radix_sort.hpp"
#include "core/match/window.hpp"

namespace recon::match {

namespace {

constexpr std::uint64_t sign = std::uint64_t{1} << 63;

std::int64_t key_of(const Operand& operand, std::uint32_t row) {
    return operand.form() == Form::wide ? sort_key(operand.wide(row)) : operand.number(row);
}

struct Span {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    std::uint64_t width() const {
        return most < least ? 1 : static_cast<std::uint64_t>(most - least) + 1;
    }
};

Span span_of(const Operand& operand, const Buffer<std::uint32_t>& rows) {
    Span span;
    for (std::uint32_t row : rows) {
        std::int64_t number = operand.number(row);
        span.least = std::min(span.least, number);
        span.most = std::max(span.most, number);
    }
    return span;
}

// One side's order, classes and values.
class Builder {
  public:
    Builder(const Plan& plan, const std::vector<Operand>& operands, const Table& table,
            int currency, Cut cut, const Buffer<std::uint32_t>& rows,
            const Buffer<std::uint32_t>& blocks, StopToken& stop)
        : plan_(plan),
          operands_(operands),
          currency_(currency < 0 ? nullptr
                                 : table.columns[static_cast<std::size_t>(currency)].ids.data()),
          cut_(cut),
          rows_(rows),
          blocks_(blocks),
          stop_(stop) {}

    Side build();

  private:
    void sort();
    void sort_equal(std::size_t begin, std::size_t end);
    std::uint64_t hash(std::uint32_t row) const;
    bool same(std::uint32_t row, std::uint32_t other) const;
    void merge(Side& side);
    void group(Side& side) const;
    template <class T>
    void gather(const Operand& operand, Buffer<T>& out) const {
        out.resize(first_rows_.size());
        operand.gather({first_rows_.data(), first_rows_.size()}, out.data());
    }
    const Operand* operand(int check) const {
        return check < 0 ? nullptr : &operands_[static_cast<std::size_t>(check)];
    }

    const Plan& plan_;
    const std::vector<Operand>& operands_;
    const std::uint32_t* currency_;
    Cut cut_;
    const Buffer<std::uint32_t>& rows_;    // ascending
    const Buffer<std::uint32_t>& blocks_;  // of each
    StopToken& stop_;
    Buffer<SortEntry> entries_;         // value: position in rows_
    Buffer<std::uint32_t> first_rows_;  // of each class
    Buffer<std::uint32_t> blocks_of_;   // likewise
};

void Builder::sort() {
    const Operand* bucket = operand(cut_.bucket);
    const Operand* sweep = operand(cut_.sweep);
    Span span = bucket == nullptr ? Span{} : span_of(*bucket, rows_);
    entries_.resize(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        std::uint64_t group = blocks_[i];
        if (bucket != nullptr)
            group = group * span.width() +
                    static_cast<std::uint64_t>(bucket->number(rows_[i]) - span.least);
        std::uint64_t key =
            sweep == nullptr ? 0 : static_cast<std::uint64_t>(key_of(*sweep, rows_[i])) ^ sign;
        entries_[i] = {key, static_cast<std::uint32_t>(group), static_cast<std::uint32_t>(i)};
    }
    check_stop(stop_);
    radix_sort(entries_);
    check_stop(stop_);
}

std::uint64_t Builder::hash(std::uint32_t row) const {
    std::uint64_t hash = 0;
    for (const Operand& operand : operands_) hash = operand.hash(row, hash);
    return currency_ == nullptr ? hash : hash_word(hash, std::uint64_t{currency_[row]});
}

bool Builder::same(std::uint32_t row, std::uint32_t other) const {
    for (const Operand& operand : operands_)
        if (!operand.same(row, operand, other)) return false;
    return currency_ == nullptr || currency_[row] == currency_[other];
}

// Brings equal ones of equal sort keys together.
void Builder::sort_equal(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) entries_[i].low = hash(rows_[entries_[i].value]);
    std::sort(entries_.begin() + begin, entries_.begin() + end,
              [](const SortEntry& x, const SortEntry& y) {
                  return x.low != y.low ? x.low < y.low : x.value < y.value;
              });
}

void Builder::merge(Side& side) {
    StopCheck stop(stop_);
    side.rows.reserve(rows_.size());
    side.begins.reserve(rows_.size() + 1);
    first_rows_.reserve(rows_.size());
    blocks_of_.reserve(rows_.size());
    for (std::size_t begin = 0; begin < entries_.size();) {
        std::size_t end = begin + 1;
        while (end < entries_.size() && entries_[end].high == entries_[begin].high &&
               entries_[end].low == entries_[begin].low)
            ++end;
        if (end - begin > 1) sort_equal(begin, end);
        for (std::size_t i = begin; i < end; ++i) {
            stop();
            std::uint32_t row = rows_[entries_[i].value];
            if (i == begin || !same(row, first_rows_[first_rows_.size() - 1])) {
                side.begins.push_back(static_cast<std::uint32_t>(side.rows.size()));
                first_rows_.push_back(row);
                blocks_of_.push_back(blocks_[entries_[i].value]);
            }
            side.rows.push_back(row);
        }
        begin = end;
    }
    side.begins.push_back(static_cast<std::uint32_t>(side.rows.size()));
    entries_ = Buffer<SortEntry>();
}

void Builder::group(Side& side) const {
    const Buffer<std::int64_t>* buckets =
        cut_.bucket < 0 ? nullptr : &side.values[static_cast<std::size_t>(cut_.bucket)].numbers;
    for (std::size_t place = 0; place < first_rows_.size(); ++place) {
        std::int64_t bucket = buckets == nullptr ? 0 : (*buckets)[place];
        std::uint32_t block = blocks_of_[place];
        if (!side.groups.empty() && side.groups.back().block == block &&
            side.groups.back().bucket == bucket)
            continue;
        while (side.block_begins.size() <= block)
            side.block_begins.push_back(static_cast<std::uint32_t>(side.groups.size()));
        side.groups.push_back({bucket, block, static_cast<std::uint32_t>(place)});
    }
    side.block_begins.push_back(static_cast<std::uint32_t>(side.groups.size()));
    side.groups.push_back({0, no_id, static_cast<std::uint32_t>(first_rows_.size())});
}

Side Builder::build() {
    Side side;
    sort();
    merge(side);
    check_stop(stop_);
    side.values.resize(plan_.checks.size());
    for (std::size_t i = 0; i < plan_.checks.size(); ++i) {
        if (is_implied(plan_.checks[i])) continue;  // equal in a block
        switch (plan_.checks[i].form) {
            case Form::ids:
                gather(operands_[i], side.values[i].ids);
                break;
            case Form::numbers:
                gather(operands_[i], side.values[i].numbers);
                break;
            case Form::wide:
                gather(operands_[i], side.values[i].wide);
                break;
        }
        check_stop(stop_);
    }
    if (currency_ != nullptr) {
        side.currency.resize(first_rows_.size());
        for (std::size_t i = 0; i < first_rows_.size(); ++i)
            side.currency[i] = currency_[first_rows_[i]];
    }
    group(side);
    return side;
}

std::size_t bytes_of(const Side& side) {
    std::size_t bytes = (side.rows.capacity() + side.begins.capacity() +
                         side.block_begins.capacity() + side.currency.capacity()) *
                            sizeof(std::uint32_t) +
                        side.groups.capacity() * sizeof(Group);
    for (const Values& values : side.values) bytes += values.bytes();
    return bytes;
}

// Radix sorting holds the entries twice; what follows it holds less.
std::size_t bytes_to_build(std::size_t rows) {
    return rows * 2 * sizeof(SortEntry);
}

// Texts to be compared by similarity get numbers of their own, so that only those are prepared.
void number_similar(const Plan& plan, Index& index, Reservation& memory) {
    index.similar.resize(plan.checks.size());
    index.prepared.resize(plan.checks.size());
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        if (plan.checks[i].kind != CheckKind::similar) continue;
        Reservation passing(memory.budget());
        passing.take((plan.a->texts().size() + 1) * sizeof(std::uint32_t));
        std::vector<std::uint32_t> numbers(plan.a->texts().size() + 1);
        Buffer<std::uint32_t>& texts = index.similar[i];
        for (Side* side : {&index.a, &index.b})
            for (std::uint32_t& id : side->values[i].ids) {
                if (id == 0) continue;
                if (numbers[id] == 0) {
                    texts.push_back(id);
                    numbers[id] = static_cast<std::uint32_t>(texts.size());
                }
                id = numbers[id];
            }
        memory.take(texts.bytes());
    }
}

}  // namespace

Index make_index(const Plan& plan, const Operands& operands, Blocks blocks, Cut cut,
                 Reservation& memory, StopToken& stop) {
    Index index;
    if (cut.bucket >= 0) {
        auto i = static_cast<std::size_t>(cut.bucket);
        std::uint64_t widest = std::max(span_of(operands.a[i], blocks.rows_a).width(),
                                        span_of(operands.b[i], blocks.rows_b).width());
        // So many blocks hold little each: they need no buckets.
        if (widest > no_id / std::max<std::uint64_t>(blocks.count, 1)) {
            if (cut.sweep < 0) cut.sweep = cut.bucket;
            cut.bucket = -1;
        }
    }
    index.cut = cut;
    auto build = [&](const std::vector<Operand>& own, const Table& table, int currency,
                     Buffer<std::uint32_t>& rows, Buffer<std::uint32_t>& of) {
        std::size_t transient = bytes_to_build(rows.size());
        memory.take(transient);
        Side side = Builder(plan, own, table, currency, cut, rows, of, stop).build();
        memory.give(transient);
        memory.take(bytes_of(side));
        memory.give(rows.size() * 2 * sizeof(std::uint32_t));
        rows = Buffer<std::uint32_t>();
        of = Buffer<std::uint32_t>();
        return side;
    };
    index.a = build(operands.a, *plan.a, plan.currency_a, blocks.rows_a, blocks.of_a);
    index.b = build(operands.b, *plan.b, plan.currency_b, blocks.rows_b, blocks.of_b);
    number_similar(plan, index, memory);
    if (cut.sweep >= 0) {
        const Values& values = index.b.values[static_cast<std::size_t>(cut.sweep)];
        memory.take(index.b.classes() * sizeof(std::int64_t));
        index.sweep_keys.resize(index.b.classes());
        for (std::size_t c = 0; c < index.b.classes(); ++c)
            index.sweep_keys[c] =
                values.wide.empty() ? values.numbers[c] : sort_key(values.wide[c]);
    }
    return index;
}

}  // namespace recon::match
