/* Databases: what a query answers, what is no query, what is no database. */
#include "io/sqlite.h"

#include "data/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void endings(void **state)
{
    (void)state;
    assert_true(sqlite_reads(".sqlite"));
    assert_true(sqlite_reads(".DB"));
    assert_true(sqlite_reads(".sqlite3"));
    assert_false(sqlite_reads(".sql"));
    assert_false(sqlite_reads(""));
}

#ifdef MAXPOST_SQLITE3

#include <sqlite3.h>

static char directory[] = "/tmp/test_sqlite_XXXXXX";
static char path[128];

static void make_base(const char *name, const char *sql)
{
    sqlite3 *base = NULL;
    char *problem = NULL;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    unlink(path);
    assert_int_equal(sqlite3_open_v2(path, &base, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    if (sqlite3_exec(base, sql, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s", problem);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
}

static mxp_table *ask(const char *sql)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    mxp_read_options options;

    mxp_read_options_init(&options);
    options.sql = sql;
    if (mxp_table_read(&table, path, &options, &error) != MXP_OK)
        fail_msg("%s: %s", sql, error.message);
    return table;
}

static void refuse(const char *file, const char *sql, mxp_status status, const char *part)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    mxp_read_options options;

    mxp_read_options_init(&options);
    options.sql = sql;
    const mxp_status got = mxp_table_read(&table, file, &options, &error);
    if (got != status || !strstr(error.message, part))
        fail_msg("%s: status %d, \"%s\", not %d, \"%s\"", sql ? sql : "no query", (int)got,
                 error.message, (int)status, part);
    assert_null(table);
    assert_int_equal(mxp_table_read(&table, file, &options, NULL), status);
}

static const char *const trees =
    "CREATE TABLE trees (id INTEGER PRIMARY KEY, girth REAL, site TEXT, height, photo BLOB);"
    "INSERT INTO trees VALUES (1, 8.3, 'north', 70, NULL), (2, NULL, 'south', '65.5', NULL),"
    "  (3, 8.8, NULL, NULL, NULL), (9007199254740993, -1e308, 'north', 'NA', x'00ff');"
    "CREATE VIEW tall AS SELECT * FROM trees WHERE height > 66;";

static void cells(void **state)
{
    size_t row = 9;

    (void)state;
    make_base("t.sqlite", trees);
    mxp_table *table =
        ask("SELECT girth, site, height, id, girth > 8.5 AS \"thick one\" FROM trees "
            "ORDER BY id; -- all of them\n");
    assert_int_equal(mxp_table_rows(table), 4);
    assert_int_equal(mxp_table_columns(table), 5);
    const double *girth = mxp_table_values(table, 0), *height = mxp_table_values(table, 2);
    assert_true(girth[0] == 8.3 && isnan(girth[1]) && girth[2] == 8.8 &&
                fabs(girth[3] / -1e308 - 1.0) < 1e-14);
    assert_int_equal(table_missing(table, 0, &row), 1);
    assert_int_equal(row, 1);
    assert_true(height[0] == 70 && height[1] == 65.5 && isnan(height[2]) && isnan(height[3]));
    assert_int_equal(table_missing(table, 2, NULL), 2); /* NULL, and a spelling */
    assert_int_equal(mxp_table_type(table, 2), MXP_COLUMN_NUMERIC);
    assert_true(mxp_table_values(table, 3)[3] == 9007199254740992.0);
    assert_string_equal(mxp_table_name(table, 4), "thick one");
    assert_true(mxp_table_values(table, 4)[2] == 1 && mxp_table_values(table, 4)[0] == 0);

    assert_int_equal(mxp_table_type(table, 1), MXP_COLUMN_CATEGORICAL);
    assert_int_equal(mxp_table_levels(table, 1), 2);
    assert_string_equal(mxp_table_level(table, 1, 1), "south");
    const unsigned codes[] = {0, 1, MXP_NO_LEVEL, 0};
    assert_memory_equal(mxp_table_codes(table, 1), codes, sizeof codes);
    mxp_table_free(table);
}

/* Numbers among texts become levels, in the order of the rows. */
static void mixed(void **state)
{
    (void)state;
    make_base("mixed.db",
              "CREATE TABLE t (a);"
              "INSERT INTO t VALUES (1), (2.5), (NULL), ('x'), (1), ('y'), ('z'), ('z')");
    mxp_table *table = ask("SELECT a FROM t");
    const unsigned codes[] = {0, 1, MXP_NO_LEVEL, 2, 0, 3, 4, 4};
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_CATEGORICAL);
    assert_int_equal(mxp_table_levels(table, 0), 5);
    assert_string_equal(mxp_table_level(table, 0, 1), "2.5");
    assert_string_equal(mxp_table_level(table, 0, 3), "y");
    assert_memory_equal(mxp_table_codes(table, 0), codes, sizeof codes);
    mxp_table_free(table);
    table = ask("SELECT a FROM t LIMIT 5"); /* numbers prevail */
    mxp_error error = {0};
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_NUMERIC);
    assert_int_equal(table_check_number(table, 0, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "mixed.db: row 4: column \"a\": \"x\" is not a number"));
    mxp_table_free(table);
}

