/* mxp_init: a starting model and run for a data file. */
#include "app/init.h"
#include "io/file.h"
#include "maxpost/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files that are written, and what they hold. */
struct files {
    struct str name, model_path, run_path; /* NAME, NAME-model.yaml, NAME-run.yaml */
    struct str model, run;
};

static void files_free(struct files *files)
{
    str_free(&files->name);
    str_free(&files->model_path);
    str_free(&files->run_path);
    str_free(&files->model);
    str_free(&files->run);
}

/* The file's name without its ending, and without .gz behind that. */
static void add_stem(struct str *out, const char *path)
{
    const char *name = file_name(path);
    size_t length = strlen(name);

    if (length > 3 && strcmp(name + length - 3, ".gz") == 0)
        length -= 3;
    for (size_t i = length; i-- > 1;) {
        if (name[i] == '.') {
            length = i;
            break;
        }
    }
    if (length == 0 || name[0] == '.')
        str_add(out, "data");
    else
        str_add_n(out, name, length);
}

static mxp_status refuse_existing(const char *path, mxp_error *error)
{
    struct stat found;

    if (lstat(path, &found) == 0)
        return FAIL(error, MXP_CANNOT_CREATE,
                    "%s exists, and init does not overwrite: move it away, or edit it", path);
    return MXP_OK;
}

static mxp_status write_texts(struct files *files, const struct init_guess *guess,
                              const struct init_na *na, const char *data_file, mxp_error *error)
{
    const struct init_files names = {files->model_path.text, files->run_path.text, data_file};
    mxp_status status;

    init_write_model(&files->model, guess, files->name.text, data_file);
    init_write_run(&files->run, guess, na, &names);
    TRY(status = str_check(&files->model, error));
    TRY(status = str_check(&files->run, error));
    TRY(status = file_write(files->model_path.text, files->model.text, files->model.length, error));
    status = file_write(files->run_path.text, files->run.text, files->run.length, error);
    if (status != MXP_OK)
        (void)unlink(files->model_path.text);
out:
    return status;
}

/* A word for a shell: in single quotes where it has to be. */
static void put_word(struct str *out, const char *word)
{
    if (word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")]) {
        str_add(out, "'");
        for (; *word; word++) {
            if (*word == '\'')
                str_add(out, "'\\''");
            else
                str_add_n(out, word, 1);
        }
        str_add(out, "'");
    } else {
        str_add(out, word);
    }
}

static void put_commands(struct str *out, const char *run_file)
{
    str_add(out, "Read the model, change what you know better, then:\n  maxpost check ");
    put_word(out, run_file);
    str_add(out, "\n  maxpost fit ");
    put_word(out, run_file);
    str_add(out, "\n");
}

static mxp_status report(char **text, const struct files *files, const struct init_guess *guess,
                         mxp_error *error)
{
    struct str out = {0};
    size_t left_out = 0;

    for (size_t j = 0; j < guess->columns; j++)
        left_out += guess->column[j].reason != INIT_KEPT;
    str_format(&out, "Wrote %s and %s.\n", files->model_path.text, files->run_path.text);
    str_add(&out, "The model explains ");
    init_write_name(&out, mxp_table_name(guess->table, guess->response));
    str_format(&out, " (%s) by %zu column%s, on %zu of %zu rows.\n", guess->family,
               guess->predictors, guess->predictors == 1 ? "" : "s", guess->complete_rows,
               guess->rows);
    if (left_out)
        str_format(&out, "%zu column%s left out; the model file says why.\n", left_out,
                   left_out == 1 ? " was" : "s were");
    if (guess->headless)
        str_format(&out, "Caution: the column names of %s look like data; it may have no header.\n",
                   table_source_name(guess->table));
    put_commands(&out, files->run_path.text);
    const mxp_status status = str_check(&out, error);
    if (status != MXP_OK)
        str_free(&out);
    else
        *text = out.text;
    return status;
}

static mxp_status name_files(struct files *files, const char *data_file, mxp_error *error)
{
    mxp_status status;

    add_stem(&files->name, data_file);
    TRY(status = str_check(&files->name, error));
    str_format(&files->model_path, "%s-model.yaml", files->name.text);
    str_format(&files->run_path, "%s-run.yaml", files->name.text);
    TRY(status = str_check(&files->model_path, error));
    TRY(status = str_check(&files->run_path, error));
    TRY(status = refuse_existing(files->model_path.text, error));
    TRY(status = refuse_existing(files->run_path.text, error));
out:
    return status;
}

mxp_status mxp_init(char **text, const char *data_file, const char *response, mxp_error *error)
{
    mxp_status status;
    mxp_table *table = NULL;
    struct init_guess guess = {0};
    struct files files = {0};
    struct init_na na;

    if (strcmp(data_file, "-") == 0)
        return FAIL(error, MXP_USAGE, "init wants a file: the run that it writes names it");
    TRY(status = name_files(&files, data_file, error));
    TRY(status = init_read(&table, &na, data_file, error));
    TRY(status = init_guess(&guess, table, response, error));
    TRY(status = init_try(&guess, files.name.text, error));
    TRY(status = write_texts(&files, &guess, &na, data_file, error));
    TRY(status = report(text, &files, &guess, error));
out:
    files_free(&files);
    init_guess_free(&guess);
    mxp_table_free(table);
    return status;
}
