// The rule by which a memoized value is served, against a model of transactions and snapshots.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "core/memo/versions.hpp"

namespace recon::memo {
namespace {

// A snapshot: transactions before xmin are complete, from xmax on none is, of the others those that
// are not running.
struct Snapshot {
    FullXid xmin = 0, xmax = 0;
    std::set<FullXid> running;
    bool is_complete(FullXid xid) const {
        return xid < xmin || (xid < xmax && running.count(xid) == 0);
    }
};

class Model {
  public:
    explicit Model(unsigned seed) : random_(seed) {}

    void step() {
        switch (random_() % 8) {
            case 0:
                running_.insert(next_++);
                break;
            case 1:
                arm();
                break;
            case 2:
            case 3:
                end();
                break;
            case 4:
                snapshots_.push_back(now());
                if (snapshots_.size() > 12)
                    snapshots_.erase(snapshots_.begin() + random_() % snapshots_.size());
                break;
            case 5:
                store();
                break;
            default:
                read();
        }
    }

    int served = 0, refused = 0, wrong = 0;

  private:
    Snapshot now() const { return {running_.empty() ? next_ : *running_.begin(), next_, running_}; }
    template <class Set>
    FullXid any(const Set& set) {
        auto at = set.begin();
        std::advance(at, random_() % set.size());
        return *at;
    }
    // A transaction that changes the key can be armed long before it ends, more than once.
    void arm() {
        if (running_.empty()) return;
        FullXid xid = any(running_);
        writers_.arm(xid);
        armed_.insert(xid);
    }
    void end() {
        if (running_.empty()) return;
        FullXid xid = any(running_);
        running_.erase(xid);
        if (armed_.count(xid) != 0 && random_() % 3 != 0) committed_.insert(xid);
    }
    // The writers whose changes a snapshot sees.
    std::set<FullXid> seen(const Snapshot& snapshot) const {
        std::set<FullXid> xids;
        for (FullXid xid : committed_)
            if (snapshot.is_complete(xid)) xids.insert(xid);
        return xids;
    }
    Snapshot some_snapshot() {
        if (snapshots_.empty() || random_() % 3 == 0) return now();
        return snapshots_[random_() % snapshots_.size()];
    }
    void store() {
        Snapshot snapshot = some_snapshot();
        std::optional<Version> version = writers_.version_in(
            snapshot.xmin, [&](FullXid xid) { return snapshot.is_complete(xid); });
        if (version && (!stored_ || stored_->first.seen() <= version->seen()))
            stored_ = {*version, seen(snapshot)};
    }
    void read() {
        if (!stored_) return;
        Snapshot snapshot = some_snapshot();
        if (!writers_.serves(stored_->first, snapshot.xmin,
                             [&](FullXid xid) { return snapshot.is_complete(xid); })) {
            ++refused;
            return;
        }
        ++served;
        if (stored_->second != seen(snapshot)) ++wrong;
    }

    std::mt19937 random_;
    FullXid next_ = 1;
    std::set<FullXid> running_, armed_, committed_;
    std::vector<Snapshot> snapshots_;
    Writers writers_;
    std::optional<std::pair<Version, std::set<FullXid>>> stored_;
};

TEST(MemoVersions, ServesOnlyWhatTheSnapshotGives) {
    int served = 0, refused = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        Model model(seed);
        for (int i = 0; i < 2000; ++i) model.step();
        ASSERT_EQ(model.wrong, 0) << seed;
        served += model.served;
        refused += model.refused;
    }
    EXPECT_GT(served, 5000);
    EXPECT_GT(refused, 5000);
}

TEST(MemoVersions, KeepsTheLastWriters) {
    Writers writers;
    auto all = [](FullXid) { return true; };
    EXPECT_EQ(writers.version_in(1, all), Version{0});
    for (FullXid xid = 10; xid < 20; ++xid) writers.arm(xid);
    EXPECT_EQ(writers.last, 10u);
    EXPECT_EQ(writers.floor_xid, 11u);
    EXPECT_EQ(writers.floor_count, 2u);
    EXPECT_EQ(writers.version_in(20, all), Version{10});
    // Writer 11 may be running: what is known of it is not enough.
    EXPECT_EQ(writers.version_in(11, all), std::nullopt);
    auto before_15 = [](FullXid xid) { return xid < 15; };
    EXPECT_EQ(writers.version_in(15, before_15), (Version{10, 0b11111}));
    EXPECT_TRUE(writers.serves({10, 0b11111}, 15, before_15));
    EXPECT_TRUE(writers.serves({5}, 15, before_15));  // the same, as it was then
    EXPECT_FALSE(writers.serves({10, 0b11111}, 20, all));
    EXPECT_FALSE(writers.serves({5}, 20, all));
    EXPECT_FALSE(writers.serves({10}, 15, before_15));
    EXPECT_EQ((Version{10, 0b11111}).seen(), 5u);
}

TEST(MemoVersions, TellsWritersApartThatCommitInAnotherOrder) {
    Writers writers;
    writers.arm(10);
    writers.arm(11);
    auto only_11 = [](FullXid xid) { return xid == 11; };
    auto only_10 = [](FullXid xid) { return xid == 10; };
    Version of_11 = *writers.version_in(10, only_11);
    EXPECT_EQ(of_11, (Version{2, 0b10}));
    EXPECT_TRUE(writers.serves(of_11, 10, only_11));
    EXPECT_FALSE(writers.serves(of_11, 10, only_10));
    EXPECT_FALSE(writers.serves(of_11, 12, [](FullXid) { return true; }));
    // A writer that was not seen leaves the ring: no snapshot is known to see as much any more.
    for (FullXid xid = 12; xid < 19; ++xid) writers.arm(xid);
    EXPECT_EQ(writers.floor_count, 1u);
    EXPECT_FALSE(writers.serves(of_11, 12, [](FullXid xid) { return xid == 11; }));
    EXPECT_TRUE(writers.serves({2}, 12, [](FullXid xid) { return xid <= 11; }));
}

}  // namespace
}  // namespace recon::memo
