#include "core/match/working_set.hpp"

#include <algorithm>
#include <limits>

namespace recon::match {

namespace {

// Of the budget: what records in memory may hold, so that matching has the rest; and what is
// gathered before it goes to a file.
constexpr std::size_t share_in_memory = 2, share_on_the_way = 8;
constexpr std::size_t most_on_the_way = std::size_t{4} << 20;  // more misses the caches
constexpr std::size_t file_buffer = 64 * 1024;

}  // namespace

WorkingSet::WorkingSet(MemoryBudget& budget, ScratchFiles& files)
    : files_(files), memory_(budget), limit_(budget.limit()) {
    auto texts = std::make_shared<Texts>();
    for (Part* part : {&a, &b}) part->rows_ = Table(texts);
}

Table WorkingSet::Part::shape(std::shared_ptr<Texts> texts) const {
    Table table(std::move(texts));
    for (std::size_t i = 0; i < rows_.columns.size(); ++i)
        table.add_column(rows_.names[i], rows_.columns[i].type).scale = rows_.columns[i].scale;
    return table;
}

void WorkingSet::Part::move_to_file(ScratchFiles& files, StopToken& token) {
    StopCheck stop(token, 256);
    if (!file_) file_ = std::make_unique<RowFile>(files, file_buffer);
    std::vector<std::int64_t>& ids = kept_.record_ids;
    // Not by doubling: what is kept may be most of the memory.
    if (std::size_t size = ids.size() + rows_.rows(); size > ids.capacity())
        ids.reserve(std::max(size, ids.capacity() + ids.capacity() / 8));
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
        stop();
        file_->add(rows_, row, static_cast<std::uint32_t>(ids.size()));
        ids.push_back(rows_.record_ids[row]);
    }
}

void WorkingSet::Part::forget(std::shared_ptr<Texts> texts) {
    rows_ = shape(std::move(texts));
}

void WorkingSet::leave_out(Part& part, const std::vector<std::uint8_t>& matched, StopToken& token) {
    StopCheck stop(token, 256);
    auto open = static_cast<std::size_t>(std::count(matched.begin(), matched.end(), 0));
    if (open > part.file().rows() / 2) return;
    auto left = std::make_unique<RowFile>(files_, file_buffer);
    for (RowReader reader(part.file(), part.rows_); reader.next();) {
        stop();
        if (matched[reader.row().number()] == 0) left->add(reader.row());
    }
    left->finish();
    part.open_ = std::move(left);
}

Table WorkingSet::take_records(Part& part, StopToken& token) {
    Table table;
    table.record_ids = std::move(part.file_ ? part.kept_.record_ids : part.rows_.record_ids);
    int found = part.rows_.find("amount");
    if (found < 0) return table;
    auto amount = static_cast<std::size_t>(found);
    Column& from = part.rows_.columns[amount];
    Column& to = table.add_column("amount", from.type);
    if (!part.file_) {
        to = std::move(from);
        return table;
    }
    StopCheck stop(token, 256);
    memory_.take(table.rows() * sizeof(std::int64_t));
    to.reserve(table.rows());
    to.scale = from.scale;
    for (RowReader reader(*part.file_, part.rows_); reader.next();) {
        stop();
        if (reader.row().is_known(amount))
            to.add_decimal(reader.row().decimal(amount));
        else
            to.add_null();
    }
    return table;
}

std::size_t WorkingSet::held() const {
    std::size_t bytes = a.rows_.texts().bytes();
    for (const Part* part : {&a, &b}) bytes += part->rows_.bytes() + part->kept_.bytes();
    return bytes;
}

void WorkingSet::settle(StopToken& stop) {
    check_stop(stop);
    std::size_t on_the_way = held() - a.kept_.bytes() - b.kept_.bytes();
    if (on_the_way > (in_memory() ? limit_ / share_in_memory
                                  : std::min(limit_ / share_on_the_way, most_on_the_way))) {
        move_to_files(stop);
        return;
    }
    std::size_t now = held();
    if (now > taken_) memory_.take(now - taken_);
    if (now < taken_) memory_.give(taken_ - now);
    taken_ = now;
}

void WorkingSet::move_to_files(StopToken& stop) {
    for (Part* part : {&a, &b}) {
        part->move_to_file(files_, stop);
        part->file_->finish();
    }
    auto texts = std::make_shared<Texts>();
    for (Part* part : {&a, &b}) part->forget(texts);
    settle(stop);
}

void WorkingSet::finish(StopToken& stop) {
    if (!in_memory()) move_to_files(stop);
    for (const Part* part : {&a, &b})
        if (part->size() >= std::numeric_limits<std::uint32_t>::max())
            throw Error(sqlstate::program_limit_exceeded,
                        "a side of a job can have at most 4294967294 open records");
    if (in_memory()) return;
    // What take_records() will need is known to fit, before anything is matched.
    Reservation at_the_end(memory_.budget());
    at_the_end.take((a.size() + b.size()) * sizeof(std::int64_t));
}

}  // namespace recon::match
