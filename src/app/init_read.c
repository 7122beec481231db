/* Reading a file whose spellings of a missing value nobody has named. */
#include "app/init.h"

#include <string.h>

/* What stands in columns of numbers for a missing value, besides what is read as one anyway. */
static const char *const spellings[INIT_SPELLINGS] = {"n/a",  "N/A",     "#N/A",    "na",   "Na",
                                                      ".",    "-",       "?",       "null", "NULL",
                                                      "None", "missing", "Missing", "NaT"};

/* The first cells that are no numbers, where they are such spellings; whether there is a new one. */
static bool collect(struct init_na *na, const mxp_table *table)
{
    const size_t before = na->count;

    for (size_t j = 0; j < mxp_table_columns(table); j++) {
        const struct column_fault *fault = table_fault(table, j);
        if (!fault || mxp_table_type(table, j) == MXP_COLUMN_CATEGORICAL)
            continue;
        for (size_t s = 0; s < INIT_SPELLINGS; s++) {
            bool known = false;
            for (size_t i = 0; i < na->count; i++)
                known = known || strcmp(na->text[i], spellings[s]) == 0;
            if (!known && na->count < INIT_NA && strcmp(fault->text, spellings[s]) == 0)
                na->text[na->count++] = spellings[s];
        }
    }
    return na->count > before;
}

mxp_status init_read(mxp_table **table, struct init_na *na, const char *file, mxp_error *error)
{
    mxp_read_options options;
    mxp_table *fresh = NULL;
    mxp_status status;

    mxp_read_options_init(&options);
    *na = (struct init_na){.count = options.na_count, .standard = options.na_count};
    memcpy(na->text, options.na, options.na_count * sizeof *na->text);
    options.na = na->text;
    do {
        mxp_table_free(fresh);
        fresh = NULL;
        options.na_count = na->count;
        status = mxp_table_read(&fresh, file, &options, error);
    } while (status == MXP_OK && collect(na, fresh));
    if (status == MXP_OK)
        *table = fresh;
    return status;
}
