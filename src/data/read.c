/* mxp_table_read: which reader reads a file. */
#include "base/mem.h"
#include "data/cache.h"
#include "io/bytes.h"
#include "io/csv.h"
#include "io/matrix_market.h"
#include "io/npy.h"
#include "io/readstat.h"
#include "io/sqlite.h"
#include "io/svmlight.h"

#include <string.h>
#include <strings.h>

static const char *const default_na[] = {"", "NA", "NaN", "nan"};

void mxp_read_options_init(mxp_read_options *options)
{
    *options = (mxp_read_options){.size = sizeof *options,
                                  .na = default_na,
                                  .na_count = sizeof default_na / sizeof *default_na};
}

/* The caller's options over the defaults; a struct of another version is shorter or longer. */
static mxp_status take_options(mxp_read_options *mine, const mxp_read_options *options,
                               mxp_error *error)
{
    mxp_read_options_init(mine);
    if (!options)
        return MXP_OK;
    if (options->size < sizeof(size_t))
        return FAIL(error, MXP_USAGE, "read options that mxp_read_options_init did not fill");
    memcpy(mine, options, options->size < sizeof *mine ? options->size : sizeof *mine);
    mine->size = sizeof *mine;
    if (mine->delimiter && !strchr(",;|:\t ", mine->delimiter))
        return FAIL(error, MXP_USAGE,
                    "the delimiter \"%c\" is not a comma, semicolon, bar, colon, tab or space",
                    mine->delimiter);
    if (mine->na_count && !mine->na)
        return FAIL(error, MXP_USAGE, "read options: na_count is %zu but na is NULL",
                    mine->na_count);
    if (mine->threads < 0)
        return FAIL(error, MXP_USAGE, "read options: %d threads; 0 is all", mine->threads);
    return MXP_OK;
}

/* A file, as it is to be read. */
struct input {
    const char *path;
    const char *name; /* what errors call it */
    char ending[16];  /* ".csv", without .gz behind it; "" where there is none, or a long one */
    bool gzip;
    mxp_read_options options;
};

static void find_ending(struct input *input)
{
    size_t length = strlen(input->path);

    input->gzip = length >= 3 && strcasecmp(input->path + length - 3, ".gz") == 0;
    length -= input->gzip ? 3 : 0;
    for (size_t i = length; i-- > 0 && input->path[i] != '/';) {
        if (input->path[i] != '.')
            continue;
        if (length - i < sizeof input->ending)
            memcpy(input->ending, input->path + i, length - i);
        return;
    }
}

static bool ends_in(const struct input *input, const char *ending)
{
    return strcasecmp(input->ending, ending) == 0;
}

