#include "core/match/partition.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/match/operands.hpp"
#include "core/match/window.hpp"

namespace recon::match {

namespace {

// Rows that are being split at a time: a share of the budget, and no more than what the processor's
// caches hold of their texts.
constexpr std::size_t chunk_share = 8, most_chunk = std::size_t{4} << 20;
constexpr std::size_t file_buffer = 16 * 1024;

// Rows of one side of a file, some at a time, with the rule bound to them.
class Chunks {
  public:
    Chunks(const Splitting& how, bool is_a, const RowFile& file)
        : how_(how), is_a_(is_a), reader_(file), memory_(how.context.budget) {}

    // False at the end.
    bool next();

    const Table& table() const { return own_; }
    const Plan& plan() const { return plan_; }
    const Operands& operands() const { return *operands_; }
    const std::vector<Operand>& own_operands() const { return is_a_ ? operands_->a : operands_->b; }
    Rows rows() const { return {rows_.data(), rows_.size()}; }
    std::uint32_t number(std::uint32_t row) const { return numbers_[row]; }
    bool is_a() const { return is_a_; }

  private:
    const Splitting& how_;
    bool is_a_;
    RowReader reader_;
    Reservation memory_;
    std::size_t taken_ = 0;
    Table own_, other_;
    Plan plan_;
    std::optional<Operands> operands_;
    std::vector<std::uint32_t> numbers_, rows_;
};

bool Chunks::next() {
    StopCheck stop(how_.context.stop, 256);
    operands_.reset();
    memory_.give(taken_);
    auto texts = std::make_shared<Texts>();
    own_ = (is_a_ ? how_.set.a : how_.set.b).shape(texts);
    other_ = (is_a_ ? how_.set.b : how_.set.a).shape(texts);
    numbers_.clear();
    rows_.clear();
    const std::vector<std::uint8_t>& matched = is_a_ ? how_.matched_a : how_.matched_b;
    std::size_t most = std::min(how_.context.budget.limit() / chunk_share, most_chunk);
    for (std::uint32_t number = 0; own_.bytes() + texts->bytes() < most && reader_.next(number);) {
        stop();
        if (matched[number] != 0) {
            reader_.skip(own_);
            continue;
        }
        rows_.push_back(static_cast<std::uint32_t>(numbers_.size()));
        numbers_.push_back(number);
        reader_.add_to(own_);
    }
    if (numbers_.empty()) return false;
    taken_ = own_.bytes() + texts->bytes() +
             (numbers_.capacity() + rows_.capacity()) * sizeof(std::uint32_t);
    memory_.take(taken_);
    plan_ =
        make_plan(is_a_ ? own_ : other_, is_a_ ? other_ : own_, how_.rule, how_.context.calendars);
    operands_ = bind_operands(plan_, is_a_ ? rows() : Rows(), is_a_ ? Rows() : rows(), memory_,
                              how_.context.stop);
    return true;
}

// The value itself, not its number in a dictionary or its width: it must not depend on the chunk.
// False for NULL.
bool add_to_hash(const Texts& texts, const Operand& operand, std::uint32_t row,
                 std::uint64_t& hash) {
    if (!operand.is_known(row)) return false;
    if (operand.form() == Form::ids)
        hash = hash_word(hash, Texts::hash(texts.view(operand.id(row))));
    else
        hash = hash_word(hash, operand.form() == Form::wide ? operand.wide(row)
                                                            : field::int128{operand.number(row)});
    return true;
}

std::vector<FilePart> make_parts(const Splitting& how, std::size_t count) {
    std::vector<FilePart> parts(count);
    for (FilePart& part : parts) {
        part.a = std::make_unique<RowFile>(*how.context.files, file_buffer);
        part.b = std::make_unique<RowFile>(*how.context.files, file_buffer);
    }
    return parts;
}

void finish(std::vector<FilePart>& parts) {
    for (FilePart& part : parts) {
        part.a->finish();
        part.b->finish();
    }
}

field::int128 value_at(const Operand& operand, std::uint32_t row) {
    return operand.form() == Form::wide ? operand.wide(row) : field::int128{operand.number(row)};
}

// Decimals have 128 bits in one part and 64 in another: their keys are those of 128.
std::int64_t key_of(const Check& check, field::int128 value) {
    return check.kind == CheckKind::decimal ? sort_key(value)
                                            : sort_key(static_cast<std::int64_t>(value));
}
Window reach_of(const Check& check, field::int128 value) {
    return check.kind == CheckKind::decimal ? window_of(check, value)
                                            : window_of(check, static_cast<std::int64_t>(value));
}

// Values of a range condition: those of a sample, in order.
struct Sample {
    std::vector<field::int128> a, b;
};

void sample_side(const Splitting& how, bool is_a, const RowFile& file, std::size_t check,
                 std::vector<field::int128>& values) {
    constexpr std::uint32_t wanted = 1 << 14;
    std::uint32_t step = std::max<std::uint32_t>(1, file.rows() / wanted), at = 0;
    for (Chunks chunks(how, is_a, file); chunks.next();)
        for (std::uint32_t row : chunks.rows()) {
            const Operand& operand = chunks.own_operands()[check];
            if (at++ % step == 0 && operand.is_known(row)) values.push_back(value_at(operand, row));
        }
    std::sort(values.begin(), values.end());
}

// The share of B that a row of A is compared with.
double share_within(const Check& check, const Sample& sample) {
    if (sample.a.empty() || sample.b.empty()) return 0;
    std::vector<std::int64_t> keys;
    for (field::int128 value : sample.b) keys.push_back(key_of(check, value));
    double sum = 0;
    for (field::int128 value : sample.a) {
        Window window = reach_of(check, value);
        sum += static_cast<double>(std::upper_bound(keys.begin(), keys.end(), window.high) -
                                   std::lower_bound(keys.begin(), keys.end(), window.low));
    }
    return sum / static_cast<double>(sample.a.size()) / static_cast<double>(keys.size());
}

// Slices of A's values, and what of B is within reach of each.
class Slices {
  public:
    Slices(const Sample& sample, std::size_t parts) {
        std::vector<field::int128> all = sample.a;
        all.insert(all.end(), sample.b.begin(), sample.b.end());
        std::sort(all.begin(), all.end());
        for (std::size_t i = 1; i < parts; ++i) {
            field::int128 cut = all[all.size() * i / parts];
            if (cuts_.empty() || cuts_.back() < cut) cuts_.push_back(cut);
        }
        least_.resize(cuts_.size() + 1);
        most_.resize(cuts_.size() + 1);
        used_.resize(cuts_.size() + 1);
    }
    std::size_t count() const { return used_.size(); }

