#include "access/audit_chain.hpp"

#include "pg/last_row.hpp"
#include "pg/table.hpp"

namespace recon::access {

namespace {

// The lock has 16 bits for it.
constexpr std::int64_t most_chains = 1 << 16;

// Projects whose ids agree in the lower 32 bits, and other bits than these may, share locks: the
// chain is then taken for one that another transaction has.
std::int64_t lock_id(std::int64_t project_id, std::int64_t chain_no) {
    auto bits = static_cast<std::uint64_t>(project_id);
    std::uint64_t high = (static_cast<std::uint64_t>(chain_no) ^ (bits >> 32)) & 0xffff;
    return static_cast<std::int64_t>((bits & 0xffffffff) | high << 32);
}

// A preference, no more: a rollback to a savepoint may have given the lock back.
struct LastTaken {
    TransactionId transaction = InvalidTransactionId;
    std::int64_t project_id = 0, chain_no = 0;
} last_taken;

std::int64_t lock_chain(std::int64_t project_id) {
    const Oid table = pg::table_oid("audit_batches");
    const TransactionId transaction = pg::call([] { return GetTopTransactionId(); });
    if (last_taken.transaction == transaction && last_taken.project_id == project_id &&
        pg::try_lock_object(table, lock_id(project_id, last_taken.chain_no)))
        return last_taken.chain_no;
    for (std::int64_t chain_no = 0; chain_no < most_chains; ++chain_no) {
        if (!pg::try_lock_object(table, lock_id(project_id, chain_no))) continue;
        last_taken = {transaction, project_id, chain_no};
        return chain_no;
    }
    throw Error("54000", "too many transactions write to the audit trail of project " +
                             std::to_string(project_id));
}

}  // namespace

// What others committed before they gave the lock back must be seen, whatever snapshot the
// transaction has, and what a rollback to a savepoint undid must not: so it is read each time.
ChainEnd take_chain(std::int64_t project_id) {
    ChainEnd end;
    end.chain_no = lock_chain(project_id);
    std::array<Datum, 2> last{};
    if (!pg::read_last_row("audit_batches", {project_id, end.chain_no}, {"batch_no", "hash"}, last))
        return end;
    end.batch_no = DatumGetInt64(last[0]);
    std::string_view hash = pg::bytes_of(last[1]);
    if (hash.size() != end.hash.size())
        throw Error("XX001", "the last batch of audit chain " + std::to_string(end.chain_no) +
                                 " of project " + std::to_string(project_id) +
                                 " has no valid hash");
    std::copy(hash.begin(), hash.end(), end.hash.begin());
    return end;
}

}  // namespace recon::access