/* Formats that are known by their ending but never built in. */
static mxp_status check_format(const struct input *input, mxp_error *error)
{
    static const char *const others[] = {".npz", ".parquet", ".xlsx"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (ends_in(input, others[i]))
            return FAIL(error, MXP_UNAVAILABLE,
                        "%s: reading %s files is not built in; convert it to .csv or .npy",
                        input->name, others[i]);
    return MXP_OK;
}

static mxp_status read_base(struct columns *columns, const struct input *input, mxp_error *error)
{
    const mxp_read_options *o = &input->options;

    if (input->gzip)
        return FAIL(error, MXP_UNAVAILABLE,
                    "%s: reading a packed database is not built in; unpack it first", input->name);
    return sqlite_columns(columns, input->path, o->sql, o->na, o->na_count, input->name, error);
}

static mxp_status parse(struct columns *columns, const struct bytes *bytes,
                        const struct input *input, mxp_error *error)
{
    const mxp_read_options *o = &input->options;
    const char by_name = ends_in(input, ".tsv") ? '\t' : ',';
    const struct csv_options csv = {.delimiter = o->delimiter ? o->delimiter : by_name,
                                    .na = o->na,
                                    .na_count = o->na_count,
                                    .threads = o->threads};

    if (ends_in(input, ".npy"))
        return npy_parse(columns, bytes, o->na, o->na_count, input->name, error);
    if (readstat_reads(input->ending))
        return readstat_columns(columns, bytes, input->ending, o->na, o->na_count, input->name,
                                error);
    return csv_parse(columns, bytes, &csv, input->name, error);
}

static bool is_svmlight(const struct input *input)
{
    return ends_in(input, ".svm") || ends_in(input, ".libsvm") || ends_in(input, ".svmlight");
}

/* Labels of two classes are written -1 and 1. */
static void count_from_0(double *label, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        if (label[i] != -1.0 && label[i] != 1.0)
            return;
    for (size_t i = 0; i < rows; i++)
        label[i] = label[i] > 0.0 ? 1.0 : 0.0;
}

static mxp_status take_svmlight(mxp_table *table, struct svmlight *file, mxp_error *error)
{
    mxp_status status = MXP_OK;

    table->columns.rows = file->sparse.rows;
    count_from_0(file->label, file->sparse.rows);
    for (size_t i = 0; i < file->sparse.rows; i++) {
        const size_t line = file->line ? file->line[i] : i + 1;
        if (i == 0 || line != file->line[i - 1] + 1)
            TRY(status = columns_anchor(&table->columns, i, line, error));
        if (!file->line)
            break;
    }
    TRY(status = mxp_table_add(table, "y", file->label, error));
    status = table_take_sparse(table, &file->sparse, "x", error);
out:
    return status;
}

static mxp_status parse_sparse(mxp_table *table, const struct bytes *bytes,
                               const struct input *input, mxp_error *error)
{
    struct svmlight file = {0};
    struct sparse sparse = {0};
    mxp_status status;

    if (is_svmlight(input)) {
        TRY(status = svmlight_parse(&file, bytes, input->name, error));
        status = take_svmlight(table, &file, error);
    } else {
        TRY(status = matrix_market_parse(&sparse, bytes, input->name, error));
        table->columns.rows = sparse.rows;
        status = table_take_sparse(table, &sparse, "c", error);
    }
out:
    sparse_clear(&sparse);
    svmlight_free(&file);
    return status;
}

/* The sparse columns from their cache, or from the text and then into the cache. */
static mxp_status read_cached(mxp_table *table, const struct input *input, mxp_error *error)
{
    const char *const cache = input->options.cache;
    const struct cache_key key = cache_key_of(input->path);
    struct bytes bytes = {0};
    bool found;
    mxp_status status;

    TRY(status = cache_load(&found, table, cache, &key, error));
    if (found)
        return MXP_OK;
    TRY(status = bytes_read(&bytes, input->path, input->name, input->gzip, error));
    TRY(status = parse_sparse(table, &bytes, input, error));
    status = cache_save(table, cache, input->path, &key, error);
out:
    bytes_free(&bytes);
    return status;
}

static mxp_status read_file(mxp_table *table, const struct input *input, mxp_error *error)
{
    const bool sparse = is_svmlight(input) || ends_in(input, ".mtx");
    struct bytes bytes = {0};
    mxp_status status;

    if (input->options.cache && !sparse)
        return FAIL(error, MXP_USAGE, "%s: a cache is for sparse files (.svm, .mtx) alone",
                    input->name);
    if (input->options.cache)
        return read_cached(table, input, error);
    if (sqlite_reads(input->ending))
        return read_base(&table->columns, input, error);
    if (input->options.sql)
        return FAIL(error, MXP_CONFIG,
                    "%s: a query is for databases (.sqlite, .sqlite3, .db) alone", input->name);
    status = bytes_read(&bytes, input->path, input->name, input->gzip, error);
    if (status == MXP_OK)
        status = sparse ? parse_sparse(table, &bytes, input, error)
                        : parse(&table->columns, &bytes, input, error);
    bytes_free(&bytes);
    return status;
}

mxp_status mxp_table_read(mxp_table **table, const char *path, const mxp_read_options *options,
                          mxp_error *error)
{
    struct input input = {.path = path};
    mxp_table *fresh = NULL;
    mxp_status status;

    if (!table || !path || !*path)
        return FAIL(error, MXP_USAGE, "mxp_table_read: a file's name is needed");
    input.name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    find_ending(&input);
    TRY(status = take_options(&input.options, options, error));
    TRY(status = check_format(&input, error));
    TRY(status = MEM_NEW(&fresh, 1, error));
    TRY(status = mem_text(&fresh->source, input.name, error));
    TRY(status = read_file(fresh, &input, error));
    *table = fresh;
    fresh = NULL;
out:
    mxp_table_free(fresh);
    return status;
}

const char *mxp_feature(size_t i, int *built_in)
{
    const struct {
        const char *name;
        bool built_in;
    } features[] = {{"readstat", readstat_built_in}, {"sqlite", sqlite_built_in}};

    if (i >= sizeof features / sizeof *features)
        return NULL;
    *built_in = features[i].built_in;
    return features[i].name;
}
