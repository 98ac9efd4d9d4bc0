#include "pg/copy_progress.hpp"

extern "C" {
#include "commands/progress.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
}

namespace recon::pg {

namespace {

// 17 (a6d0fa5ef8fd) tells malformed records from those that a condition left out.
#ifdef PROGRESS_COPY_TUPLES_SKIPPED
constexpr int rejects_column = PROGRESS_COPY_TUPLES_SKIPPED;
#else
constexpr int rejects_column = PROGRESS_COPY_TUPLES_EXCLUDED;
#endif

bool shows(ProgressCommandType command) {
    return MyBEEntry != nullptr && MyBEEntry->st_progress_command == command;
}

}  // namespace

void CopyProgress::start(Oid relation, Type type) {
    if (!shows(PROGRESS_COMMAND_INVALID)) return;
    relation_ = relation;
    type_ = type;
    show();
}

void CopyProgress::show() const {
    static constexpr int columns[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE};
    std::int64_t values[] = {PROGRESS_COPY_COMMAND_FROM, static_cast<std::int64_t>(type_)};
    pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relation_);
    pgstat_progress_update_multi_param(lengthof(columns), columns, values);
}

void CopyProgress::update(std::uint64_t bytes, std::uint64_t tuples, std::uint64_t rejects) {
    if (!OidIsValid(relation_)) return;
    // The end of any aborted subtransaction, or of a command within the load, takes the row away.
    if (shows(PROGRESS_COMMAND_INVALID)) show();
    if (!shows(PROGRESS_COMMAND_COPY)) return;
    static constexpr int columns[] = {PROGRESS_COPY_BYTES_PROCESSED, PROGRESS_COPY_BYTES_TOTAL,
                                      PROGRESS_COPY_TUPLES_PROCESSED, rejects_column};
    std::int64_t values[] = {static_cast<std::int64_t>(bytes), bytes_total_,
                             static_cast<std::int64_t>(tuples), static_cast<std::int64_t>(rejects)};
    pgstat_progress_update_multi_param(lengthof(columns), columns, values);
}

void CopyProgress::end() {
    if (OidIsValid(relation_) && shows(PROGRESS_COMMAND_COPY)) pgstat_progress_end_command();
    relation_ = InvalidOid;
}

}  // namespace recon::pg
