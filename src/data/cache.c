#include "data/cache.h"
#include "base/mem.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 8, VERSION = 1, ORDER = 0x01020304, LANES = 4, PARTS = 5 };
static const char magic[MAGIC + 1] = "maxpost\n";

/* What the file starts with.  Behind it: the dense column's values, the line anchors, the sparse columns'
 * starts, rows and values. */
struct header {
    char magic[MAGIC];
    uint32_t order, version;
    uint64_t size, seconds, nanoseconds; /* of the text */
    uint64_t rows, dense, anchors, columns, count;
    char name[TABLE_NAME]; /* of the dense column, of which there is one or none */
    char prefix[8];        /* of the sparse columns' names */
    char sha256[72];       /* of the text */
    uint64_t check;        /* of all other bytes */
};

struct part {
    void *bytes;
    size_t length;
};

struct cache_key cache_key_of(const char *source)
{
    struct stat info;

    if (stat(source, &info) != 0 || !S_ISREG(info.st_mode))
        return (struct cache_key){0};
    return (struct cache_key){.known = true,
                              .size = (uint64_t)info.st_size,
                              .seconds = (uint64_t)info.st_mtim.tv_sec,
                              .nanoseconds = (uint64_t)info.st_mtim.tv_nsec};
}

/* Each step is one to one in the lane, so that one changed word always shows. */
static uint64_t stir(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * 0x9E3779B97F4A7C15ULL;
    return lane ^ (lane >> 29);
}

static void add_bytes(uint64_t lane[LANES], const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t word[LANES];

    for (; length >= sizeof word; at += sizeof word, length -= sizeof word) {
        memcpy(word, at, sizeof word);
        for (size_t i = 0; i < LANES; i++)
            lane[i] = stir(lane[i], word[i]);
    }
    memset(word, 0, sizeof word);
    if (length)
        memcpy(word, at, length);
    for (size_t i = 0; i < LANES; i++)
        lane[i] = stir(lane[i], word[i]);
}

static uint64_t check_of(const struct header *header, const struct part part[PARTS])
{
    uint64_t lane[LANES] = {1, 2, 3, 4}, sum = 0;
    struct header plain = *header;

    plain.check = 0;
    add_bytes(lane, &plain, sizeof plain);
    for (size_t i = 0; i < PARTS; i++)
        add_bytes(lane, part[i].bytes, part[i].length);
    for (size_t i = 0; i < LANES; i++)
        sum = stir(sum, lane[i]);
    return sum;
}

/* Everything behind the header, where it is in memory. */
static void list_parts(struct part part[PARTS], double *dense, mxp_table *table)
{
    struct columns *columns = &table->columns;
    struct sparse *s = &table->sparse;

    part[0] = (struct part){dense, dense ? columns->rows * sizeof *dense : 0};
    part[1] = (struct part){columns->anchor, columns->anchors * sizeof *columns->anchor};
    part[2] = (struct part){s->start, (s->columns + 1) * sizeof *s->start};
    part[3] = (struct part){s->row, s->count * sizeof *s->row};
    part[4] = (struct part){s->value, s->count * sizeof *s->value};
}

static void fill_header(struct header *h, const mxp_table *table, const struct cache_key *key)
{
    const char *const name = table_sparse_name(table, 0);

    *h = (struct header){.order = ORDER,
                         .version = VERSION,
                         .size = key->size,
                         .seconds = key->seconds,
                         .nanoseconds = key->nanoseconds,
                         .rows = table->columns.rows,
                         .dense = table->columns.count,
                         .anchors = table->columns.anchors,
                         .columns = table->sparse.columns,
                         .count = table->sparse.count};
    memcpy(h->magic, magic, MAGIC);
    memcpy(h->sha256, table->sha256, sizeof table->sha256);
    memcpy(h->prefix, name, strcspn(name, "0123456789"));
    if (table->columns.count)
        (void)snprintf(h->name, sizeof h->name, "%s", table->columns.column[0].name);
}

