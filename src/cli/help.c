#include "help.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

/* Name and value of an option, "--set KEY=VALUE"; a letter comes first. */
static void put_option(const struct args_option *row)
{
    char left[48];
    const char *const space = row->value ? " " : "", *const value = row->value ? row->value : "";

    if (row->letter)
        (void)snprintf(left, sizeof left, "-%c, --%s%s%s", row->letter, row->name, space, value);
    else
        (void)snprintf(left, sizeof left, "--%s%s%s", row->name, space, value);
    (void)printf("  %-19s %s\n", left, row->help);
}

static void put_options(unsigned verbs)
{
    for (size_t i = 0; i < args_option_count; i++)
        if (args_options[i].verbs & verbs)
            put_option(&args_options[i]);
}

static const char intro[] =
    "maxpost finds the maximum of a posterior, certifies it, and says how sure it is.\n"
    "Priors are penalties: flat gives maximum likelihood, gaussian ridge, laplace the lasso.\n"
    "\n"
    "Usage: maxpost COMMAND [OPTIONS]\n"
    "\n"
    "Commands:\n";

static const char first_model[] =
    "\n"
    "A first run, with its model inside.  Save it as run.yaml beside cars.csv:\n"
    "\n"
    "    model:\n"
    "      name: cars                     # names the output directory, out/cars\n"
    "      response: dist                 # a column of the file\n"
    "      predictors: [speed, weight]    # or: all\n"
    "      family: gaussian               # gaussian, bernoulli (0/1) or poisson (counts)\n"
    "      standardize: true              # priors speak about columns of sd 1\n"
    "      prior:\n"
    "        weights: gaussian(0, 10)     # every coefficient that no line below names\n"
    "        terms: {speed: \"laplace(0, 5)\"}\n"
    "    data: {file: cars.csv}\n"
    "\n"
    "    maxpost check run.yaml           what was understood, one line a parameter\n"
    "    maxpost fit run.yaml             the summary, and out/cars/fit.json, terms.csv, ...\n"
    "\n"
    "`maxpost init cars.csv` writes such files for you.\n";

static const char priors[] =
    "\n"
    "Priors of a coefficient (prior.weights, prior.intercept, prior.terms):\n"
    "  flat                       no prior: maximum likelihood (the default)\n"
    "  gaussian(mean, sd)         ridge, L2; one argument alone is the sd, the mean 0\n"
    "  laplace(mean, scale)       lasso, L1: coefficients may be exactly at the mean\n"
    "  elastic_net(mean, l1, l2)  both\n"
    "  student_t(df, loc, scale), cauchy(loc, scale)  heavy tails: large effects are spared\n"
    "  uniform(low, high), and lower= and upper= in the others: bounds\n"
    "A scale may be left to cross-validation: laplace(0, select(cv)).\n"
    "Priors of several (prior.groups): group_laplace(scale), ar1(phi, sd), rw1(sd), rw2(sd),\n"
    "  gaussian with covariance: or precision: FILE; constraints: [\"a - b ~ gaussian(0, 1)\"].\n"
    "What a family has beside the mean (noise_sd, df, size, shape, ...) is estimated unless\n"
    "family: {name: gaussian, noise_sd: 2.5} fixes it; prior.noise_sd gives it a prior.\n"
    "A model may carry a penalty in a tool's words instead of priors on its coefficients:\n"
    "  penalty: {convention: glmnet, lambda: 0.1, alpha: 1}       # or sklearn, sum, mean\n";

static const char exit_codes[] =
    "\n"
    "Results go to standard output, complaints to standard error.  NO_COLOR is obeyed.\n"
    "\n"
    "Exit codes:\n"
    "   0  done\n"
    "   1  the fit, or a point of a path, did not converge; results are written, and marked\n"
    "   2  the model has no mode on these data (separation, dependent columns, ...)\n"
    "  64  wrong command line         65  bad data             66  cannot open an input\n"
    "  69  not in this build          70  internal error       71  out of memory\n"
    "  73  cannot create an output    74  reading or writing failed\n"
    "  78  bad model or run file      130  interrupted\n";

static const char examples[] =
    "\n"
    "Examples:\n"
    "  maxpost fit configs/diabetes-lasso.yaml\n"
    "  maxpost fit run.yaml --set 'model.prior.weights=laplace(0, 0.5)' --out out/try\n"
    "  maxpost path configs/diabetes-path.yaml\n"
    "  maxpost fit run.yaml --json | jq .objective\n"
    "  maxpost convert --prior 'laplace(0, 0.5)' --rows 442 --noise-sd 54\n"
    "\n"
    "More: maxpost help COMMAND, man maxpost.\n";

static int finish(void)
{
    return output_text("");
}

int help_main(void)
{
    (void)fputs(intro, stdout);
    for (size_t i = 0; i < verb_count; i++) {
        char left[32];
        (void)snprintf(left, sizeof left, "%s %s", verb_table[i].name,
                       verb_table[i].operand ? verb_table[i].operand : "");
        (void)printf("  %-17s %s\n", left, verb_table[i].help);
    }
    (void)fputs(first_model, stdout);
    (void)fputs(priors, stdout);
    (void)fputs("\nOptions:\n", stdout);
    put_options(VERB_FIT);
    (void)fputs(exit_codes, stdout);
    (void)fputs(examples, stdout);
    return finish();
}

int help_verb(const struct verb *verb)
{
    const char *const open = verb->optional ? " [" : verb->operand ? " " : "";

    (void)printf("Usage: maxpost %s%s%s%s [OPTIONS]\n\n%s%s\nOptions:\n", verb->name, open,
                 verb->operand ? verb->operand : "", verb->optional ? "]" : "", verb->text,
                 *verb->text ? "" : verb->help);
    put_options(verb->bit);
    return finish();
}

int cmd_help(const struct args *args)
{
    if (args->operand_count == 0)
        return help_main();
    const struct verb *const verb = verb_find(args->operand[0]);
    return verb ? help_verb(verb) : verb_unknown(args->operand[0]);
}
