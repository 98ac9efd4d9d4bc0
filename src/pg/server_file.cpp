#include "pg/server_file.hpp"

#include "pg/settings.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace recon::pg {

namespace {

bool has_parent_step(std::string_view path) {
    for (std::size_t at = 0; (at = path.find("..", at)) != std::string_view::npos; at += 2) {
        bool starts = at == 0 || path[at - 1] == '/';
        bool ends = at + 2 == path.size() || path[at + 2] == '/';
        if (starts && ends) return true;
    }
    return false;
}

// Where the open file really lies, so that a link swapped in on the way does not matter.
std::string real_path(int descriptor) {
    char target[MAXPGPATH];
    std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    ssize_t length = ::readlink(link.c_str(), target, sizeof target);
    if (length <= 0 || static_cast<std::size_t>(length) == sizeof target)
        throw Error("58030", "could not determine where the opened file lies");
    return std::string(target, static_cast<std::size_t>(length));
}

bool is_below(const std::string& path, const std::string& directory) {
    std::unique_ptr<char, decltype(&std::free)> real(::realpath(directory.c_str(), nullptr),
                                                     std::free);
    if (real == nullptr) return false;
    std::string prefix(real.get());
    if (prefix.back() != '/') prefix += '/';
    return path.compare(0, prefix.size(), prefix) == 0;
}

// Files of such systems call themselves regular, and are no files: to read one may wait, or show
// what belongs to this process alone.
bool is_made_up_by_kernel(const struct statfs& system) {
    static constexpr unsigned long types[] = {
        PROC_SUPER_MAGIC, SYSFS_MAGIC,        DEBUGFS_MAGIC,       TRACEFS_MAGIC,
        SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
        PSTOREFS_MAGIC,   SELINUX_MAGIC,      EFIVARFS_MAGIC};
    for (unsigned long type : types)
        if (static_cast<unsigned long>(system.f_type) == type) return true;
    return false;
}

void check_allowed(int descriptor, const std::string& path) {
    if (settings::ingest_directories == nullptr || *settings::ingest_directories == '\0') return;
    std::string real = real_path(descriptor);
    List* directories = call([] {
        List* elements = NIL;
        SplitDirectoriesString(pstrdup(settings::ingest_directories), ',', &elements);
        return elements;
    });
    for (int i = 0; i < list_length(directories); ++i)
        if (is_below(real, static_cast<char*>(list_nth(directories, i)))) return;
    throw Error(
        "42501", "file \"" + path + "\" is not in an allowed directory",
        "Setting \"recon.ingest_directories\" limits the directories that files may be read from.");
}

}  // namespace

ServerFile::ServerFile(const std::string& path) : path_(path) {
    if (path.empty() || path[0] != '/' || has_parent_step(path))
        throw Error("42602", "path of a file must be absolute and without \"..\"");
    const char* name = path_.c_str();
    descriptor_ = call([&] {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        int opened =
            OpenTransientFile(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | PG_BINARY);
        if (opened < 0) {
            if (errno == ELOOP)
                ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                                errmsg("\"%s\" is a symbolic link", name),
                                errhint("Name the file itself.")));
            ereport(ERROR, (errcode_for_file_access(),
                            errmsg("could not open file \"%s\" for reading: %m", name)));
        }
        struct stat status;
        if (fstat(opened, &status) != 0)
            ereport(ERROR,
                    (errcode_for_file_access(), errmsg("could not stat file \"%s\": %m", name)));
        if (S_ISDIR(status.st_mode))
            ereport(ERROR,
                    (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is a directory", name)));
        struct statfs system;
        if (fstatfs(opened, &system) != 0)
            ereport(ERROR,
                    (errcode_for_file_access(), errmsg("could not stat file \"%s\": %m", name)));
        if (!S_ISREG(status.st_mode) || is_made_up_by_kernel(system))
            ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                            errmsg("\"%s\" is not a regular file", name)));
        return opened;
    });
    check_allowed(descriptor_, path_);
    opened_ = version();
}

ServerFile::Version ServerFile::version() const {
    return call([&]() -> Version {
        struct stat status;
        if (fstat(descriptor_, &status) != 0)
            ereport(ERROR, (errcode_for_file_access(),
                            errmsg("could not stat file \"%s\": %m", path_.c_str())));
        return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    });
}

std::size_t ServerFile::read(char* buffer, std::size_t size) {
    std::size_t got = call([&]() -> std::size_t {
        for (;;) {
            CHECK_FOR_INTERRUPTS();
            ssize_t count = ::read(descriptor_, buffer, size);
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR)
                ereport(ERROR, (errcode_for_file_access(),
                                errmsg("could not read file \"%s\": %m", path_.c_str())));
        }
    });
    if (got == 0 && version() != opened_)
        throw Error("55000", "file \"" + path_ + "\" was written to while it was loaded", {},
                    "Load it again once it is complete.");
    return got;
}

void ServerFile::close() {
    call([&] { CloseTransientFile(descriptor_); });
}

}  // namespace recon::pg
