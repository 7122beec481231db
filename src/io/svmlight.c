#include "io/svmlight.h"
#include "base/mem.h"
#include "io/decimal.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 24 };

/* The line in work. */
struct reader {
    const char *name;
    const char *at, *end; /* of what is not read yet; DECIMAL_SLACK bytes behind end are readable */
    size_t line;
};

void svmlight_free(struct svmlight *file)
{
    sparse_clear(&file->sparse);
    free(file->label);
    free(file->line);
    *file = (struct svmlight){0};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

static bool at_end_of_line(const struct reader *r)
{
    return r->at == r->end || *r->at == '\n' || *r->at == '#';
}

static void skip_line(struct reader *r)
{
    const char *next = memchr(r->at, '\n', (size_t)(r->end - r->at));

    r->at = next ? next + 1 : r->end;
    r->line++;
}

static mxp_status complain(const struct reader *r, const char *from, const char *what,
                           mxp_error *error)
{
    char text[SHOWN + 1];
    size_t length = 0;

    while (from + length < r->end && length < SHOWN && !is_blank(from[length]) &&
           from[length] != '\n')
        length++;
    memcpy(text, from, length);
    text[length] = '\0';
    return FAIL(error, MXP_DATA, "%s:%zu: \"%s\" %s", r->name, r->line, text, what);
}

static mxp_status read_number(double *value, struct reader *r, const char *from, const char *what,
                              mxp_error *error)
{
    const char *next = decimal_parse(value, r->at);

    if (next == r->at || next > r->end || !isfinite(*value) ||
        (next < r->end && !is_blank(*next) && *next != '\n' && *next != '#'))
        return complain(r, from, what, error);
    r->at = next;
    return MXP_OK;
}

/* `index:`, or `qid:`, which gives 0. */
static mxp_status read_index(size_t *index, struct reader *r, size_t before, mxp_error *error)
{
    const char *from = r->at;
    size_t value = 0;

    if (r->end - r->at > 4 && memcmp(r->at, "qid:", 4) == 0) {
        r->at += 4;
        *index = 0;
        return MXP_OK;
    }
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && value <= UINT32_MAX)
        value = 10 * value + (size_t)(*r->at++ - '0');
    if (r->at == from || r->at == r->end || *r->at != ':')
        return complain(r, from, "is not index:value", error);
    if (value == 0 || value > UINT32_MAX)
        return complain(r, from, "has an index outside 1 to 4294967295", error);
    if (value <= before)
        return complain(r, from,
                        value == before ? "has an index that the row has already"
                                        : "has an index below the one before it; sort the row",
                        error);
    r->at++;
    *index = value;
    return MXP_OK;
}

/* What a pass does with the entries of a row. */
struct sink {
    struct svmlight *file;
    size_t row, capacity, lines;
    size_t *next; /* columns: where the next value goes; NULL: the first pass, which counts */
};

static mxp_status take(struct sink *sink, size_t column, double value, mxp_error *error)
{
    struct sparse *s = &sink->file->sparse;
    mxp_status status = MXP_OK;

    if (sink->next) {
        const size_t at = sink->next[column]++;
        s->row[at] = (uint32_t)sink->row;
        s->value[at] = value;
        return MXP_OK;
    }
    if (column >= s->columns) {
        const size_t had = sink->capacity;
        TRY(status = mem_grow(&s->start, &sink->capacity, column + 2, sizeof *s->start, error));
        memset(s->start + had, 0, (sink->capacity - had) * sizeof *s->start);
        s->columns = column + 1;
    }
    s->start[column + 1]++;
out:
    return status;
}

/* The first pass leaves the values be: the second reads them. */
static mxp_status read_value(double *value, struct reader *r, const struct sink *sink,
                             const char *from, mxp_error *error)
{
    if (sink->next)
        return read_number(value, r, from, "is not index:value, a finite number", error);
    while (r->at < r->end && !is_blank(*r->at) && *r->at != '\n' && *r->at != '#')
        r->at++;
    return MXP_OK;
}

static mxp_status read_row(struct reader *r, struct sink *sink, mxp_error *error)
{
    const char *from = r->at;
    double label, value = 0.0;
    size_t before = 0, index = 0;
    mxp_status status;

    TRY(status = read_number(&label, r, from, "is not a label, a finite number", error));
    if (sink->next)
        sink->file->label[sink->row] = label;
    for (skip_blanks(r); !at_end_of_line(r); skip_blanks(r)) {
        from = r->at;
        TRY(status = read_index(&index, r, before, error));
        TRY(status = read_value(&value, r, sink, from, error));
        if (index == 0)
            continue;
        TRY(status = take(sink, index - 1, value, error));
        before = index;
    }
out:
    return status;
}

static mxp_status pass(struct reader r, struct sink *sink, mxp_error *error)
{
    mxp_status status = MXP_OK;

    sink->row = 0;
    for (r.line = 1; r.at < r.end; skip_line(&r)) {
        skip_blanks(&r);
        if (at_end_of_line(&r))
            continue;
        TRY(status = read_row(&r, sink, error));
        if (sink->next && sink->file->line)
            sink->file->line[sink->row] = r.line;
        sink->row++;
        sink->lines = r.line;
    }
out:
    return status;
}

mxp_status svmlight_parse(struct svmlight *file, const struct bytes *bytes, const char *name,
                          mxp_error *error)
{
    const struct reader reader = {
        .name = name, .at = bytes->data, .end = bytes->data + bytes->size};
    struct svmlight f = {0};
    struct sink sink = {.file = &f};
    mxp_status status;

    TRY(status = pass(reader, &sink, error));
    if (sink.row == 0 || f.sparse.columns == 0) {
        status = FAIL(error, MXP_DATA, "%s: there %s", name,
                      sink.row ? "are no values, only labels" : "are no rows");
        goto out;
    }
    f.sparse.rows = sink.row;
    TRY(status = mem_doubles(&f.label, sink.row, 1, error));
    if (sink.lines != sink.row)
        TRY(status = MEM_NEW(&f.line, sink.row, error));
    TRY(status = sparse_make_room(&f.sparse, error));
    TRY(status = MEM_NEW(&sink.next, f.sparse.columns, error));
    memcpy(sink.next, f.sparse.start, f.sparse.columns * sizeof *sink.next);
    TRY(status = pass(reader, &sink, error));
    *file = f;
    f = (struct svmlight){0};
out:
    free(sink.next);
    svmlight_free(&f);
    return status;
}
