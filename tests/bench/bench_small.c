/* A small fit as a user meets it: 200 rows, 3 predictors, processor time from the start of the
 * process to its written result.  Required: under 10 ms.  MAXPOST names the program
 * (build/maxpost). */
#define _DEFAULT_SOURCE /* wait4 */
#include "num/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 200, RUNS = 60 };

static const double limit = 10e-3;

static void write_data(void)
{
    struct rng rng = rng_stream(1, 0);
    FILE *out = fopen("small.csv", "w");

    if (!out)
        exit(EXIT_FAILURE);

    fprintf(out, "y,b,x1,x2,x3\n");
    for (int i = 0; i < ROWS; i++) {
        const double x1 = rng_normal(&rng), x2 = rng_normal(&rng), x3 = rng_normal(&rng);
        const double eta = 0.5 + x1 - 0.5 * x2;
        const double y = eta + rng_normal(&rng), b = rng_bernoulli(&rng, 1.0 / (1.0 + exp(-eta)));
        fprintf(out, "%.6f,%.0f,%.6f,%.6f,%.6f\n", y, b, x1, x2, x3);
    }
    fclose(out);
}

static void write_run(const char *response, const char *family, const char *prior)
{
    FILE *out = fopen("small.yaml", "w");

    if (!out)
        exit(EXIT_FAILURE);
    fprintf(out,
            "maxpost: 1\nmodel:\n  response: %s\n  predictors: [x1, x2, x3]\n  family: %s\n"
            "  prior: {weights: \"%s\"}\ndata: {file: small.csv}\noutput: {directory: out}\n",
            response, family, prior);
    fclose(out);
}

/* Processor seconds of one fit, user and system. */
static double run_once(const char *program)
{
    struct rusage used;
    int status;
    const pid_t child = fork();

    if (child == 0) {
        execl(program, "maxpost", "fit", "small.yaml", "--quiet", (char *)NULL);
        _exit(127);
    }
    if (wait4(child, &status, 0, &used) != child || status != 0) {
        fprintf(stderr, "%s: status %d\n", program, status);
        exit(EXIT_FAILURE);
    }
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Whether the median is within the limit. */
static int measure(const char *program, const char *what)
{
    double seconds[RUNS];

    for (int i = 0; i < RUNS; i++)
        seconds[i] = run_once(program);
    qsort(seconds, RUNS, sizeof *seconds, order);
    printf("%-22s %6.2f ms least, %6.2f ms median, %6.2f ms most\n", what, 1e3 * seconds[0],
           1e3 * seconds[RUNS / 2], 1e3 * seconds[RUNS - 1]);
    return seconds[RUNS / 2] < limit;
}

int main(void)
{
    static const char *const cases[][4] = {
        {"y", "gaussian", "gaussian(0, 1)", "linear, gaussian"},
        {"y", "gaussian", "laplace(0, 0.3)", "linear, laplace"},
        {"b", "bernoulli", "gaussian(0, 1)", "logistic, gaussian"},
        {"b", "bernoulli", "laplace(0, 0.3)", "logistic, laplace"},
    };
    const char *named = getenv("MAXPOST");
    char *program = realpath(named ? named : "build/maxpost", NULL);
    char directory[] = "/tmp/maxpost-bench-XXXXXX";
    int good = 1;

    if (!program || !mkdtemp(directory) || chdir(directory) != 0) {
        perror("bench_small");
        return EXIT_FAILURE;
    }
    write_data();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_run(cases[i][0], cases[i][1], cases[i][2]);
        good &= measure(program, cases[i][3]);
    }
    printf("%s\n", good ? "within 10 ms" : "NOT within 10 ms");
    free(program);
    if (system("rm -rf \"$PWD\"") != 0)
        perror("bench_small");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