mxp_status cache_save(mxp_table *table, const char *cache, const char *source,
                      const struct cache_key *key, mxp_error *error)
{
    struct header header;
    struct part part[PARTS];
    struct file_part bytes[PARTS + 1];

    if (!key->known || table->columns.count > 1 || hash_file(table->sha256, source))
        return MXP_OK;
    fill_header(&header, table, key);
    list_parts(part, table->columns.count ? table->columns.column[0].values : NULL, table);
    header.check = check_of(&header, part);
    bytes[0] = (struct file_part){&header, sizeof header};
    for (size_t i = 0; i < PARTS; i++)
        bytes[i + 1] = (struct file_part){part[i].bytes, part[i].length};
    return file_write_parts(cache, bytes, PARTS + 1, error);
}

static bool read_all(int fd, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        const ssize_t got = read(fd, at, length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

/* How long a file with this header is; 0: longer than any. */
static uint64_t length_of(const struct header *h)
{
    const uint64_t most = UINT64_MAX / 64;

    if (h->rows > UINT32_MAX || h->dense > 1 || h->anchors > h->rows || h->columns > most ||
        h->count > most)
        return 0;
    return sizeof *h + h->dense * h->rows * sizeof(double) +
           h->anchors * sizeof(struct line_anchor) + (h->columns + 1) * sizeof(size_t) +
           h->count * (sizeof(uint32_t) + sizeof(double));
}

static bool fits(const struct header *h, const struct cache_key *key, uint64_t length)
{
    return key->known && h->order == ORDER && h->version == VERSION && h->size == key->size &&
           h->seconds == key->seconds && h->nanoseconds == key->nanoseconds && h->rows > 0 &&
           h->columns > 0 && length_of(h) == length;
}

/* Room for everything behind the header. */
static mxp_status make_room(double **dense, mxp_table *table, const struct header *h,
                            mxp_error *error)
{
    struct columns *columns = &table->columns;
    struct sparse *s = &table->sparse;
    mxp_status status;

    columns->rows = s->rows = h->rows;
    s->columns = h->columns;
    s->count = h->count;
    if (h->dense)
        TRY(status = mem_doubles(dense, h->rows, 1, error));
    TRY(status = MEM_NEW(&columns->anchor, h->anchors, error));
    columns->anchors = columns->anchor_capacity = h->anchors;
    TRY(status = MEM_NEW(&s->start, h->columns + 1, error));
    TRY(status = mem_pages(&s->row, h->count, sizeof *s->row, error));
    TRY(status = mem_pages(&s->value, h->count, sizeof *s->value, error));
out:
    return status;
}

/* What is behind the header; *found: as it was written. */
static mxp_status load_parts(bool *found, mxp_table *table, const struct header *h, int fd,
                             mxp_error *error)
{
    struct part part[PARTS];
    struct sparse sparse;
    double *dense = NULL;
    mxp_status status;

    TRY(status = make_room(&dense, table, h, error));
    list_parts(part, dense, table);
    *found = true;
    for (size_t i = 0; i < PARTS; i++)
        *found = *found && read_all(fd, part[i].bytes, part[i].length);
    *found = *found && check_of(h, part) == h->check;
    if (!*found)
        goto out;
    if (dense)
        TRY(status = mxp_table_add(table, h->name, dense, error));
    sparse = table->sparse;
    table->sparse = (struct sparse){0};
    memcpy(table->sha256, h->sha256, sizeof table->sha256);
    status = table_take_sparse(table, &sparse, h->prefix, error);
out:
    free(dense);
    return status;
}

mxp_status cache_load(bool *found, mxp_table *table, const char *cache, const struct cache_key *key,
                      mxp_error *error)
{
    struct header h = {.order = 0};
    struct stat info;
    mxp_status status = MXP_OK;
    const int fd = open(cache, O_RDONLY | O_CLOEXEC);

    *found = false;
    if (fd < 0 || fstat(fd, &info) != 0)
        goto out;
    const bool whole = S_ISREG(info.st_mode) && read_all(fd, &h, sizeof h);
    if (info.st_size > 0 && memcmp(h.magic, magic, MAGIC) != 0) {
        status = FAIL(error, MXP_USAGE, "%s is a file of another kind, and is left alone", cache);
        goto out;
    }
    if (!whole || !fits(&h, key, (uint64_t)info.st_size))
        goto out;
    status = load_parts(found, table, &h, fd, error);
    if (!*found) {
        columns_free(&table->columns);
        sparse_clear(&table->sparse);
    }
out:
    if (fd >= 0)
        (void)close(fd);
    return status;
}
