#include "pg/temporary_files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "common/file_utils.h"
#include "common/relpath.h"
}

namespace recon::pg {

namespace {

constexpr time_t least_age = 60 * 60;  // seconds

// "<prefix><pid>.<number>"; 0 where it is no such name.
pid_t owner_of(std::string_view name) {
    constexpr std::string_view prefix = PG_TEMP_FILE_PREFIX;
    constexpr std::string_view digits = "0123456789";
    if (!name.starts_with(prefix)) return 0;
    name.remove_prefix(prefix.size());
    std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot + 1 == name.size() ||
        name.find_first_not_of(digits, dot + 1) != std::string_view::npos)
        return 0;
    pid_t pid = 0;
    auto [end, code] = std::from_chars(name.data(), name.data() + dot, pid);
    return code == std::errc() && end == name.data() + dot ? pid : 0;
}

bool is_gone(pid_t process) {
    return ::kill(process, 0) != 0 && errno == ESRCH;
}

// Inside call(), as all below. What cannot be removed, or is no longer there, is left.
bool remove_orphan(int directory, const char* name) {
    pid_t owner = owner_of(name);
    if (owner <= 0 || !is_gone(owner)) return false;
    struct stat status;
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!S_ISREG(status.st_mode) || status.st_mtime > ::time(nullptr) - least_age) return false;
    return ::unlinkat(directory, name, 0) == 0;
}

std::uint64_t clean_directory(const char* path, std::uint64_t most) {
    struct stat status;
    if (::lstat(path, &status) != 0 || !S_ISDIR(status.st_mode)) return 0;
    DIR* directory = AllocateDir(path);
    if (directory == nullptr) return 0;
    std::uint64_t removed = 0;
    while (removed < most) {
        CHECK_FOR_INTERRUPTS();
        struct dirent* entry = ReadDirExtended(directory, path, LOG);
        if (entry == nullptr) break;
        if (remove_orphan(::dirfd(directory), entry->d_name)) ++removed;
    }
    FreeDir(directory);
    return removed;
}

std::uint64_t clean_tablespaces(std::uint64_t most) {
    std::uint64_t removed = 0;
    DIR* tablespaces = AllocateDir("pg_tblspc");
    while (removed < most) {
        struct dirent* entry = ReadDirExtended(tablespaces, "pg_tblspc", LOG);
        if (entry == nullptr) break;
        if (entry->d_name[0] == '.') continue;
        char path[MAXPGPATH];
        std::snprintf(path, sizeof path, "pg_tblspc/%s/%s/%s", entry->d_name,
                      TABLESPACE_VERSION_DIRECTORY, PG_TEMP_FILES_DIR);
        removed += clean_directory(path, most - removed);
    }
    FreeDir(tablespaces);
    return removed;
}

}  // namespace

std::uint64_t remove_orphaned_files(std::uint64_t most) {
    return call([&] {
        std::uint64_t removed = clean_directory("base/" PG_TEMP_FILES_DIR, most);
        return removed + clean_tablespaces(most - removed);
    });
}

}  // namespace recon::pg
