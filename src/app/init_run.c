/* The run file. */
#include "app/init.h"

#include <stdio.h>

/* Missing cells of the columns that are used, and what becomes of their rows. */
static void write_missing(struct str *out, const struct init_guess *guess)
{
    struct init_list list = init_list_begin(out, "  # Missing values: ", "  #   ");

    for (size_t j = 0; j < guess->columns; j++) {
        const size_t missing = table_missing(guess->table, j, NULL);
        char more[32];
        if (missing == 0 || !(guess->column[j].predictor || j == guess->response))
            continue;
        (void)snprintf(more, sizeof more, " %zu", missing);
        init_list_add(&list, mxp_table_name(guess->table, j), more);
    }
    str_format(out, "\n  missing: drop                 # %zu of %zu rows are left\n",
               guess->complete_rows, guess->rows);
}

/* Numbers that may be codes: commented out, because nobody but the user knows. */
static void write_types(struct str *out, const struct init_guess *guess)
{
    struct init_list list = {0};

    for (size_t j = 0; j < guess->columns; j++) {
        if (!guess->column[j].predictor || guess->column[j].codes == 0)
            continue;
        if (list.items == 0) {
            str_add(out, "  # Whole numbers of few values, taken as numbers.  Those that are codes "
                         "become factors by\n");
            list = init_list_begin(out, "  # types: {", "  #   ");
        }
        init_list_add(&list, mxp_table_name(guess->table, j), ": categorical");
    }
    str_add(out, list.items ? "}\n" : "");
}

/* The key replaces the standard spellings, so these are repeated. */
static void write_na(struct str *out, const struct init_na *na)
{
    struct init_list found =
        init_list_begin(out, "  # Taken for missing, in columns of numbers: ", "  #   ");
    for (size_t i = na->standard; i < na->count; i++)
        init_list_add(&found, na->text[i], "");
    str_add(out, "\n");

    struct init_list list = init_list_begin(out, "  na: [", "       ");
    for (size_t i = 0; i < na->count; i++)
        init_list_add(&list, na->text[i], "");
    str_add(out, "]\n");
}

void init_write_run(struct str *out, const struct init_guess *guess, const struct init_na *na,
                    const struct init_files *files)
{
    str_add(out, "# maxpost fit ");
    init_write_name(out, files->run);
    str_add(out, " fits it; every key that is left out has its default.\nmaxpost: 1\nmodel: ");
    init_write_name(out, files->model);
    str_add(out, "\ndata:\n  file: ");
    init_write_name(out, files->data);
    str_add(out, "\n");
    if (na->count > na->standard)
        write_na(out, na);
    if (guess->complete_rows < guess->rows)
        write_missing(out, guess);
    write_types(out, guess);
}
