#include "data/levels.h"

#include "base/mem.h"
#include "base/number.h"
#include "io/utf8.h"

#include <math.h>
#include <string.h>

void levels_free(char **label, size_t count)
{
    for (size_t i = 0; label && i < count; i++)
        free(label[i]);
    free(label);
}

/* The texts of a column; for one of numbers they are made, and owned by *made. */
static mxp_status texts_of(const struct column_text **texts, struct column_text *made,
                           const mxp_table *table, size_t column, mxp_error *error)
{
    *texts = table_texts(table, column);
    if (*texts)
        return MXP_OK;
    *texts = made;
    return column_text_of_numbers(made, mxp_table_values(table, column), mxp_table_rows(table),
                                  error);
}

/* ---- order ---- */

struct ranked {
    const char *label;
    double number;
};

static int by_number(const void *a, const void *b)
{
    const double x = ((const struct ranked *)a)->number, y = ((const struct ranked *)b)->number;
    if (x != y)
        return x < y ? -1 : 1;
    return strcmp(((const struct ranked *)a)->label, ((const struct ranked *)b)->label);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const struct ranked *)a)->label, ((const struct ranked *)b)->label);
}

/* The first of the selected rows that has the level, as a row of the table. */
static size_t first_row(const struct column_text *texts, const struct selection *selection,
                        uint32_t code)
{
    size_t i = 0;

    while (texts->code[selection_row(selection, i)] != code)
        i++;
    return selection_row(selection, i);
}

/* Which levels the selected rows have. */
static mxp_status mark(bool **present, const struct column_text *texts,
                       const struct selection *selection, mxp_error *error)
{
    bool *seen = NULL;
    const mxp_status status = MEM_NEW(&seen, texts->count, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < selection->rows; i++)
        seen[texts->code[selection_row(selection, i)]] = true;
    *present = seen;
    return MXP_OK;
}

static mxp_status check_utf8(const mxp_table *table, size_t column, const struct column_text *texts,
                             const bool *present, const struct selection *selection,
                             mxp_error *error)
{
    for (size_t i = 0; i < texts->count; i++)
        if (present[i] && !utf8_check(texts->level[i], strlen(texts->level[i])))
            return table_fail(error, table, column, first_row(texts, selection, (uint32_t)i),
                              "the text is not UTF-8");
    return MXP_OK;
}

/* The levels that are present, in the order of the language. */
static mxp_status sort_levels(char ***label, size_t *count, const struct column_text *texts,
                              const bool *present, mxp_error *error)
{
    struct ranked *ranked = NULL;
    char **out = NULL;
    size_t n = 0;
    bool numbers = true;
    mxp_status status;

    TRY(status = MEM_NEW(&ranked, texts->count, error));
    TRY(status = MEM_NEW(&out, texts->count, error));
    for (size_t i = 0; i < texts->count; i++) {
        if (!present[i])
            continue;
        ranked[n] = (struct ranked){texts->level[i], NAN};
        numbers = numbers && number_read(&ranked[n].number, texts->level[i]) == NULL;
        n++;
    }
    if (n > 1)
        qsort(ranked, n, sizeof *ranked, numbers ? by_number : by_bytes);
    for (*count = 0; *count < n; ++*count)
        TRY(status = mem_text(&out[*count], ranked[*count].label, error));
    *label = out;
    out = NULL;
out:
    levels_free(out, out ? *count : 0);
    free(ranked);
    return status;
}

/* A listed level as the data write it: 1.0 is 1 where the data have numbers. */
static mxp_status copy_listed(char **copy, const char *listed, const struct column_text *texts,
                              bool numbers, mxp_error *error)
{
    struct str canonical = {0};
    double number;
    mxp_status status;

    if (!numbers || column_text_find(texts, listed, strlen(listed)) != COLUMN_TEXT_NONE ||
        number_read(&number, listed) != NULL)
        return mem_text(copy, listed, error);
    number_print(&canonical, number);
    TRY(status = str_check(&canonical, error));
    *copy = canonical.text;
    canonical.text = NULL;
out:
    str_free(&canonical);
    return status;
}

