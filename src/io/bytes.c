#define _DEFAULT_SOURCE /* MAP_ANONYMOUS and madvise, which POSIX 2008 lacks */
#include "io/bytes.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

/* Maps the file over the start of a zeroed region that is at least a page longer, so that there are
 * zero bytes behind it whatever its size.  False where the system refuses. */
static bool map_file(struct bytes *bytes, int file, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (size > SIZE_MAX - 2 * page)
        return false;
    const size_t length = (size / page + 2) * page;
    void *region = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region == MAP_FAILED)
        return false;
    if (mmap(region, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED) {
        (void)munmap(region, length);
        return false;
    }
    (void)posix_madvise(region, size, POSIX_MADV_SEQUENTIAL);
    *bytes = (struct bytes){.data = region, .size = size, .mapping = region, .mapped = length};
    return true;
}

static mxp_status read_all(struct bytes *bytes, int file, size_t expected, const char *name,
                           mxp_error *error)
{
    char *text = NULL;
    size_t size = 0, capacity = 0;
    mxp_status status;

    TRY(status = mem_grow(&text, &capacity, expected + BYTES_SLACK + 1, 1, error));
    for (;;) {
        const ssize_t got = read(file, text + size, capacity - BYTES_SLACK - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = FAIL(error, MXP_IO, "%s: reading failed: %s", name, strerror(errno));
            goto out;
        }
        if (got == 0)
            break;
        size += (size_t)got;
        if (size + BYTES_SLACK == capacity)
            TRY(status = mem_grow(&text, &capacity, capacity + 1, 1, error));
    }
    memset(text + size, 0, BYTES_SLACK);
    *bytes = (struct bytes){.data = text, .size = size, .owned = text};
    text = NULL;
out:
    free(text);
    return status;
}

/* The input as it is on the disk. */
static mxp_status read_raw(struct bytes *bytes, const char *path, const char *name,
                           mxp_error *error)
{
    const bool standard = strcmp(path, "-") == 0;
    const int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    mxp_status status;
    struct stat facts;

    if (file < 0 || fstat(file, &facts) != 0) {
        status = FAIL(error, MXP_NO_INPUT, "%s: cannot be opened: %s", name, strerror(errno));
        goto out;
    }
    if (S_ISDIR(facts.st_mode)) {
        status = FAIL(error, MXP_NO_INPUT, "%s: is a directory, not a file", name);
        goto out;
    }
    /* standard input may be a file that was read in part: it is not mapped */
    const bool regular = S_ISREG(facts.st_mode) && facts.st_size > 0 && !standard;
    if (regular && (uintmax_t)facts.st_size <= SIZE_MAX / 2 &&
        map_file(bytes, file, (size_t)facts.st_size))
        status = MXP_OK;
    else
        status = read_all(bytes, file, (size_t)1 << 16, name, error);
out:
    if (file >= 0 && !standard)
        (void)close(file);
    return status;
}

/* An inflate stream with the bytes on both sides of it. */
struct unpacking {
    z_stream stream;
    const struct bytes *in;
    size_t at; /* bytes of the input consumed */
    char *text;
    size_t size, capacity;
};

/* Offers inflate all of the input and of the room that an uInt can count; zlib's answer. */
static int inflate_some(struct unpacking *u)
{
    const size_t room = u->capacity - BYTES_SLACK - u->size, left = u->in->size - u->at;
    const uInt give = left < UINT_MAX ? (uInt)left : UINT_MAX;
    const uInt take = room < UINT_MAX ? (uInt)room : UINT_MAX;

    u->stream.next_in = (z_const Bytef *)(u->in->data + u->at);
    u->stream.avail_in = give;
    u->stream.next_out = (Bytef *)u->text + u->size;
    u->stream.avail_out = take;
    const int answer = inflate(&u->stream, Z_NO_FLUSH);
    u->at += give - u->stream.avail_in;
    u->size += take - u->stream.avail_out;
    return answer;
}

/* What zlib's answer means; OK when there may be more to do. */
static mxp_status judge(const struct unpacking *u, int answer, const char *name, mxp_error *error)
{
    if (answer == Z_OK || answer == Z_STREAM_END || (answer == Z_BUF_ERROR && u->at < u->in->size))
        return MXP_OK;
    if (answer == Z_MEM_ERROR)
        return FAIL(error, MXP_MEMORY, "%s: out of memory while unpacking", name);
    if (answer == Z_BUF_ERROR)
        return FAIL(error, MXP_DATA, "%s: damaged gzip file: it ends too early, at byte %zu", name,
                    u->at);
    return FAIL(error, MXP_DATA, "%s: damaged gzip file: %s, near byte %zu", name,
                u->stream.msg ? u->stream.msg : "bad data", u->at);
}

/* Members follow each other; zero bytes may pad the end (gzip's rule for tapes). */
static bool only_padding(const struct bytes *in, size_t at)
{
    while (at < in->size && in->data[at] == '\0')
        at++;
    return at == in->size;
}

static mxp_status unpack(struct unpacking *u, const char *name, mxp_error *error)
{
    mxp_status status = MXP_OK;
    int answer;

    do {
        TRY(status = mem_grow(&u->text, &u->capacity, u->size + BYTES_SLACK + ((size_t)1 << 16), 1,
                              error));
        answer = inflate_some(u);
        TRY(status = judge(u, answer, name, error));
        if (answer == Z_STREAM_END)
            (void)inflateReset(&u->stream);
    } while (answer != Z_STREAM_END || !only_padding(u->in, u->at));
    memset(u->text + u->size, 0, BYTES_SLACK);
out:
    return status;
}

static mxp_status gunzip(struct bytes *bytes, const char *name, mxp_error *error)
{
    enum { GZIP_ONLY = 15 + 16 };
    struct unpacking u = {.in = bytes};

    if (inflateInit2(&u.stream, GZIP_ONLY) != Z_OK)
        return FAIL(error, MXP_MEMORY, "%s: out of memory while unpacking", name);
    const mxp_status status = unpack(&u, name, error);
    (void)inflateEnd(&u.stream);
    if (status != MXP_OK) {
        free(u.text);
        return status;
    }
    bytes_free(bytes);
    *bytes = (struct bytes){.data = u.text, .size = u.size, .owned = u.text};
    return MXP_OK;
}

mxp_status bytes_read(struct bytes *bytes, const char *path, const char *name, bool gzip,
                      mxp_error *error)
{
    struct bytes input = {0};
    mxp_status status;

    TRY(status = read_raw(&input, path, name, error));
    if (gzip)
        TRY(status = gunzip(&input, name, error));
    *bytes = input;
    input = (struct bytes){0};
out:
    bytes_free(&input);
    return status;
}

/* posix_madvise would do nothing. */
void bytes_forget(const struct bytes *bytes, size_t from, size_t to)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t first = (from + page - 1) / page * page, last = to / page * page;

    if (bytes->mapping && first < last)
        (void)madvise((char *)bytes->mapping + first, last - first, MADV_DONTNEED);
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->owned);
    if (bytes->mapping)
        (void)munmap(bytes->mapping, bytes->mapped);
    *bytes = (struct bytes){0};
}
