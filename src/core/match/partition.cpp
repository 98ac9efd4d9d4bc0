#include "core/match/partition.hpp"

#include <algorithm>
#include <limits>

#include "core/match/row_value.hpp"
#include "core/match/window.hpp"

namespace recon::match {

namespace {

constexpr std::size_t file_buffer = 16 * 1024;

// The rule bound to rows of which none is in memory.
struct Shape {
    explicit Shape(const Splitting& how)
        : texts(std::make_shared<Texts>()),
          a(how.set.a.shape(texts)),
          b(how.set.b.shape(texts)),
          plan(make_plan(a, b, how.rule, how.context.calendars)) {}

    std::shared_ptr<Texts> texts;
    Table a, b;
    Plan plan;
};

// Calls each(row) for the rows of a file that are not matched.
template <class F>
void for_open_rows(const Splitting& how, bool is_a, const RowFile& file, const Table& shape,
                   F&& each) {
    StopCheck stop(how.context.stop, 256);
    const std::vector<std::uint8_t>& matched = is_a ? how.matched_a : how.matched_b;
    for (RowReader reader(file, shape); reader.next();) {
        stop();
        if (matched[reader.row().number()] == 0) each(reader.row());
    }
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

void sample_side(const Splitting& how, const Shape& shape, bool is_a, const RowFile& file,
                 const Check& check, std::vector<field::int128>& values) {
    constexpr std::uint32_t wanted = 1 << 14;
    std::uint32_t step = std::max<std::uint32_t>(1, file.rows() / wanted), at = 0;
    RowValue value(check, is_a);
    field::int128 number = 0;
    for_open_rows(how, is_a, file, is_a ? shape.a : shape.b, [&](const RowView& row) {
        if (at++ % step == 0 && value.read(row, number)) values.push_back(number);
    });
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
    Shape shape(how);
    if (!shape.plan.has_keys()) return {};
    std::vector<FilePart> parts = make_parts(how, count);
    for (bool is_a : {true, false}) {
        std::vector<RowValue> keys = key_values(shape.plan, is_a);
        for_open_rows(how, is_a, is_a ? a : b, is_a ? shape.a : shape.b, [&](const RowView& row) {
            std::uint64_t hash = mix(salt);
            for (RowValue& key : keys)
                if (!key.add_to_hash(row, hash)) return;
            FilePart& part = parts[hash % count];
            (is_a ? part.a : part.b)->add(row);
        });
    }
    finish(parts);
    return parts;
}

std::vector<FilePart> split_by_range(const Splitting& how, const RowFile& a, const RowFile& b,
                                     std::size_t count) {
    Shape shape(how);
    const Check* best = nullptr;
    Sample best_sample;
    double least = std::numeric_limits<double>::infinity();
    for (const Check& check : shape.plan.checks) {
        if (!check.required() || !check.is_range()) continue;
        Sample sample;
        sample_side(how, shape, true, a, check, sample.a);
        sample_side(how, shape, false, b, check, sample.b);
        double share = share_within(check, sample);
        if (share >= least) continue;
        least = share;
        best = &check;
        best_sample = std::move(sample);
    }
    if (best == nullptr || best_sample.a.empty() || best_sample.b.empty()) return {};

    Slices slices(best_sample, count);
    std::vector<FilePart> parts = make_parts(how, slices.count());
    field::int128 number = 0;
    RowValue value_a(*best, true), value_b(*best, false);
    for_open_rows(how, true, a, shape.a, [&](const RowView& row) {
        if (value_a.read(row, number)) parts[slices.add(number)].a->add(row);
    });
    slices.close(*best);
    for_open_rows(how, false, b, shape.b, [&](const RowView& row) {
        if (!value_b.read(row, number)) return;
        slices.for_each(*best, number, [&](std::size_t i) { parts[i].b->add(row); });
    });
    finish(parts);
    return parts;
}

Table read_part(const Splitting& how, bool is_a, const RowFile& file, std::shared_ptr<Texts> texts,
                std::vector<std::uint32_t>& numbers, Reservation& memory) {
    Table table = (is_a ? how.set.a : how.set.b).shape(texts);
    std::size_t taken = texts->bytes(), asked = 0;
    auto settle = [&] {
        std::size_t now = table.bytes() + texts->bytes();
        if (now > taken) memory.take(now - taken);
        taken = std::max(taken, now);
    };
    for_open_rows(how, is_a, file, table, [&](const RowView& row) {
        numbers.push_back(row.number());
        row.add_to(table);
        if ((++asked & 255) == 0) settle();
    });
    settle();
    return table;
}

}  // namespace recon::match
