#include "core/match/file_run.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>

#include "core/match/group/group_run.hpp"

namespace recon::match {

namespace {

// Bytes that matching holds of a row, beside those of its values; and of each byte of a value.
constexpr std::uint64_t bytes_a_row = 96, bytes_a_byte = 2;
constexpr std::size_t most_parts = 256, most_splits = 3;
constexpr std::uint64_t best_part = std::uint64_t{64} << 20;  // larger ones miss the caches more

// The order of all rows, asked for those of a part, which are numbered in order.
class PartOrder final : public RowOrder {
  public:
    PartOrder(RowOrder& order, const std::vector<std::uint32_t>& a,
              const std::vector<std::uint32_t>& b)
        : order_(order), a_(a), b_(b) {}
    void sort_a(std::vector<std::uint32_t>& rows) override {
        outwards(rows, a_);
        order_.sort_a(rows);
        inwards(rows, a_);
    }
    void sort_b(std::vector<std::uint32_t>& rows) override {
        outwards(rows, b_);
        order_.sort_b(rows);
        inwards(rows, b_);
    }

  private:
    static void outwards(std::vector<std::uint32_t>& rows,
                         const std::vector<std::uint32_t>& numbers) {
        for (std::uint32_t& row : rows) row = numbers[row];
    }
    static void inwards(std::vector<std::uint32_t>& rows,
                        const std::vector<std::uint32_t>& numbers) {
        for (std::uint32_t& row : rows)
            row = static_cast<std::uint32_t>(std::lower_bound(numbers.begin(), numbers.end(), row) -
                                             numbers.begin());
    }

    RowOrder& order_;
    const std::vector<std::uint32_t>&a_, &b_;
};

// Which rows a part has.
struct Numbers {
    std::vector<std::uint32_t> a, b;
};

// The tables of a part.
struct Loaded {
    Loaded(const Splitting& how, const RowFile& file_a, const RowFile& file_b, Numbers& numbers,
           Reservation& of_numbers)
        : memory(how.context.budget),
          texts(std::make_shared<Texts>()),
          a(read_part(how, true, file_a, texts, numbers.a, memory)),
          b(read_part(how, false, file_b, texts, numbers.b, memory)),
          plan(make_plan(a, b, how.rule, how.context.calendars)) {
        of_numbers.take((numbers.a.capacity() + numbers.b.capacity()) * sizeof(std::uint32_t));
    }

    Reservation memory;
    std::shared_ptr<Texts> texts;
    Table a, b;
    Plan plan;
};

std::vector<std::uint32_t> count_up(std::size_t count) {
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), 0u);
    return rows;
}

class FileRun {
  public:
    FileRun(const Splitting& how, const std::function<void(RuleResult&&)>& done)
        : how_(how), done_(done) {}

    void run(const RowFile& a, const RowFile& b, std::size_t splits);

  private:
    void run_in_memory(const RowFile& a, const RowFile& b);
    bool run_by_keys(const RowFile& a, const RowFile& b, std::size_t splits);
    bool run_by_range(const RowFile& a, const RowFile& b);
    static std::uint64_t wanted(const RowFile& a, const RowFile& b) {
        return (a.bytes() + b.bytes()) * bytes_a_byte +
               (std::uint64_t{a.rows()} + b.rows()) * bytes_a_row;
    }
    std::size_t parts_of(const RowFile& a, const RowFile& b) const {
        std::uint64_t part = std::min(available() / 2 + 1, best_part);
        return std::clamp<std::uint64_t>(wanted(a, b) / part + 1, 2, most_parts);
    }
    std::uint64_t available() const {
        return std::max<std::uint64_t>(how_.context.budget.limit() - how_.context.budget.used(), 1);
    }

    const Splitting& how_;
    const std::function<void(RuleResult&&)>& done_;
};

void FileRun::run(const RowFile& a, const RowFile& b, std::size_t splits) {
    if (a.rows() == 0 || b.rows() == 0) return;
    if (wanted(a, b) <= available()) {
        // The estimate may be too low; then smaller parts are tried.
        try {
            run_in_memory(a, b);
            return;
        } catch (const Error& error) {
            if (std::string_view(error.code()) != sqlstate::configuration_limit_exceeded) throw;
        }
    }
    if (splits < most_splits && run_by_keys(a, b, splits)) return;
    if (run_by_range(a, b)) return;
    run_in_memory(a, b);
}