    std::size_t add(field::int128 value) {  // of A; its slice
        auto i = static_cast<std::size_t>(std::upper_bound(cuts_.begin(), cuts_.end(), value) -
                                          cuts_.begin());
        least_[i] = used_[i] != 0 ? std::min(least_[i], value) : value;
        most_[i] = used_[i] != 0 ? std::max(most_[i], value) : value;
        used_[i] = 1;
        return i;
    }

    void close(const Check& check) {
        for (std::size_t i = 0; i < count(); ++i)
            reach_.push_back(used_[i] != 0 ? Window{reach_of(check, least_[i]).low,
                                                    reach_of(check, most_[i]).high}
                                           : Window{1, 0});
    }
    template <class F>
    void for_each(const Check& check, field::int128 value, F each) const {  // of B; its slices
        std::int64_t key = key_of(check, value);
        for (std::size_t i = 0; i < count(); ++i)
            if (reach_[i].holds(key)) each(i);
    }

  private:
    std::vector<field::int128> cuts_, least_, most_;
    std::vector<char> used_;
    std::vector<Window> reach_;
};

}  // namespace

std::vector<FilePart> split_by_keys(const Splitting& how, const RowFile& a, const RowFile& b,
                                    std::size_t count, std::uint64_t salt) {
    auto texts = std::make_shared<Texts>();
    Table shape_a = how.set.a.shape(texts), shape_b = how.set.b.shape(texts);
    if (!make_plan(shape_a, shape_b, how.rule, how.context.calendars).has_keys()) return {};
    std::vector<FilePart> parts = make_parts(how, count);
    StopCheck stop(how.context.stop, 256);
    for (bool is_a : {true, false}) {
        for (Chunks chunks(how, is_a, is_a ? a : b); chunks.next();) {
            for (std::uint32_t row : chunks.rows()) {
                stop();
                std::uint64_t hash = mix(salt);
                bool known = true;
                for (const Key& key : chunks.operands().keys)
                    known = known &&
                            add_to_hash(chunks.table().texts(), is_a ? key.a : key.b, row, hash);
                if (!known) continue;
                FilePart& part = parts[hash % count];
                (is_a ? part.a : part.b)->add(chunks.table(), row, chunks.number(row));
            }
        }
    }
    finish(parts);
    return parts;
}

std::vector<FilePart> split_by_range(const Splitting& how, const RowFile& a, const RowFile& b,
                                     std::size_t count) {
    auto texts = std::make_shared<Texts>();
    Table shape_a = how.set.a.shape(texts), shape_b = how.set.b.shape(texts);
    Plan plan = make_plan(shape_a, shape_b, how.rule, how.context.calendars);
    std::size_t best = plan.checks.size();
    Sample best_sample;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        if (!plan.checks[i].required() || !plan.checks[i].is_range()) continue;
        Sample sample;
        sample_side(how, true, a, i, sample.a);
        sample_side(how, false, b, i, sample.b);
        double share = share_within(plan.checks[i], sample);
        if (share >= least) continue;
        least = share;
        best = i;
        best_sample = std::move(sample);
    }
    if (best == plan.checks.size() || best_sample.a.empty() || best_sample.b.empty()) return {};

