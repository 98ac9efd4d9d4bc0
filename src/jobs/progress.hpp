// How far a run of a job has come, for other sessions to see in recon.job_progress; with the
// preload only, as it is kept in shared memory.
//
// The figures are published by the way, where the run tells of steps or asks whether it is to stop:
// at most some twenty times a second, and whenever a phase begins. What is shown is taken back by
// the destructor, so at the end of the run and by every error; a session that is terminated does it
// on its way out, and a crash makes all shared memory anew.
#pragma once

#include "core/limits.hpp"
#include "core/progress.hpp"
#include "pg/guard.hpp"

namespace recon::jobs {

class RunProgress final : public Progress, public StopToken {
  public:
    RunProgress(std::int64_t project_id, std::int64_t job_id);
    ~RunProgress() override;
    RunProgress(const RunProgress&) = delete;
    RunProgress& operator=(const RunProgress&) = delete;

    void rule(std::uint32_t number, std::uint32_t rules) override;
    void begin(const char* phase, std::uint64_t steps) override;
    void advance(std::uint64_t done) override;
    void read(std::uint64_t records) override;
    void matched(std::uint64_t records) override;
    bool should_stop() override;

  private:
    // Where the phase lies in the whole run, 0 to 1.
    struct Span {
        double from = 0, to = 0;
    };
    Span span_of(const char* phase) const;
    double share() const;
    std::uint64_t processed() const;
    void publish_in_time();
    void publish();

    std::int64_t project_id_, job_id_;
    std::string phase_;
    Span span_;
    std::uint32_t rule_ = 0, rules_ = 0;
    std::uint64_t steps_ = 0, done_ = 0, records_ = 0, matched_ = 0;
    TimestampTz started_at_;
    std::int64_t published_ms_ = 0;
    bool in_slot_ = false;
    pg::Interrupts interrupts_;
};

void reserve_progress();  // from _PG_init: its shared memory

// Of a job of this database, whether a session runs it; and cancels the statement that does. False
// where there is none, or without the preload.
bool is_running(std::int64_t job_id);
bool cancel_run(std::int64_t job_id);

}  // namespace recon::jobs