static void many_rows(void **state)
{
    (void)state;
    make_base("n.sqlite3", "CREATE TABLE empty (a)");
    mxp_table *table =
        ask("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 10000) SELECT i, i * i AS square, 'g' || (i % 3) AS g FROM n");
    assert_int_equal(mxp_table_rows(table), 10000);
    for (size_t i = 0; i < 10000; i++) {
        const double n = (double)(i + 1);
        assert_true(mxp_table_values(table, 0)[i] == n && mxp_table_values(table, 1)[i] == n * n);
        assert_int_equal(mxp_table_codes(table, 2)[i], i % 3);
    }
    mxp_table_free(table);
    refuse(path, "SELECT a FROM empty", MXP_DATA, "n.sqlite3: the query gives no rows");
}

static void no_query(void **state)
{
    (void)state;
    make_base("q.sqlite", trees);
    refuse(path, NULL, MXP_CONFIG,
           "a database needs a query (data.sql), as in SELECT * FROM TABLE; "
           "it has the tables tall, trees");
    refuse(path, "", MXP_CONFIG, "the query is empty");
    refuse(path, " -- nothing\n ;", MXP_CONFIG, "the query is empty");
    refuse(path, "SELECT girth FROM tree", MXP_CONFIG, "SQLite: no such table: tree");
    refuse(path, "SELEKT 1", MXP_CONFIG, "SQLite: near \"SELEKT\": syntax error");
    refuse(path, "SELECT 1; SELECT 2", MXP_CONFIG, "more than one statement");
    refuse(path, "SELECT 1; SELEKT", MXP_CONFIG, "more than one statement");
    refuse(path, "DELETE FROM trees", MXP_CONFIG, "no SELECT");
    refuse(path, "DELETE FROM trees RETURNING id", MXP_CONFIG, "no SELECT");
    refuse(path, "ATTACH '/tmp/x.db' AS x", MXP_CONFIG, "no SELECT");
    refuse(path, "EXPLAIN SELECT 1", MXP_CONFIG, "no SELECT");
    refuse(path, "SELECT girth FROM trees WHERE id = :which", MXP_CONFIG,
           "the query has a parameter (:which), which has no value");
    refuse(path, "SELECT ?", MXP_CONFIG, "the query has a parameter (?), which has no value");
    refuse(path, "SELECT girth, girth FROM trees", MXP_CONFIG,
           "the query has two columns \"girth\"; rename one with AS");
    refuse(path, "SELECT * FROM trees", MXP_DATA,
           "row 4: column \"photo\": a blob; leave it out of the query");
    refuse(path, "SELECT abs(-9223372036854775808) AS a", MXP_DATA, "SQLite: integer overflow");
    refuse(path, "SELECT 1 AS \"\"", MXP_DATA, "column 1 has no name");
    refuse(path, "SELECT CAST(x'ff' AS TEXT) AS a", MXP_DATA, "the text is not UTF-8");
    refuse("/tmp/t.csv", "SELECT 1", MXP_CONFIG, "/tmp/t.csv: a query is for databases");
    refuse("-", "SELECT 1", MXP_CONFIG, "<stdin>: a query is for databases");
    make_base("none.sqlite", "");
    refuse(path, NULL, MXP_CONFIG, "it has no tables");
}

