#include "io/csv_pieces.h"

#include "base/mem.h"
#include "io/csv_piece.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* Bytes of a piece, which stays in the second cache with its index; rows set aside at least. */
enum { PIECE_BYTES = 1 << 17, SPARE_ROWS = 8 };

/* What a thread has of its own. */
struct worker {
    struct csv csv;
    struct columns part; /* its view of the columns */
    struct csv_index index;
    size_t failed; /* its first piece in error, SIZE_MAX: none */
    mxp_status status;
    mxp_error error; /* that one's */
};

/* The reading as a whole. */
struct reading {
    struct csv_pieces *pieces;
    struct csv *csv;
    struct worker *worker; /* pieces->threads of them */
    size_t capacity;       /* rows */
    atomic_size_t ticket;  /* the next piece to take, */
    atomic_size_t turn; /* and the next to get its place: the one who has it writes what follows */
    const char *at;
    size_t row, line;
    size_t from;          /* the piece to go on with, */
    bool full;            /* since it needs more rows than there is room for: */
    size_t needed;        /* so many */
    atomic_size_t failed; /* a piece in error, SIZE_MAX: none; those behind it are left alone */
};

const char *csv_piece_limit(const struct csv_pieces *pieces, size_t i)
{
    return i + 1 < pieces->count ? pieces->first + (i + 1) * pieces->size : pieces->end;
}

/* ---- a piece ---- */

/* Pieces come to a thread in order: its first failure is the one that counts. */
static void note_failure(struct reading *r, struct worker *w, size_t i, mxp_status status)
{
    size_t least = atomic_load(&r->failed);

    w->failed = i;
    w->status = status;
    while (i < least && !atomic_compare_exchange_weak(&r->failed, &least, i))
        ;
}

static mxp_status index_from(const struct reading *r, struct worker *w, size_t i, const char *at,
                             bool guess)
{
    return csv_index_rows(&w->index, at, csv_piece_limit(r->pieces, i), r->csv->end,
                          r->csv->options->delimiter, guess, &w->error);
}

/* Indexes the piece from the first newline in it on, as if that were outside quotes; w->csv.at is
 * where, NULL where there is none. */
static mxp_status guess_index(const struct reading *r, struct worker *w, size_t i)
{
    const struct csv_pieces *p = r->pieces;
    const char *at = p->first + i * p->size, *limit = csv_piece_limit(p, i);

    if (i > 0) {
        at = memchr(at - 1, '\n', (size_t)(limit - at));
        at = at ? at + 1 : NULL;
    }
    w->csv.at = at;
    return at ? index_from(r, w, i, at, i > 0) : MXP_OK;
}

/* Until the pieces before have their places: their ends are all that this one has to wait for. */
static void wait_turn(struct reading *r, size_t i)
{
    enum { SPINS = 100 };

    for (unsigned spins = 0; atomic_load(&r->turn) != i; spins++)
        if (spins > SPINS)
            (void)sched_yield();
}

/* The piece, whose turn it is, gets its place behind those before it.  Where the guess was wrong it
 * is indexed again.  False where there is nothing to parse. */
static bool take_place(struct reading *r, struct worker *w, size_t i, mxp_status status)
{
    const char *limit = csv_piece_limit(r->pieces, i);
    struct csv_piece *piece = &r->pieces->piece[i];

    *piece = (struct csv_piece){0};
    if (r->full || r->failed < i || r->at >= limit)
        return false;
    if (status == MXP_OK && (w->csv.at != r->at || w->index.unsure))
        status = index_from(r, w, i, r->at, false);
    if (status != MXP_OK) {
        note_failure(r, w, i, status);
        return false;
    }
    if (w->index.rows > r->capacity - r->row) {
        r->full = true;
        r->from = i;
        r->needed = w->index.rows;
        return false;
    }
    *piece = (struct csv_piece){r->at, r->row};
    w->csv.at = r->at;
    w->csv.line = r->line;
    w->part.rows = r->row;
    r->at = w->index.end;
    r->row += w->index.rows;
    r->line += w->index.lines;
    return true;
}

static void parse_piece(struct reading *r, struct worker *w, size_t i)
{
    mxp_status status = MXP_OK;

    if (columns_line(&w->part, w->part.rows) != w->csv.line)
        status = columns_anchor(&w->part, w->part.rows, w->csv.line, &w->error);
    if (status == MXP_OK)
        status = csv_piece_parse(&w->csv, &w->index, &w->error);
    if (status != MXP_OK)
        note_failure(r, w, i, status);
}

static void work(struct reading *r, struct worker *w)
{
    for (size_t i; (i = atomic_fetch_add(&r->ticket, 1)) < r->pieces->count;) {
        const bool over = r->full || r->failed < i;
        const mxp_status status = over ? MXP_OK : guess_index(r, w, i);
        wait_turn(r, i);
        const bool there = take_place(r, w, i, status);
        atomic_store(&r->turn, i + 1);
        if (there)
            parse_piece(r, w, i);
    }
}

/* All pieces from r->from on, or up to the first that there is no room for. */
static void parse_pieces(struct reading *r)
{
    atomic_init(&r->ticket, r->from);
    atomic_init(&r->turn, r->from);
    r->full = false;
#ifdef _OPENMP
#pragma omp parallel num_threads(r->pieces->threads)
    work(r, &r->worker[omp_get_thread_num()]);
#else
    work(r, r->worker);
#endif
}

