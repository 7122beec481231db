#include "io/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0777, FILE_MODE = 0666, READ_STEP = 65536, TEMPORARY_TRIES = 1000 };

/* "PATH: WHAT: the system's words"; `code` is an errno. */
static mxp_status fail(mxp_error *error, mxp_status status, const char *path, const char *what,
                       int code)
{
    char words[128];

    if (strerror_r(code, words, sizeof words) != 0)
        (void)snprintf(words, sizeof words, "error %d", code);
    return FAIL(error, status, "%s: %s: %s", path, what, words);
}

/* Opens for reading; *expected is the size of a regular file, otherwise 0. */
static mxp_status open_input(int *fd, size_t *expected, const char *path, mxp_error *error)
{
    struct stat info;
    const int opened = open(path, O_RDONLY | O_CLOEXEC);

    if (opened < 0)
        return fail(error, MXP_NO_INPUT, path, "cannot be opened", errno);
    if (fstat(opened, &info) != 0 || S_ISDIR(info.st_mode)) {
        (void)close(opened);
        return FAIL(error, MXP_NO_INPUT, "%s: is a directory, not a file", path);
    }
    *expected = S_ISREG(info.st_mode) && info.st_size > 0 ? (size_t)info.st_size : 0;
    *fd = opened;
    return MXP_OK;
}

mxp_status file_read(char **bytes, size_t *length, const char *path, mxp_error *error)
{
    mxp_status status = MXP_OK;
    char *text = NULL;
    size_t capacity = 0, used = 0, expected = 0;
    int fd = -1;

    TRY(status = open_input(&fd, &expected, path, error));
    TRY(status = mem_grow(&text, &capacity, expected + 2, 1, error));
    for (;;) {
        if (capacity - used < 2)
            TRY(status = mem_grow(&text, &capacity, used + READ_STEP, 1, error));
        const ssize_t got = read(fd, text + used, capacity - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = fail(error, MXP_IO, path, "cannot be read", errno);
            goto out;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    text[used] = '\0';
    *bytes = text;
    *length = used;
    text = NULL;
out:
    if (fd >= 0)
        (void)close(fd);
    free(text);
    return status;
}

/* All bytes, or an errno. */
static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t done = write(fd, bytes, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        bytes += done;
        length -= (size_t)done;
    }
    return 0;
}

/* Writes and closes. */
static mxp_status write_and_close(int fd, const char *path, const struct file_part *part,
                                  size_t count, mxp_error *error)
{
    int code = 0;

    for (size_t i = 0; i < count && code == 0; i++)
        code = write_all(fd, part[i].bytes, part[i].length);
    if (close(fd) != 0 && code == 0)
        code = errno;
    return code ? fail(error, MXP_IO, path, "cannot be written", code) : MXP_OK;
}

/* Creates a new file beside path, hidden and named after it and the process.  The name is made
 * here and not by mkstemp so that the file's mode follows the umask. */
static mxp_status open_temporary(int *fd, struct str *name, const char *path, mxp_error *error)
{
    const char *last = file_name(path);

    for (unsigned attempt = 0; attempt < TEMPORARY_TRIES; attempt++) {
        str_free(name);
        str_add_n(name, path, (size_t)(last - path));
        str_format(name, ".%.200s.%ld.%u", last, (long)getpid(), attempt);
        const mxp_status status = str_check(name, error);
        if (status != MXP_OK)
            return status;
        *fd = open(name->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
        if (*fd >= 0)
            return MXP_OK;
        if (errno != EEXIST)
            break;
    }
    return fail(error, MXP_CANNOT_CREATE, path, "cannot be created", errno);
}

static mxp_status write_directly(const char *path, const struct file_part *part, size_t count,
                                 mxp_error *error)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return fail(error, MXP_CANNOT_CREATE, path, "cannot be opened for writing", errno);
    return write_and_close(fd, path, part, count, error);
}

mxp_status file_write(const char *path, const void *bytes, size_t length, mxp_error *error)
{
    const struct file_part part = {bytes, length};

    return file_write_parts(path, &part, 1, error);
}

mxp_status file_write_parts(const char *path, const struct file_part *part, size_t count,
                            mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct str temporary = {0};
    struct stat info;
    bool made = false;
    int fd = -1;

    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return fail(error, MXP_CANNOT_CREATE, path, "cannot be created", EISDIR);
        if (!S_ISREG(info.st_mode))
            return write_directly(path, part, count, error);
    }
    TRY(status = open_temporary(&fd, &temporary, path, error));
    made = true;
    TRY(status = write_and_close(fd, path, part, count, error));
    if (rename(temporary.text, path) != 0) {
        status = fail(error, MXP_CANNOT_CREATE, path, "cannot be replaced", errno);
        goto out;
    }
    made = false;
out:
    if (made)
        (void)unlink(temporary.text);
    str_free(&temporary);
    return status;
}

static mxp_status make_one(const char *path, mxp_error *error)
{
    struct stat info;

    if (mkdir(path, DIRECTORY_MODE) == 0)
        return MXP_OK;
    const int code = errno;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return MXP_OK;
    return fail(error, MXP_CANNOT_CREATE, path, "directory cannot be created",
                code == EEXIST ? ENOTDIR : code);
}

mxp_status file_make_directory(const char *path, mxp_error *error)
{
    mxp_status status = MXP_OK;
    char *copy = NULL;

    TRY(status = mem_text(&copy, path, error));
    for (char *slash = copy; *copy && (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        TRY(status = make_one(copy, error));
        *slash = '/';
    }
    TRY(status = make_one(copy, error));
out:
    free(copy);
    return status;
}

mxp_status file_beside(char **path, const char *from, const char *name, mxp_error *error)
{
    mxp_status status;
    struct str joined = {0};

    if (name[0] != '/')
        str_add_n(&joined, from, (size_t)(file_name(from) - from));
    str_add(&joined, name);
    status = str_check(&joined, error);
    if (status == MXP_OK)
        *path = joined.text;
    else
        str_free(&joined);
    return status;
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
