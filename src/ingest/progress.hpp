// How far a running load has come, for other sessions to see: in pg_stat_progress_copy, and with
// the preload in recon.ingestion_progress.
//
// The figures are published by the way, where the load asks whether it is to stop: at most some
// twenty times a second, and whenever a phase begins. What is shown is taken back by the
// destructor, so at the end of the load and by every error; a session that is terminated does it on
// its way out, and a crash makes all shared memory anew.
#pragma once

#include "core/limits.hpp"
#include "ingest/door.hpp"
#include "pg/copy_progress.hpp"
#include "pg/guard.hpp"

namespace recon::ingest {

enum class Phase : std::uint8_t {
    reading,    // the input; what is certainly new is stored meanwhile
    waiting,    // for another load into the source
    resolving,  // which records are known
    storing     // what is left, and the rejects
};

class Progress final : public StopToken {
  public:
    struct Identity {
        std::int64_t ingestion_id, project_id, source_id;
        Oid user;
        Door door;
    };
    struct Figures {
        std::uint64_t bytes, read, loaded, rejected;
    };

    explicit Progress(const Identity& identity) : identity_(identity) {}
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Shown from here on. `figures` is asked whenever they are published. A load within another
    // one of this session is not shown.
    void begin(std::function<Figures()> figures);
    void expect(std::uint64_t bytes);

    void enter(Phase phase);
    Phase phase() const { return phase_; }

    bool should_stop() override;

  private:
    void publish();

    Identity identity_;
    std::function<Figures()> figures_;
    Phase phase_ = Phase::reading;
    std::int64_t bytes_total_ = -1;  // not known
    TimestampTz started_at_ = GetCurrentTimestamp();
    std::int64_t published_ms_ = 0;
    bool in_slot_ = false;
    pg::CopyProgress copy_;
    pg::Interrupts interrupts_;
};

void reserve_progress();  // from _PG_init: its shared memory

}  // namespace recon::ingest
