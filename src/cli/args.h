/* The command line as data: one row an option drives parsing and help. */
#ifndef MAXPOST_CLI_ARGS_H
#define MAXPOST_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* Which commands an option is for; each verb has one bit. */
enum verb_bit {
    VERB_FIT = 1,
    VERB_CHECK = 2,
    VERB_CONVERT = 4,
    VERB_SCHEMA = 8,
    VERB_INIT = 16,
    VERB_HELP = 32,
    VERB_PREDICT = 64,
    VERB_DRAWS = 128,
    VERB_PATH = 256,
    VERB_RUNS = VERB_FIT | VERB_PATH | VERB_CHECK, /* those that read a run */
    VERB_SAVED = VERB_PREDICT | VERB_DRAWS,        /* those that read a saved fit */
    VERB_ALL = 511
};

/* What the user asked for.  Texts point into argv. */
struct args {
    const char *verb;     /* first word that is no option; NULL: none */
    const char **operand; /* the words behind it */
    size_t operand_count;
    const char **set; /* each --set */
    size_t set_count;
    const char *out;
    bool json, quiet, no_progress, help, version;
    int threads;                          /* -1: not given */
    int draws, seed;                      /* predict, draws; -1: not given */
    double level;                         /* predict; NAN: not given */
    const char *probabilities, *sql;      /* predict */
    const char *names;                    /* draws */
    const char *response;                 /* init */
    const char *prior, *penalty, *family; /* convert */
    double rows, noise_sd, response_sd;   /* convert; NAN: not given */
    char *command;                        /* the command line as one text, quoted for a shell */
    unsigned long given;                  /* bit i: row i of the option table was given */
};

enum args_kind { ARGS_FLAG, ARGS_TEXT, ARGS_TEXTS, ARGS_COUNT, ARGS_NUMBER };

struct args_option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum args_kind kind;
    size_t offset;     /* of the member of struct args; ARGS_TEXTS: set */
    unsigned verbs;    /* bits of the verbs that take it */
    const char *value; /* what help calls its value; NULL for a flag */
    const char *help;
};

extern const struct args_option args_options[];
extern const size_t args_option_count;

/* Reads argv.  Complaints go to standard error.
 * Returns 0, 64 (usage) or 71 (memory); args_free is legal after each. */
int args_parse(struct args *args, int argc, char **argv);
/* Whether every option that was given is for this verb; else complains and returns 64. */
int args_check(const struct args *args, const char *verb, unsigned bit);
void args_free(struct args *args);

#endif
