/* maxpost: tables, that is, named columns of numbers or of texts. */
#ifndef MAXPOST_DATA_H
#define MAXPOST_DATA_H

#include "maxpost/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Named columns, all with the same number of rows; const once built, so that threads may share it.
 * A numeric column is doubles, a missing cell a NaN.  A categorical one has levels, and for each row
 * the number of its level. */
typedef struct mxp_table mxp_table;

/* What mxp_table_find answers when there is no such column. */
#define MXP_NO_COLUMN ((size_t)-1)

typedef enum mxp_column_type { MXP_COLUMN_NUMERIC, MXP_COLUMN_CATEGORICAL } mxp_column_type;

/* The code of a missing cell in a categorical column. */
#define MXP_NO_LEVEL 0xFFFFFFFFu

/* How files are read; fill it with mxp_read_options_init and change what differs.
 *   size       set by the init function; lets the struct grow in later versions
 *   na         na_count spellings of a missing cell, compared after blanks around the cell are
 *              stripped; "", NA, NaN and nan by default
 *   delimiter  between fields; 0, the default: a tab for .tsv and .tsv.gz, else a comma
 *   sql        the query whose answer is the table, one SELECT: for databases, which need it
 *   threads    that parse delimited text; 0, the default: all.  The table does not depend on it
 *   cache      NULL, or where the columns of a sparse file (.svm, .mtx) are kept in binary form: they come
 *              from there while the file has the size and the time of its last change that it had, else
 *              from the file, and are written there.  A file of another kind is not replaced */
typedef struct mxp_read_options {
    size_t size;
    const char *const *na;
    size_t na_count;
    char delimiter;
    const char *sql;
    int threads;
    const char *cache;
} mxp_read_options;

MXP_API void mxp_read_options_init(mxp_read_options *options);

/* An empty table of `rows` rows, to be filled by mxp_table_add and freed by mxp_table_free.
 * Errors: USAGE (no rows), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_new(mxp_table **table, size_t rows, mxp_error *error);

/* Adds a column: copies the name and as many values as the table has rows.  A NaN is a missing
 * cell.  Errors: USAGE (an empty name, or one the table has), MEMORY; the table is unchanged then.
 */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_add(mxp_table *table, const char *name,
                                                const double *values, mxp_error *error);

/* Adds a categorical column: copies the name and a text for each row; NULL or "" is a missing cell.
 * Errors: USAGE (an empty name, or one the table has, text that is not UTF-8), MEMORY; the table is
 * unchanged then. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_add_text(mxp_table *table, const char *name,
                                                     const char *const *values, mxp_error *error);

/* Declares what a column is, in place of what was inferred.  A numeric column that becomes
 * categorical has its distinct numbers as levels.  One of texts that becomes numeric is an error
 * where a model uses it.  Errors: USAGE (no such column), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_set_type(mxp_table *table, const char *name,
                                                     mxp_column_type type, mxp_error *error);

/* Adds sparse columns, `columns` of them, named prefix1, prefix2, ...: compressed by column, values
 * start[c]..start[c + 1] - 1 of column c, with their rows (from 0) ascending; copied.  A table has such
 * columns once.  They are predictors: the other roles need mxp_table_expand.
 * Errors: USAGE (there are some already, a row out of range or out of order, a value that is not
 * finite, a prefix that is empty or ends in a digit), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_add_sparse(mxp_table *table, size_t columns,
                                                       const size_t *start, const unsigned *row,
                                                       const double *value, const char *prefix,
                                                       mxp_error *error);
/* How many sparse columns the table has; the values of the i-th, with their rows, borrowed. */
MXP_API size_t mxp_table_sparse_columns(const mxp_table *table);
MXP_API const char *mxp_table_sparse_column(size_t *count, const unsigned **row,
                                            const double **value, const mxp_table *table, size_t i);
/* Makes the sparse column of that name a dense one, the last, so that it may be a response, a weight or
 * an offset; a column that is dense already is left alone.  Errors: USAGE (no such column), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_expand(mxp_table *table, const char *name,
                                                   mxp_error *error);
/* Reads a file: .csv or .tsv with a header row (RFC 4180 quoting; any other ending is read as
 * .csv), those compressed as .gz, or .npy (a matrix gives columns c1, c2, ...; a structured array
 * its fields), or of Stata (.dta), SPSS (.sav, .zsav, .por) or SAS (.sas7bdat, .xpt), where the
 * library is built with libreadstat; all these also compressed, with .gz behind their ending; "-" is
 * standard input, delimited text.  With libsqlite3, the answer of a database (.sqlite, .sqlite3,
 * .db), which is opened read-only, to the query options->sql.
 * .svm, .libsvm and .svmlight give the labels as column y (labels that are all -1 or 1 as 0 and 1) and
 * the features as sparse columns x1, x2, ...; .mtx (Matrix Market) the sparse columns c1, c2, ...
 *   options  NULL: the defaults
 * In the files of Stata, SPSS and SAS all kinds of missing values are missing, dates are numbers in
 * the units of the format, and numbers with value labels stay numbers.  In a database NULL is
 * missing, and text that spells a number is that number.
 * Delimited text with an empty name in front of the header, where programs write the numbers or the
 * names of the rows (R's write.csv does), is read without that column; other names may not be empty.
 * A column is categorical when fewer than half of its cells that are not missing are numbers.  A
 * numeric one with a cell that is not a number is kept, with NaN in such cells: it is an error only
 * where a model uses it.  A file that shrinks while it is read is not guarded against.
 * Errors: USAGE (options), NO_INPUT (cannot be opened, a directory), DATA (with the line), IO,
 * CONFIG (the query is wrong, missing, or the file no database), UNAVAILABLE (a format that is not
 * built in), MEMORY.
 * Cost: one pass over the file, a second over delimited text with columns that are not numbers. */
MXP_API MXP_MUST_CHECK mxp_status mxp_table_read(mxp_table **table, const char *path,
                                                 const mxp_read_options *options, mxp_error *error);

/* The optional parts of the library: the name of the i-th ("readstat", "sqlite"), NULL past the last;
 * *built_in is whether this one has it. */
MXP_API const char *mxp_feature(size_t i, int *built_in);

/* NULL is allowed. */
MXP_API void mxp_table_free(mxp_table *table);

MXP_API size_t mxp_table_rows(const mxp_table *table);
MXP_API size_t mxp_table_columns(const mxp_table *table);

/* Name and values of a column, borrowed from the table; NULL past the last column. */
MXP_API const char *mxp_table_name(const mxp_table *table, size_t column);
MXP_API const double *mxp_table_values(const mxp_table *table, size_t column);

/* Numeric past the last column. */
MXP_API mxp_column_type mxp_table_type(const mxp_table *table, size_t column);

/* A categorical column: how many levels it has, their texts in the order of their first appearance
 * (NULL past the last), and the level of each row, 0 for the first, or MXP_NO_LEVEL; borrowed.  0
 * and NULL for a numeric column. */
MXP_API size_t mxp_table_levels(const mxp_table *table, size_t column);
MXP_API const char *mxp_table_level(const mxp_table *table, size_t column, size_t level);
MXP_API const unsigned *mxp_table_codes(const mxp_table *table, size_t column);

/* The column of that name, or MXP_NO_COLUMN; constant time. */
MXP_API size_t mxp_table_find(const mxp_table *table, const char *name);

#ifdef __cplusplus
}
#endif

#endif
