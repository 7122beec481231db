#include "args.h"
#include "maxpost/base.h"
#include "nearest.h"
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct args, member)

const struct args_option args_options[] = {
    {"set", 0, ARGS_TEXTS, AT(set), VERB_RUNS, "KEY=VALUE",
     "override a key of the run, e.g. fit.tolerance=1e-8 or model.name=x (repeatable)"},
    {"out", 0, ARGS_TEXT, AT(out), VERB_RUNS, "DIR",
     "write the files here, not where the run says"},
    {"out", 0, ARGS_TEXT, AT(out), VERB_SAVED, "FILE",
     "write the CSV to this file, not to standard output"},
    {"level", 0, ARGS_NUMBER, AT(level), VERB_PREDICT, "L",
     "level of the intervals; that of the fit when left out"},
    {"probabilities", 0, ARGS_TEXT, AT(probabilities), VERB_PREDICT, "HOW",
     "of classes: plug_in (the default), averaged or monte_carlo"},
    {"sql", 0, ARGS_TEXT, AT(sql), VERB_PREDICT, "QUERY", "the query, where DATA is a database"},
    {"draws", 0, ARGS_COUNT, AT(draws), VERB_SAVED, "N", "number of draws (predict: a row), 1000"},
    {"seed", 0, ARGS_COUNT, AT(seed), VERB_SAVED, "N",
     "seed of the draws; that of the fit when left out, or 0"},
    {"names", 0, ARGS_TEXT, AT(names), VERB_DRAWS, "HOW",
     "of coefficients: dots (b.1, the default), brackets (b[1]) or terms"},
    {"response", 0, ARGS_TEXT, AT(response), VERB_INIT, "NAME",
     "the column to explain; the last numeric one when left out"},
    {"prior", 0, ARGS_TEXT, AT(prior), VERB_CONVERT, "PRIOR", "the prior, e.g. 'laplace(0, 0.5)'"},
    {"penalty", 0, ARGS_TEXT, AT(penalty), VERB_CONVERT, "PENALTY",
     "the penalty in a tool's words, e.g. 'glmnet(lambda=0.1, alpha=1)'"},
    {"family", 0, ARGS_TEXT, AT(family), VERB_CONVERT, "NAME",
     "gaussian (the default), bernoulli or poisson"},
    {"rows", 0, ARGS_NUMBER, AT(rows), VERB_CONVERT, "N",
     "rows of the data, or the sum of their weights"},
    {"noise-sd", 0, ARGS_NUMBER, AT(noise_sd), VERB_CONVERT, "SD", "noise sd (family gaussian)"},
    {"response-sd", 0, ARGS_NUMBER, AT(response_sd), VERB_CONVERT, "SD",
     "population sd of the response (glmnet's family = \"gaussian\")"},
    {"json", 0, ARGS_FLAG, AT(json), VERB_ALL, NULL,
     "the result as a JSON document on standard output, nothing else"},
    {"quiet", 'q', ARGS_FLAG, AT(quiet), VERB_ALL, NULL,
     "print nothing but errors (and what --json asks for)"},
    {"no-progress", 0, ARGS_FLAG, AT(no_progress), VERB_ALL, NULL,
     "no progress on standard error (there is none where it is no terminal)"},
    {"threads", 0, ARGS_COUNT, AT(threads), VERB_ALL, "N",
     "threads; 0, the default: all cores.  Results do not depend on it"},
    {"version", 'V', ARGS_FLAG, AT(version), VERB_ALL, NULL, "print the version"},
    {"help", 'h', ARGS_FLAG, AT(help), VERB_ALL, NULL, "print this help, or that of a command"},
};
const size_t args_option_count = sizeof args_options / sizeof *args_options;

static const struct args_option *find_option(const char *name, size_t length)
{
    for (size_t i = 0; i < args_option_count; i++) {
        const struct args_option *row = &args_options[i];
        if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
            return row;
    }
    return NULL;
}

static const struct args_option *find_letter(char letter)
{
    for (size_t i = 0; i < args_option_count; i++)
        if (args_options[i].letter == letter)
            return &args_options[i];
    return NULL;
}

static int unknown_option(const char *word)
{
    const char *names[sizeof args_options / sizeof *args_options];
    for (size_t i = 0; i < args_option_count; i++)
        names[i] = args_options[i].name;

    char name[64];
    const char *start = word + strspn(word, "-");
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    const char *nearest = nearest_name(name, names, args_option_count);
    if (nearest)
        return output_usage("unknown option %s; did you mean --%s?", word, nearest);
    return output_usage("unknown option %s (maxpost --help lists them)", word);
}

