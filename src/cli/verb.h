/* The commands: one row and one file cmd_NAME.c each. */
#ifndef MAXPOST_CLI_VERB_H
#define MAXPOST_CLI_VERB_H

#include "args.h"
#include "maxpost/run.h"

struct verb {
    const char *name;
    unsigned bit;                        /* enum verb_bit */
    const char *operand;                 /* what help calls its operands, "FIT DATA"; NULL: none */
    bool optional;                       /* the operand may be left out */
    const char *help;                    /* one line */
    int (*run)(const struct args *args); /* returns the exit code */
    const char *text; /* what `maxpost NAME --help` says besides usage and options */
};

extern const struct verb verb_table[];
extern const size_t verb_count;

/* NULL when there is none. */
const struct verb *verb_find(const char *name);
/* Complains about an unknown command, with the nearest known name; returns 64. */
int verb_unknown(const char *name);

int cmd_fit(const struct args *args);
int cmd_path(const struct args *args);
int cmd_predict(const struct args *args);
int cmd_draws(const struct args *args);
int cmd_check(const struct args *args);
int cmd_convert(const struct args *args);
int cmd_schema(const struct args *args);
int cmd_init(const struct args *args);
int cmd_help(const struct args *args);

/* What fit, path and check hand to mxp_run_load. */
mxp_run_options verb_run_options(const struct args *args);

extern const char help_text_fit[], help_text_path[], help_text_check[], help_text_convert[],
    help_text_schema[], help_text_init[], help_text_predict[], help_text_draws[], help_text_help[];

#endif