void FileRun::run_in_memory(const RowFile& a, const RowFile& b) {
    Numbers numbers;
    Reservation memory(how_.context.budget);
    std::optional<Loaded> part(std::in_place, how_, a, b, numbers, memory);
    PartOrder order(how_.context.order, numbers.a, numbers.b);
    Context context{how_.context.calendars, order,
                    how_.context.budget,    how_.context.stop,
                    how_.context.progress,  how_.context.limits,
                    how_.context.finder,    how_.context.files,
                    how_.context.rejected};
    memory.take((numbers.a.size() + numbers.b.size()) * sizeof(std::uint32_t));
    std::vector<std::uint32_t> rows_a = count_up(numbers.a.size()),
                               rows_b = count_up(numbers.b.size());
    RuleResult result;
    if (is_group_rule(part->plan)) {
        group::GroupRun groups(static_cast<std::uint32_t>(rows_a.size()),
                               static_cast<std::uint32_t>(rows_b.size()), how_.rule, context);
        groups.add(part->plan, rows_a, rows_b, {}, {}, memory);
        part.reset();
        result = groups.finish();
    } else if (part->plan.is_exact()) {
        result = run_rule(part->plan, rows_a, rows_b, memory, context);
    } else {
        // The tables are not held while records are assigned.
        PartedRule rule(static_cast<std::uint32_t>(rows_a.size()),
                        static_cast<std::uint32_t>(rows_b.size()), context);
        rule.add(part->plan, rows_a, rows_b);
        part.reset();
        result = rule.finish(how_.rule.ambiguous);
    }
    for (Pair& pair : result.pairs) {
        pair.a = numbers.a[pair.a];
        pair.b = numbers.b[pair.b];
    }
    for (const RuleResult::Group& group : result.groups) {
        for (std::uint32_t i = group.first_a; i < group.last_a; ++i)
            result.group_rows[i] = numbers.a[result.group_rows[i]];
        for (std::uint32_t i = group.first_b; i < group.last_b; ++i)
            result.group_rows[i] = numbers.b[result.group_rows[i]];
    }
    for (RuleResult::Left& left : result.left_a) left.row = numbers.a[left.row];
    for (RuleResult::Left& left : result.left_b) left.row = numbers.b[left.row];
    done_(std::move(result));
}

bool FileRun::run_by_keys(const RowFile& a, const RowFile& b, std::size_t splits) {
    std::vector<FilePart> parts = split_by_keys(how_, a, b, parts_of(a, b), splits + 1);
    if (parts.empty()) return false;
    // Few values that hold most of the rows cannot be split so.
    for (const FilePart& part : parts)
        if (part.a->bytes() + part.b->bytes() > (a.bytes() + b.bytes()) / 4 * 3)
            splits = most_splits;
    for (FilePart& part : parts) {
        run(*part.a, *part.b, splits + 1);
        part = {};
    }
    return true;
}

bool FileRun::run_by_range(const RowFile& a, const RowFile& b) {
    std::vector<FilePart> parts = split_by_range(how_, a, b, parts_of(a, b));
    if (parts.empty()) return false;
    auto rows_a = static_cast<std::uint32_t>(how_.matched_a.size()),
         rows_b = static_cast<std::uint32_t>(how_.matched_b.size());
    if (how_.rule.cardinality != rule::Cardinality::one_to_one) {
        group::GroupRun groups(rows_a, rows_b, how_.rule, how_.context);
        for (FilePart& part : parts) {
            Numbers numbers;
            Reservation memory(how_.context.budget);
            Loaded loaded(how_, *part.a, *part.b, numbers, memory);
            memory.take((numbers.a.size() + numbers.b.size()) * sizeof(std::uint32_t));
            groups.add(loaded.plan, count_up(numbers.a.size()), count_up(numbers.b.size()),
                       numbers.a, numbers.b, memory);
            part = {};
        }
        done_(groups.finish());
        return true;
    }
    PartedRule rule(rows_a, rows_b, how_.context);
    for (FilePart& part : parts) {
        Numbers numbers;
        Reservation memory(how_.context.budget);
        Loaded loaded(how_, *part.a, *part.b, numbers, memory);
        rule.add(loaded.plan, numbers.a, numbers.b);
        part = {};
    }
    done_(rule.finish(how_.rule.ambiguous));
    return true;
}

}  // namespace

void run_rule_in_files(const Splitting& how, const std::function<void(RuleResult&&)>& done) {
    FileRun(how, done).run(how.set.a.file(), how.set.b.file(), 0);
}

}  // namespace recon::match