static int set_count(int *count, const struct args_option *row, const char *text)
{
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || errno || value < 0 || value > INT_MAX)
        return output_usage("--%s %s: not a count (0, 1, 2, ...)", row->name, text);
    *count = (int)value;
    return MXP_OK;
}

static int set_number(double *number, const struct args_option *row, const char *text)
{
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value > 0) || isinf(value))
        return output_usage("--%s %s: not a number above 0", row->name, text);
    *number = value;
    return MXP_OK;
}

/* text: the value, NULL for a flag. */
static int store(struct args *args, const struct args_option *row, const char *text)
{
    char *const base = (char *)args;
    void *const member = base + row->offset;

    args->given |= 1UL << (row - args_options);
    switch (row->kind) {
    case ARGS_FLAG:
        *(bool *)member = true;
        return MXP_OK;
    case ARGS_TEXT:
        *(const char **)member = text;
        return MXP_OK;
    case ARGS_TEXTS:
        args->set[args->set_count++] = text;
        return MXP_OK;
    case ARGS_COUNT:
        return set_count(member, row, text);
    case ARGS_NUMBER:
        return set_number(member, row, text);
    }
    return MXP_OK;
}

/* The option at argv[*at], whose value may be the next word. */
static int read_option(struct args *args, int argc, char **argv, int *at)
{
    const char *const word = argv[*at];
    const bool is_long = word[1] == '-';
    const char *const equals = is_long ? strchr(word, '=') : NULL;
    const struct args_option *row;

    if (is_long)
        row = find_option(word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
    else
        row = word[2] ? NULL : find_letter(word[1]);
    if (!row)
        return unknown_option(word);
    if (row->kind == ARGS_FLAG)
        return equals ? output_usage("--%s takes no value", row->name) : store(args, row, NULL);
    if (equals)
        return store(args, row, equals + 1);
    if (*at + 1 >= argc)
        return output_usage("--%s needs a value: --%s %s", row->name, row->name, row->value);
    return store(args, row, argv[++*at]);
}

/* Whether a shell takes the word as it is. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=:,+@%";
    return *word && word[strspn(word, plain)] == '\0';
}

static char *put(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

/* Appends a word at `to`, in single quotes where needed; returns the end. */
static char *quote(char *to, const char *word)
{
    if (is_plain(word))
        return put(to, word);
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            to = put(to, "'\\'");
        *to++ = *word;
    }
    *to++ = '\'';
    return to;
}

static char *join(int argc, char **argv)
{
    size_t size = sizeof "maxpost";
    for (int i = 1; i < argc; i++)
        size += 4 * strlen(argv[i]) + 3;
    char *const text = malloc(size);
    if (!text)
        return NULL;
    char *to = quote(text, "maxpost");
    for (int i = 1; i < argc; i++) {
        *to++ = ' ';
        to = quote(to, argv[i]);
    }
    *to = '\0';
    return text;
}

int args_parse(struct args *args, int argc, char **argv)
{
    const size_t words = argc > 0 ? (size_t)argc : 1;
    bool options = true;

    *args = (struct args){.rows = NAN,
                          .noise_sd = NAN,
                          .response_sd = NAN,
                          .level = NAN,
                          .threads = -1,
                          .draws = -1,
                          .seed = -1};
    args->operand = calloc(words, sizeof *args->operand);
    args->set = calloc(words, sizeof *args->set);
    args->command = join(argc, argv);
    if (!args->operand || !args->set || !args->command)
        return output_failure(MXP_MEMORY, "out of memory");

    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            const int code = read_option(args, argc, argv, &i);
            if (code)
                return code;
        } else if (!args->verb) {
            args->verb = argv[i];
        } else {
            args->operand[args->operand_count++] = argv[i];
        }
    }
    return MXP_OK;
}

/* Whether a row of that name is for the verb: --out has two. */
static bool is_for(const char *name, unsigned bit)
{
    for (size_t i = 0; i < args_option_count; i++)
        if (strcmp(args_options[i].name, name) == 0 && (args_options[i].verbs & bit))
            return true;
    return false;
}

int args_check(const struct args *args, const char *verb, unsigned bit)
{
    for (size_t i = 0; i < args_option_count; i++)
        if ((args->given >> i & 1) && !is_for(args_options[i].name, bit))
            return output_usage("maxpost %s takes no --%s (maxpost %s --help)", verb,
                                args_options[i].name, verb);
    return MXP_OK;
}

void args_free(struct args *args)
{
    free(args->operand);
    free(args->set);
    free(args->command);
    *args = (struct args){0};
}
