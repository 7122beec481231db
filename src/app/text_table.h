/* Text for people: tables whose decimal points stand below each other, numbers with the digits
 * that can be read, paragraphs, names cut in the middle.  ASCII, but for names as they are. */
#ifndef MAXPOST_TEXT_TABLE_H
#define MAXPOST_TEXT_TABLE_H

#include "base/str.h"

#include <stdbool.h>

enum { TEXT_NUMBER = 32, TEXT_COLUMNS = 12 };

enum text_align { TEXT_LEFT, TEXT_POINT }; /* POINT: at the decimal point, or the last digit */

struct text_column {
    const char *heading; /* static or outliving the table */
    enum text_align align;
};

/* Rows of cells; start from {.columns = n, .column = {...}}, release with text_table_free. */
struct text_table {
    size_t columns;
    struct text_column column[TEXT_COLUMNS];
    struct text_row *row;
    size_t rows, capacity;
    bool failed; /* memory; text_table_print passes it on */
};

struct text_row {
    char *cell[TEXT_COLUMNS];
    bool dim; /* set apart where there is colour */
};

/* Appends a row; copies table->columns cells (NULL: empty). */
void text_table_add(struct text_table *table, const char *const *cells, bool dim);
/* Heading (unless all headings are empty) and rows, two blanks before and between the columns. */
void text_table_print(struct str *out, const struct text_table *table, bool color);
void text_table_free(struct text_table *table);

/* Bold where there is colour. */
void text_bold(struct str *out, const char *text, bool color);
/* A paragraph in lines of at most `width` characters: `first` before the first line, blanks of the
 * same length before the others. */
void text_wrap(struct str *out, const char *first, const char *text, size_t width);
/* The name in at most `width` characters (at least 5): its middle is replaced by "..". */
void text_cut(struct str *out, const char *name, size_t width);

/* Decimals that show `digits` significant digits of a number of that size; -1: use an exponent. */
int text_decimals(double size, int digits);
/* The value with that many decimals, -1: with an exponent; "-" for NaN. */
void text_fixed(char out[TEXT_NUMBER], double value, int decimals);
/* The value with that many significant digits, trailing zeros kept. */
void text_significant(char out[TEXT_NUMBER], double value, int digits);
/* The value with at most that many significant digits, as short as it can be. */
void text_short(char out[TEXT_NUMBER], double value, int digits);

#endif