static void infinity(void **state)
{
    mxp_error error = {0};

    (void)state;
    make_base("inf.db", "");
    mxp_table *table = ask("SELECT 9e999 AS a UNION ALL SELECT 1");
    assert_int_equal(table_check_number(table, 0, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "row 1: column \"a\": \"inf\" is not finite"));
    mxp_table_free(table);
}

static void no_base(void **state)
{
    char file[160];

    (void)state;
    refuse("/tmp/no-such-directory/t.sqlite", "SELECT 1", MXP_NO_INPUT,
           "t.sqlite: cannot be opened: No such file");
    snprintf(file, sizeof file, "%s/d.sqlite", directory);
    assert_int_equal(mkdir(file, 0700), 0);
    refuse(file, "SELECT 1", MXP_NO_INPUT, "is a directory, not a file");
    assert_int_equal(rmdir(file), 0);
    refuse("t.sqlite.gz", "SELECT 1", MXP_UNAVAILABLE, "unpack it first");

    snprintf(file, sizeof file, "%s/text.db", directory);
    FILE *out = fopen(file, "w");
    for (int i = 0; i < 500; i++)
        fputs("a,b\n1,2\n", out);
    assert_int_equal(fclose(out), 0);
    refuse(file, "SELECT 1 AS a FROM t", MXP_DATA, "text.db: SQLite: file is not a database");
    refuse(file, NULL, MXP_DATA, "file is not a database");
    refuse(file, "SELECT 1 AS a", MXP_DATA, "file is not a database");
}

/* The database is cut off behind its first page. */
static void damaged(void **state)
{
    (void)state;
    make_base("cut.sqlite", trees);
    assert_int_equal(truncate(path, 4096), 0);
    refuse(path, "SELECT girth FROM trees", MXP_DATA, "SQLite: database disk image is malformed");
}

/* Neither the file's bytes nor its directory change; names that a URI would read differently. */
static void untouched(void **state)
{
    struct stat before, after;

    (void)state;
    make_base("a b%20?mode=rw#c.sqlite", trees);
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(stat(path, &before), 0);
    mxp_table_free(ask("SELECT girth FROM trees"));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtime, after.st_mtime);
    assert_int_equal(chdir(directory), 0);
    strcpy(path, "a b%20?mode=rw#c.sqlite");
    mxp_table_free(ask("SELECT girth FROM trees"));
    assert_int_equal(chdir("/"), 0);
}

static void locked(void **state)
{
    sqlite3 *base = NULL;

    (void)state;
    make_base("locked.db", trees);
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    assert_int_equal(sqlite3_exec(base, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    struct columns columns = {0};
    mxp_error error = {0};
    assert_int_equal(
        sqlite_columns(&columns, path, "SELECT girth FROM trees", NULL, 0, "locked.db", &error),
        MXP_IO);
    assert_string_equal(error.message, "locked.db: SQLite: database is locked");
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings),   cmocka_unit_test(cells),    cmocka_unit_test(mixed),
        cmocka_unit_test(many_rows), cmocka_unit_test(no_query), cmocka_unit_test(infinity),
        cmocka_unit_test(no_base),   cmocka_unit_test(damaged),  cmocka_unit_test(untouched),
        cmocka_unit_test(locked),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

#else

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
