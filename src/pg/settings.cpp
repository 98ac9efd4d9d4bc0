#include "pg/settings.hpp"

#include "core/field/decimal.hpp"

#include "pg/server.hpp"

namespace recon::pg::settings {

int cleanup_interval = 60;
int group_budget = 2'000'000;
char* ingest_directories = nullptr;
int job_group_budget = 20'000'000;
int job_max_attempts = 3;
int job_retention = 90 * 24 * 60 * 60;
int job_retention_count = 10'000;
int job_timeout = 2 * 60 * 60;
int max_comparisons = 100'000'000;
int max_concurrent_jobs = 4;
int max_exact_candidates = 4'000'000;
int memo_size = 16 * 1024;
int on_no_worker = on_queue;
int parallel_workers = 2;
int reject_retention = 365 * 24 * 60 * 60;
int ttl_jobs = 2 * 60;
int ttl_project = 10 * 60;
int ttl_projects = 5 * 60;
int ttl_sources = 5 * 60;
int ttl_stats = 30 * 60;
int ttl_users = 10 * 60;
int upload_expiry = 24 * 60 * 60;
int upload_limit = 8 * 1024 * 1024;
int upload_project_limit = 32 * 1024 * 1024;
int work_mem = 256 * 1024;
char* write_off_limit = nullptr;
int write_path = write_auto;

namespace {

const config_enum_entry write_paths[] = {{"auto", write_auto, false},
                                         {"heap", write_heap, false},
                                         {"spi", write_spi, false},
                                         {nullptr, 0, false}};

const config_enum_entry no_worker_choices[] = {{"queue", on_queue, false},
                                               {"sync", on_sync, false},
                                               {"error", on_error, false},
                                               {nullptr, 0, false}};

bool check_memo_size(int* value, void**, GucSource) {
    if (*value == 0 || *value >= 1024) return true;
    GUC_check_errdetail("It must be 0, or at least 1MB.");
    return false;
}

// An answer is never out of date; this only bounds how long it may be kept.
void define_ttl(const char* name, const char* description, int* value) {
    DefineCustomIntVariable(name, description, "Zero: any time.", value, *value, 0, INT_MAX / 1000,
                            PGC_USERSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
}

// A decimal as text, as a number that is no exact decimal would not equal the amounts it bounds.
bool check_amount(char** value, void**, GucSource) {
    field::DecimalResult parsed = field::parse_decimal(*value);
    if (parsed.error == field::DecimalError::none && parsed.value.coefficient >= 0) return true;
    GUC_check_errdetail("It must be a decimal number, not negative.");
    return false;
}

bool check_directories(char** value, void**, GucSource) {
    char* copy = pstrdup(*value);
    List* elements = NIL;
    if (!SplitDirectoriesString(copy, ',', &elements)) {
        GUC_check_errdetail("List syntax is invalid.");
        return false;
    }
    ListCell* cell;
    foreach (cell, elements) {
        if (!is_absolute_path(static_cast<char*>(lfirst(cell)))) {
            GUC_check_errdetail("Each directory must be an absolute path.");
            return false;
        }
    }
    return true;
}

}  // namespace

// In alphabetical order.
void define() {
    DefineCustomIntVariable("recon.cleanup_interval",
                            "Time between two cleanups of a database by the background worker.",
                            "Zero: it does none.", &cleanup_interval, 60, 0, INT_MAX / 1000,
                            PGC_SIGHUP, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.group_budget",
                            "Steps that a group rule may take to find the members of one record.",
                            "A record for which they do not suffice stays open.", &group_budget,
                            2'000'000, 1, INT_MAX, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable(
        "recon.ingest_directories", "Directories under which files may be read by ingest_file.",
        "A list separated by commas; empty sets no further limit.", &ingest_directories, "",
        PGC_SUSET, 0, check_directories, nullptr, nullptr);
    DefineCustomIntVariable("recon.job_group_budget",
                            "Thousands of steps that a group rule may take for all records.",
                            "Each record has an equal share of them.", &job_group_budget,
                            20'000'000, 1, INT_MAX, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "recon.job_max_attempts",
        "Background workers that may end unexpectedly before their job has failed.", nullptr,
        &job_max_attempts, 3, 1, 100, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.job_retention",
                            "Time after which a job that ended and has no matches is removed.",
                            "Zero: none is removed for its age.", &job_retention, 90 * 24 * 60 * 60,
                            0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "recon.job_retention_count",
        "Jobs of a project that ended, beyond the newest of which those without matches are "
        "removed.",
        "Zero: none is removed for their number.", &job_retention_count, 10'000, 0, INT_MAX,
        PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.job_timeout",
                            "Time that a background worker may take for a job.",
                            "Zero: there is no limit.", &job_timeout, 2 * 60 * 60, 0,
                            INT_MAX / 1000, PGC_USERSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.max_comparisons",
                            "Pairs that a rule may compare in one block of records.",
                            "Records of larger blocks stay open.", &max_comparisons, 100'000'000, 0,
                            INT_MAX, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.max_concurrent_jobs",
                            "Most background workers that run jobs at the same time.",
                            "Zero: jobs wait.", &max_concurrent_jobs, 4, 0, 256, PGC_SIGHUP, 0,
                            nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "recon.max_exact_candidates",
        "Candidates of a connected component up to which its assignment is exact.",
        "A larger component gets an assignment of nearly the highest total confidence; the job "
        "says how near.",
        &max_exact_candidates, 4'000'000, 0, INT_MAX, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    // After the start of the server none can be made that holds for its whole life.
    DefineCustomIntVariable(
        "recon.memo_size", "Shared memory for the answers of get_ functions.",
        "Zero: none are kept.", &memo_size, 16 * 1024, 0, MAX_KILOBYTES,
        process_shared_preload_libraries_in_progress ? PGC_POSTMASTER : PGC_SIGHUP, GUC_UNIT_KB,
        check_memo_size, nullptr, nullptr);
    DefineCustomEnumVariable(
        "recon.on_no_worker", "What start_job does where no background worker is free.", nullptr,
        &on_no_worker, on_queue, no_worker_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.parallel_workers",
                            "Most parallel workers that the matching of one job may use.",
                            "Zero: the session that runs the job does all.", &parallel_workers, 2,
                            0, 1024, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.reject_retention",
                            "Time after which the rejects of a load are removed.",
                            "Zero: none are removed.", &reject_retention, 365 * 24 * 60 * 60, 0,
                            INT_MAX, PGC_SIGHUP, GUC_UNIT_S, nullptr, nullptr, nullptr);
    define_ttl("recon.ttl_jobs", "Longest life of a kept answer of get_reconciliation_jobs.",
               &ttl_jobs);
    define_ttl("recon.ttl_project", "Longest life of a kept answer of get_project.", &ttl_project);
    define_ttl("recon.ttl_projects", "Longest life of a kept answer of get_projects.",
               &ttl_projects);
    define_ttl("recon.ttl_sources", "Longest life of a kept answer of get_project_data_sources.",
               &ttl_sources);
    define_ttl("recon.ttl_stats", "Longest life of a kept answer of get_project_stats.",
               &ttl_stats);
    define_ttl("recon.ttl_users", "Longest life of a kept answer of get_users.", &ttl_users);
    DefineCustomIntVariable("recon.upload_expiry",
                            "Time without a chunk after which an upload expires.",
                            "Zero: none expires.", &upload_expiry, 24 * 60 * 60, 0, INT_MAX,
                            PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.upload_limit", "Largest file that may be uploaded.", nullptr,
                            &upload_limit, 8 * 1024 * 1024, 1, INT_MAX, PGC_SUSET, GUC_UNIT_KB,
                            nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.upload_project_limit",
                            "Most that the open uploads of one project may hold together.", nullptr,
                            &upload_project_limit, 32 * 1024 * 1024, 1, INT_MAX, PGC_SUSET,
                            GUC_UNIT_KB, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("recon.work_mem", "Memory that the matching of one job may use.",
                            "Records beyond it are kept in temporary files.", &work_mem, 256 * 1024,
                            1024, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, nullptr, nullptr,
                            nullptr);
    DefineCustomStringVariable("recon.write_off_limit",
                               "Largest difference that may be written off.",
                               "In the currency of the records. Zero: none may be.",
                               &write_off_limit, "0", PGC_SUSET, 0, check_amount, nullptr, nullptr);
    DefineCustomEnumVariable(
        "recon.write_path", "How rows are written to the tables of recon.",
        "\"auto\" appends to ordinary tables directly and uses SQL for all others.", &write_path,
        write_auto, write_paths, PGC_SUSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("recon");
}

}  // namespace recon::pg::settings
