#include "app/text_table.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

static size_t characters(const char *text)
{
    return str_characters(text, strlen(text));
}

/* Characters before the decimal point, or before the exponent, or all. */
static size_t whole_part(const char *cell)
{
    return str_characters(cell, strcspn(cell, ".e"));
}

void text_table_add(struct text_table *table, const char *const *cells, bool dim)
{
    if (table->failed ||
        mem_grow(&table->row, &table->capacity, table->rows + 1, sizeof *table->row, NULL)) {
        table->failed = true;
        return;
    }
    struct text_row *const row = &table->row[table->rows++];
    *row = (struct text_row){.dim = dim};
    for (size_t c = 0; c < table->columns; c++)
        if (mem_text(&row->cell[c], cells[c] ? cells[c] : "", NULL) != MXP_OK)
            table->failed = true;
}

void text_table_free(struct text_table *table)
{
    for (size_t r = 0; r < table->rows; r++)
        for (size_t c = 0; c < table->columns; c++)
            free(table->row[r].cell[c]);
    free(table->row);
    table->row = NULL;
    table->rows = table->capacity = 0;
}

/* Of one column: the whole cell, and what stands before and from the decimal point on. */
struct width {
    size_t all, before, after;
};

static struct width measure(const struct text_table *table, size_t c)
{
    struct width width = {0};

    for (size_t r = 0; r < table->rows; r++) {
        const char *const cell = table->row[r].cell[c];
        const size_t all = characters(cell), before = whole_part(cell);
        if (table->column[c].align == TEXT_LEFT) {
            width.all = all > width.all ? all : width.all;
            continue;
        }
        width.before = before > width.before ? before : width.before;
        width.after = all - before > width.after ? all - before : width.after;
    }
    if (table->column[c].align == TEXT_POINT)
        width.all = width.before + width.after;
    const size_t heading = characters(table->column[c].heading);
    if (heading > width.all) {
        width.before += heading - width.all;
        width.all = heading;
    }
    return width;
}

static void blanks(struct str *out, size_t count)
{
    str_format(out, "%*s", (int)count, "");
}

/* Blanks that end a line are left out: *owed of them are due before the next cell. */
static void put_cell(struct str *out, const char *cell, enum text_align align, struct width width,
                     size_t *owed)
{
    const size_t left = align == TEXT_POINT ? width.before - whole_part(cell) : 0;

    *owed += left;
    if (*cell) {
        blanks(out, *owed);
        str_add(out, cell);
        *owed = 0;
    }
    *owed += width.all - left - characters(cell);
}

static void put_heading(struct str *out, const struct text_table *table, const struct width *width,
                        bool color)
{
    size_t owed = 2, filled = 0;

    for (size_t c = 0; c < table->columns; c++)
        filled += strlen(table->column[c].heading);
    if (filled == 0)
        return;
    str_add(out, color ? BOLD : "");
    for (size_t c = 0; c < table->columns; c++) {
        const char *const heading = table->column[c].heading;
        const size_t count = characters(heading);
        if (table->column[c].align == TEXT_POINT)
            owed += width[c].all - count;
        put_cell(out, heading, TEXT_LEFT, (struct width){.all = count}, &owed);
        owed += 2 + (table->column[c].align == TEXT_LEFT ? width[c].all - count : 0);
    }
    str_add(out, color ? PLAIN "\n" : "\n");
}

void text_table_print(struct str *out, const struct text_table *table, bool color)
{
    struct width width[TEXT_COLUMNS];

    if (table->failed) {
        out->failed = true;
        return;
    }
    for (size_t c = 0; c < table->columns; c++)
        width[c] = measure(table, c);
    put_heading(out, table, width, color);
    for (size_t r = 0; r < table->rows; r++) {
        const bool dim = color && table->row[r].dim;
        size_t owed = 2;
        str_add(out, dim ? DIM : "");
        for (size_t c = 0; c < table->columns; c++) {
            put_cell(out, table->row[r].cell[c], table->column[c].align, width[c], &owed);
            owed += 2;
        }
        str_add(out, dim ? PLAIN "\n" : "\n");
    }
}

void text_bold(struct str *out, const char *text, bool color)
{
    str_format(out, "%s%s%s", color ? BOLD : "", text, color ? PLAIN : "");
}

void text_wrap(struct str *out, const char *first, const char *text, size_t width)
{
    const size_t indent = characters(first);
    size_t at = indent;

    str_add(out, first);
    for (bool fresh = true; *text; fresh = false) {
        const size_t bytes = strcspn(text, " "), count = str_characters(text, bytes);
        if (!fresh && at + 1 + count > width) {
            str_add(out, "\n");
            blanks(out, indent);
            at = indent;
        } else if (!fresh) {
            str_add(out, " ");
            at++;
        }
        str_add_n(out, text, bytes);
        at += count;
        text += bytes;
        text += strspn(text, " ");
    }
    str_add(out, "\n");
}

/* Bytes of the first `count` characters. */
static size_t bytes_of(const char *text, size_t count)
{
    size_t bytes = 0;
    while (text[bytes] && str_characters(text, bytes + 1) <= count)
        bytes++;
    return bytes;
}

void text_cut(struct str *out, const char *name, size_t width)
{
    const size_t count = characters(name);

    if (count <= width) {
        str_add(out, name);
        return;
    }
    const size_t head = (width - 2 + 1) / 2, tail = width - 2 - head;
    str_add_n(out, name, bytes_of(name, head));
    str_add(out, "..");
    str_add(out, name + bytes_of(name, count - tail));
}

/* "1e-09" becomes "1e-9". */
static void shorten_exponent(char *text)
{
    char *at = strchr(text, 'e');

    if (!at)
        return;
    at++;
    char *to = at + (*at == '-');
    at += *at == '-' || *at == '+';
    at += strspn(at, "0");
    memmove(to, at, strlen(at) + 1);
}

int text_decimals(double size, int digits)
{
    if (!isfinite(size))
        return -1;
    if (size == 0.0)
        return digits - 1;
    const int exponent = (int)floor(log10(fabs(size)));
    const int decimals = digits - 1 - exponent;
    return decimals > 8 || exponent > 8 ? -1 : decimals < 0 ? 0 : decimals;
}

void text_fixed(char out[TEXT_NUMBER], double value, int decimals)
{
    if (isnan(value))
        (void)snprintf(out, TEXT_NUMBER, "-");
    else if (decimals < 0 || fabs(value) >= 1e12)
        (void)snprintf(out, TEXT_NUMBER, "%.4e", value);
    else
        (void)snprintf(out, TEXT_NUMBER, "%.*f", decimals, value);
    shorten_exponent(out);
    /* -0.00 is a rounded number, not a sign. */
    if (out[0] == '-' && out[1] && strspn(out + 1, "0.") == strlen(out + 1))
        memmove(out, out + 1, strlen(out));
}

void text_significant(char out[TEXT_NUMBER], double value, int digits)
{
    text_fixed(out, value, text_decimals(value, digits));
}

void text_short(char out[TEXT_NUMBER], double value, int digits)
{
    if (isnan(value))
        (void)snprintf(out, TEXT_NUMBER, "-");
    else
        (void)snprintf(out, TEXT_NUMBER, "%.*g", digits, value);
    shorten_exponent(out);
}