static mxp_status take_listed(char ***label, size_t *count, const struct column_text *texts,
                              bool numbers, const struct design_name *listed, size_t listed_count,
                              mxp_error *error)
{
    struct column_text seen = {0};
    char **out = NULL;
    mxp_status status;

    *count = 0;
    TRY(status = MEM_NEW(&out, listed_count, error));
    for (size_t i = 0; i < listed_count; i++) {
        TRY(status = copy_listed(&out[i], listed[i].name, texts, numbers, error));
        ++*count;
        TRY(status = column_text_add(&seen, i, out[i], strlen(out[i]), error));
        if (seen.count <= i) {
            status = FAIL_AT(error, listed[i].place, MXP_CONFIG, "the level \"%s\" is listed twice",
                             out[i]);
            goto out;
        }
    }
    *label = out;
    out = NULL;
out:
    levels_free(out, out ? *count : 0);
    column_text_free(&seen);
    return status;
}

mxp_status levels_find(char ***label, size_t *count, const mxp_table *table, size_t column,
                       const struct selection *selection, const struct design_name *listed,
                       size_t listed_count, mxp_error *error)
{
    struct column_text made = {0};
    const struct column_text *texts = NULL;
    bool *present = NULL;
    mxp_status status;

    TRY(status = texts_of(&texts, &made, table, column, error));
    TRY(status = mark(&present, texts, selection, error));
    TRY(status = check_utf8(table, column, texts, present, selection, error));
    if (listed)
        status = take_listed(label, count, texts, table_is_numbers(table, column), listed,
                             listed_count, error);
    else
        status = sort_levels(label, count, texts, present, error);
out:
    free(present);
    column_text_free(&made);
    return status;
}

/* ---- codes ---- */

/* The label that is the same number as the text, or COLUMN_TEXT_NONE. */
static uint32_t find_number(char *const *label, size_t count, const char *text)
{
    double wanted, number;

    if (number_read(&wanted, text) != NULL)
        return COLUMN_TEXT_NONE;
    for (size_t i = 0; i < count; i++)
        if (number_read(&number, label[i]) == NULL && number == wanted)
            return (uint32_t)i;
    return COLUMN_TEXT_NONE;
}

/* From the codes of the table to indices of labels; COLUMN_TEXT_NONE where there is no label. */
static mxp_status map_codes(uint32_t **map, const struct column_text *texts, bool numbers,
                            char *const *label, size_t count, mxp_error *error)
{
    struct column_text known = {0};
    uint32_t *out = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&out, texts->count, error));
    for (size_t i = 0; i < count; i++)
        TRY(status = column_text_add(&known, i, label[i], strlen(label[i]), error));
    for (size_t i = 0; i < texts->count; i++) {
        out[i] = column_text_find(&known, texts->level[i], strlen(texts->level[i]));
        if (out[i] == COLUMN_TEXT_NONE && numbers)
            out[i] = find_number(label, count, texts->level[i]);
    }
    *map = out;
    out = NULL;
out:
    free(out);
    column_text_free(&known);
    return status;
}

static mxp_status unknown_level(const mxp_table *table, size_t column, size_t row, const char *text,
                                const char *words, char *const *label, size_t count,
                                mxp_error *error)
{
    enum { SHOWN = 8 };
    struct str list = {0};

    for (size_t i = 0; i < count && i < SHOWN; i++)
        str_format(&list, "%s%s", i ? ", " : "", label[i]);
    if (count > SHOWN)
        str_format(&list, " and %zu more", count - SHOWN);
    const mxp_status status = table_fail(error, table, column, row, "\"%.100s\" %s (levels: %s)",
                                         text, words, list.text ? list.text : "none");
    str_free(&list);
    return status;
}

mxp_status levels_code(uint32_t **code, const mxp_table *table, size_t column,
                       const struct selection *selection, char *const *label, size_t count,
                       const char *words, mxp_error *error)
{
    struct column_text made = {0};
    const struct column_text *texts = NULL;
    uint32_t *map = NULL, *out = NULL;
    mxp_status status;

    TRY(status = texts_of(&texts, &made, table, column, error));
    TRY(status = map_codes(&map, texts, table_is_numbers(table, column), label, count, error));
    TRY(status = MEM_NEW(&out, selection->rows, error));
    for (size_t i = 0; i < selection->rows; i++) {
        const size_t row = selection_row(selection, i);
        out[i] = map[texts->code[row]];
        if (out[i] == COLUMN_TEXT_NONE) {
            status = unknown_level(table, column, row, texts->level[texts->code[row]], words, label,
                                   count, error);
            goto out;
        }
    }
    *code = out;
    out = NULL;
out:
    free(out);
    free(map);
    column_text_free(&made);
    return status;
}
