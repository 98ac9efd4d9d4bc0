// The settings recon.*; docs/settings.md describes each.
#pragma once

namespace recon::pg::settings {

enum WritePath { write_auto, write_heap, write_spi };

enum OnNoWorker { on_queue, on_sync, on_error };

extern int cleanup_interval;      // seconds; 0: none
extern int group_budget;          // steps
extern char* ingest_directories;  // "" or a list of absolute paths, separated by commas
extern int job_group_budget;      // thousands of steps
extern int job_max_attempts;
extern int job_retention;        // seconds; 0: for ever
extern int job_retention_count;  // jobs of a project; 0: any number
extern int job_timeout;          // seconds; 0: none
extern int max_comparisons;      // pairs
extern int max_concurrent_jobs;
extern int max_exact_candidates;  // of a component, for its assignment to be exact
extern int memo_size;             // kB; 0: no memo
extern int on_no_worker;          // OnNoWorker
extern int parallel_workers;
extern int reject_retention;  // seconds; 0: for ever
extern int ttl_jobs;          // seconds; 0: any time; likewise:
extern int ttl_project;
extern int ttl_projects;
extern int ttl_sources;
extern int ttl_stats;
extern int ttl_users;
extern int upload_expiry;         // seconds; 0: never
extern int upload_limit;          // kB
extern int upload_project_limit;  // kB
extern int work_mem;              // kB
extern char* write_off_limit;     // a decimal, not negative
extern int write_path;            // WritePath

void define();

}  // namespace recon::pg::settings
