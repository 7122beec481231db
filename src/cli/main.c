#include "help.h"
#include "nearest.h"
#include "output.h"
#include "verb.h"

#include <stdio.h>
#include <string.h>

const struct verb verb_table[] = {
    {"fit", VERB_FIT, "RUN", false, "MAP estimate and posterior of a run: a summary and files",
     cmd_fit, help_text_fit},
    {"path", VERB_PATH, "RUN", false,
     "the mode at every scale of the priors; one chosen by cross-validation", cmd_path,
     help_text_path},
    {"predict", VERB_PREDICT, "FIT DATA", false,
     "new rows from a saved fit: means, intervals, probabilities", cmd_predict, help_text_predict},
    {"draws", VERB_DRAWS, "FIT", false, "draws from the posterior of a saved fit, CmdStan's CSV",
     cmd_draws, help_text_draws},
    {"check", VERB_CHECK, "RUN|MODEL", false, "validate a file; print the model as understood",
     cmd_check, help_text_check},
    {"convert", VERB_CONVERT, NULL, false, "a prior in every tool's penalty, and back", cmd_convert,
     help_text_convert},
    {"init", VERB_INIT, "DATA", false, "write a starting model and run for a data file", cmd_init,
     help_text_init},
    {"schema", VERB_SCHEMA, NULL, false, "JSON Schema of the language, for editors", cmd_schema,
     help_text_schema},
    {"help", VERB_HELP, "COMMAND", true, "this help, or that of a command", cmd_help,
     help_text_help},
};
const size_t verb_count = sizeof verb_table / sizeof *verb_table;

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verb_table[i].name, name) == 0)
            return &verb_table[i];
    return NULL;
}

int verb_unknown(const char *name)
{
    const char *names[sizeof verb_table / sizeof *verb_table];
    for (size_t i = 0; i < verb_count; i++)
        names[i] = verb_table[i].name;

    const char *nearest = nearest_name(name, names, verb_count);
    if (nearest)
        return output_usage("unknown command \"%s\"; did you mean %s?", name, nearest);
    if (strstr(name, ".yaml") || strstr(name, ".yml"))
        return output_usage("unknown command \"%s\"; did you mean maxpost fit %s?", name, name);
    return output_usage("unknown command \"%s\" (maxpost --help lists them)", name);
}

mxp_run_options verb_run_options(const struct args *args)
{
    mxp_run_options options;
    mxp_run_options_init(&options);
    options.overrides = args->set;
    options.override_count = args->set_count;
    options.output_directory = args->out;
    options.threads = args->threads;
    options.command = args->command;
    return options;
}

/* The words of what help calls the operands. */
static size_t count_operands(const struct verb *verb)
{
    size_t count = verb->operand ? 1 : 0;

    for (const char *at = verb->operand; at && *at; at++)
        count += *at == ' ';
    return count;
}

static int check_operands(const struct args *args, const struct verb *verb)
{
    const size_t most = count_operands(verb);

    if (args->operand_count > most)
        return output_usage("maxpost %s: \"%s\" is one word too many (maxpost %s --help)",
                            verb->name, args->operand[most], verb->name);
    if (args->operand_count < most && !verb->optional)
        return output_usage("maxpost %s needs %s: maxpost %s %s", verb->name,
                            most == 1 ? "a file" : "two files", verb->name, verb->operand);
    return MXP_OK;
}

static int run_verb(const struct args *args)
{
    const struct verb *const verb = verb_find(args->verb);
    int code;

    if (!verb)
        return verb_unknown(args->verb);
    if (args->help)
        return help_verb(verb);
    code = args_check(args, verb->name, verb->bit);
    if (code == 0)
        code = check_operands(args, verb);
    return code ? code : verb->run(args);
}

/* The version, and which optional parts are built in. */
static int print_version(void)
{
    const char *name;
    int built_in;

    (void)printf("maxpost %s\n", mxp_version());
    for (size_t i = 0; (name = mxp_feature(i, &built_in)); i++)
        (void)printf("%s%s %s", i ? ", " : "", name, built_in ? "yes" : "no");
    return output_text("\n");
}

static int run(const struct args *args)
{
    if (args->version)
        return print_version();
    if (args->verb)
        return run_verb(args);
    if (args->help)
        return help_main();
    return output_usage("no command given; try\n"
                        "    maxpost --help            commands, a first model, exit codes\n"
                        "    maxpost init DATA.csv     a model and a run for your data\n"
                        "    maxpost fit RUN.yaml      fit it");
}

int main(int argc, char **argv)
{
    struct args args;

    output_start();
    int code = args_parse(&args, argc, argv);
    if (code == 0)
        code = run(&args);
    args_free(&args);
    return output_finish(code);
}