/* ---- room ---- */

/* Rows to expect in `left` bytes where `lines` took `bytes`; no more than they allow. */
static size_t expected_rows(const struct csv *csv, size_t left, size_t lines, size_t bytes)
{
    const size_t most = left / (csv->out->count + csv->unnamed) + 1;
    const double rows = (double)lines * ((double)left / (double)bytes) * 1.02;

    return rows < (double)most ? (size_t)rows : most;
}

/* From the lines at the start. */
static size_t first_expectation(const struct csv *csv)
{
    const size_t left = (size_t)(csv->end - csv->at), sample = left < 65536 ? left : 65536;
    size_t lines = 1;

    for (const char *s = csv->at, *stop = s + sample; s < stop; s++, lines++) {
        s = memchr(s, '\n', (size_t)(stop - s));
        if (!s)
            break;
    }
    return expected_rows(csv, left, lines, sample) + SPARE_ROWS;
}

/* Room for that many rows in every column, those that are there kept. */
static mxp_status make_room(struct reading *r, size_t rows, mxp_error *error)
{
    struct columns *out = r->csv->out;
    mxp_status status = MXP_OK;
    double *fresh = NULL;

    for (size_t j = 0; j < out->count; j++) {
        double **values = &out->column[j].values;
        TRY(status = mem_pages(&fresh, rows, sizeof *fresh, error));
        if (r->row)
            memcpy(fresh, *values, r->row * sizeof *fresh);
        free(*values);
        *values = fresh;
        for (int t = 0; t < r->pieces->threads; t++)
            r->worker[t].part.column[j].values = fresh;
    }
    r->capacity = rows;
out:
    return status;
}

/* Room for the rows of the piece that was too many, and for those that may follow. */
static mxp_status make_more_room(struct reading *r, mxp_error *error)
{
    const size_t read = (size_t)(r->at - r->pieces->first), left = (size_t)(r->csv->end - r->at);
    const size_t rows = read ? expected_rows(r->csv, left, r->row, read) : 0;

    return make_room(r, r->row + r->needed + rows, error);
}

/* ---- the whole ---- */

static int thread_count(int asked)
{
#ifdef _OPENMP
    return asked > 0 ? asked : omp_get_max_threads();
#else
    (void)asked;
    return 1;
#endif
}

static mxp_status cut(struct csv_pieces *p, const struct csv *csv, mxp_error *error)
{
    const size_t bytes = (size_t)(csv->end - csv->at);
    const int all = thread_count(csv->options->threads);

    p->first = csv->at;
    p->end = csv->end;
    p->size = csv->options->piece ? csv->options->piece : PIECE_BYTES;
    p->count = (bytes - 1) / p->size + 1;
    p->threads = p->count < (size_t)all ? (int)p->count : all;
    return MEM_NEW(&p->piece, p->count, error);
}

static mxp_status start_workers(struct reading *r, mxp_error *error)
{
    mxp_status status = MXP_OK;

    TRY(status = MEM_NEW(&r->worker, (size_t)r->pieces->threads, error));
    for (int t = 0; t < r->pieces->threads; t++) {
        struct worker *w = &r->worker[t];
        w->failed = SIZE_MAX;
        TRY(status = columns_view(&w->part, r->csv->out, error));
        w->csv = *r->csv;
        w->csv.out = &w->part;
    }
out:
    return status;
}

/* The failure of the first piece in error. */
static mxp_status first_failure(const struct reading *r, mxp_error *error)
{
    const struct worker *w = r->worker;

    while (w->failed != r->failed)
        w++;
    if (error)
        *error = w->error;
    return w->status;
}

/* What the threads have noted goes to the columns, if all is well so far. */
static mxp_status end_workers(struct reading *r, mxp_status status, mxp_error *error)
{
    for (int t = 0; r->worker && t < r->pieces->threads; t++) {
        struct worker *w = &r->worker[t];
        if (status == MXP_OK)
            status = columns_merge(r->csv->out, &w->part, error);
        columns_view_free(&w->part);
        csv_index_free(&w->index);
        free(w->csv.text);
    }
    free(r->worker);
    return status;
}

mxp_status csv_read_rows(struct csv_pieces *pieces, struct csv *csv, mxp_error *error)
{
    struct reading r = {.pieces = pieces, .csv = csv, .at = csv->at, .line = csv->line};
    mxp_status status;

    atomic_init(&r.failed, SIZE_MAX);
    TRY(status = cut(pieces, csv, error));
    TRY(status = start_workers(&r, error));
    TRY(status = make_room(&r, first_expectation(csv), error));
    parse_pieces(&r);
    while (r.full && r.failed == SIZE_MAX) {
        TRY(status = make_more_room(&r, error));
        parse_pieces(&r);
    }
    if (r.failed != SIZE_MAX)
        status = first_failure(&r, error);
    csv->out->rows = r.row;
out:
    return end_workers(&r, status, error);
}

void csv_pieces_free(struct csv_pieces *pieces)
{
    free(pieces->piece);
    *pieces = (struct csv_pieces){0};
}
