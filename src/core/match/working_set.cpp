#include "core/match/working_set.hpp"

#include <algorithm>
#include <limits>

namespace recon::match {

namespace {

// Of the budget: what records in memory may hold, so that matching has the rest; and what is
// gathered before it goes to a file.
constexpr std::size_t share_in_memory = 2, share_on_the_way = 8;
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
    int amount = rows_.find("amount");
    if (!file_) file_ = std::make_unique<RowFile>(files, file_buffer);
    if (amount >= 0 && kept_.columns.empty())
        kept_.add_column("amount", rows_.columns[static_cast<std::size_t>(amount)].type);
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
        stop();
        file_->add(rows_, row, static_cast<std::uint32_t>(kept_.rows()));
        kept_.record_ids.push_back(rows_.record_ids[row]);
        if (amount < 0) continue;
        const Column& column = rows_.columns[static_cast<std::size_t>(amount)];
        if (column.is_known(row))
            kept_.columns[0].add_decimal(column.decimal(row));
        else
            kept_.columns[0].add_null();
    }
}

void WorkingSet::Part::forget(std::shared_ptr<Texts> texts) {
    rows_ = shape(std::move(texts));
}

Table WorkingSet::Part::take_records() {
    if (file_) return std::move(kept_);
    Table table;
    table.record_ids = std::move(rows_.record_ids);
    if (int amount = rows_.find("amount"); amount >= 0) {
        table.names.push_back("amount");
        table.columns.push_back(std::move(rows_.columns[static_cast<std::size_t>(amount)]));
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
    if (on_the_way > limit_ / (in_memory() ? share_in_memory : share_on_the_way)) {
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
}

}  // namespace recon::match
