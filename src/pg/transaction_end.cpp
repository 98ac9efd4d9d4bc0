#include "pg/transaction_end.hpp"

extern "C" {
#include "commands/async.h"
}

namespace recon::pg {

namespace {

// Of the subtransaction at `level`; the outermost transaction is at 1.
struct Notification {
    int level;
    const char* channel;
    std::string payload;
};
struct Task {
    int level;
    CommitTask task;
};

// This backend's, in the transaction at hand.
std::vector<Notification> notifications;
std::vector<Task> tasks;
std::vector<TransactionHooks> all_hooks;
std::uint64_t rollbacks = 0;

void end(XactEvent event, void*) {
    switch (event) {
        case XACT_EVENT_PRE_PREPARE:
            for (const TransactionHooks& hooks : all_hooks) hooks.before();
            break;
        case XACT_EVENT_PRE_COMMIT:
            for (const TransactionHooks& hooks : all_hooks) hooks.before();
            for (const Notification& notification : notifications)
                Async_Notify(notification.channel, notification.payload.c_str());
            break;
        case XACT_EVENT_COMMIT:
            for (const Task& task : tasks) task.task.function(task.task);
            [[fallthrough]];
        case XACT_EVENT_ABORT:
        case XACT_EVENT_PREPARE:
            notifications.clear();
            tasks.clear();
            for (const TransactionHooks& hooks : all_hooks) hooks.after();
            break;
        default:
            break;
    }
}

template <class List>
void end_level(List& list, int level, bool commits) {
    if (commits) {
        for (auto& item : list) item.level = std::min(item.level, level - 1);
        return;
    }
    std::erase_if(list, [&](const auto& item) { return item.level >= level; });
}

void end_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
    if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB) return;
    int level = GetCurrentTransactionNestLevel();
    bool commits = event == SUBXACT_EVENT_COMMIT_SUB;
    if (!commits) ++rollbacks;
    end_level(notifications, level, commits);
    end_level(tasks, level, commits);
}

void register_once() {
    static bool done = false;
    if (done) return;
    call([] {
        RegisterXactCallback(end, nullptr);
        RegisterSubXactCallback(end_subtransaction, nullptr);
    });
    done = true;
}

}  // namespace

void notify_at_commit(const char* channel, const std::string& payload) {
    register_once();
    notifications.push_back({GetCurrentTransactionNestLevel(), channel, payload});
}

void register_transaction_hooks(const TransactionHooks& hooks) {
    register_once();
    all_hooks.push_back(hooks);
}

void run_at_commit(const CommitTask& task) {
    register_once();
    tasks.push_back({GetCurrentTransactionNestLevel(), task});
}

std::uint64_t rollbacks_to_savepoints() {
    register_once();
    return rollbacks;
}

}  // namespace recon::pg