    Slices slices(best_sample, count);
    std::vector<FilePart> parts = make_parts(how, slices.count());
    StopCheck stop(how.context.stop, 256);
    for (Chunks chunks(how, true, a); chunks.next();)
        for (std::uint32_t row : chunks.rows()) {
            stop();
            const Operand& operand = chunks.own_operands()[best];
            if (operand.is_known(row))
                parts[slices.add(value_at(operand, row))].a->add(chunks.table(), row,
                                                                 chunks.number(row));
        }
    slices.close(plan.checks[best]);
    for (Chunks chunks(how, false, b); chunks.next();)
        for (std::uint32_t row : chunks.rows()) {
            stop();
            const Operand& operand = chunks.own_operands()[best];
            if (operand.is_known(row))
                slices.for_each(plan.checks[best], value_at(operand, row), [&](std::size_t i) {
                    parts[i].b->add(chunks.table(), row, chunks.number(row));
                });
        }
    finish(parts);
    return parts;
}

Table read_part(const Splitting& how, bool is_a, const RowFile& file, std::shared_ptr<Texts> texts,
                std::vector<std::uint32_t>& numbers, Reservation& memory) {
    StopCheck stop(how.context.stop, 256);
    const std::vector<std::uint8_t>& matched = is_a ? how.matched_a : how.matched_b;
    Table table = (is_a ? how.set.a : how.set.b).shape(texts);
    std::size_t taken = texts->bytes(), asked = 0;
    RowReader reader(file);
    auto settle = [&] {
        std::size_t now = table.bytes() + texts->bytes();
        if (now > taken) memory.take(now - taken);
        taken = std::max(taken, now);
    };
    for (std::uint32_t number = 0; reader.next(number);) {
        stop();
        if (matched[number] != 0) {
            reader.skip(table);
            continue;
        }
        numbers.push_back(number);
        reader.add_to(table);
        if ((++asked & 255) == 0) settle();
    }
    settle();
    return table;
}

}  // namespace recon::match
