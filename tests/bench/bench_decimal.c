/* Ten million decimals: decimal_parse bit-identical to strtod, and the speed of both. */
#include "io/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 100000, WIDTH = 48, ROUNDS = 25, KINDS = 4 };

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void write_decimal(char *text, int kind, uint64_t *state)
{
    const uint64_t a = next(state), b = next(state);
    double any;

    memset(text, 0, WIDTH);
    memcpy(&any, &a, sizeof any);
    if (kind == 0)
        snprintf(text, WIDTH - DECIMAL_SLACK, "%.6f", (double)(int64_t)a * 4e-19);
    else if (kind == 1)
        snprintf(text, WIDTH - DECIMAL_SLACK, "%.17g", (double)(int64_t)a * 1e-19);
    else if (kind == 2)
        snprintf(text, WIDTH - DECIMAL_SLACK, "%.17g", any - any == 0 ? any : 0.0);
    else
        snprintf(text, WIDTH - DECIMAL_SLACK, "%llue%d", (unsigned long long)a,
                 (int)(b % 800) - 400);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    static const char *const names[KINDS] = {"6 decimals", "17 digits", "any double",
                                             "20 digits, any exponent"};
    char *texts = malloc((size_t)BATCH * WIDTH);
    double *mine = malloc(BATCH * sizeof *mine), *theirs = malloc(BATCH * sizeof *theirs);
    uint64_t state = 20240229;
    long wrong = 0;

    if (!texts || !mine || !theirs)
        return EXIT_FAILURE;
    for (int kind = 0; kind < KINDS; kind++) {
        double fast = 0.0, slow = 0.0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < BATCH; i++)
                write_decimal(texts + (size_t)i * WIDTH, kind, &state);
            const double start = now();
            for (int i = 0; i < BATCH; i++)
                (void)decimal_parse(&mine[i], texts + (size_t)i * WIDTH);
            const double middle = now();
            for (int i = 0; i < BATCH; i++)
                theirs[i] = strtod(texts + (size_t)i * WIDTH, NULL);
            fast += middle - start;
            slow += now() - middle;
            for (int i = 0; i < BATCH; i++)
                wrong += memcmp(&mine[i], &theirs[i], sizeof(double)) != 0;
        }
        const double numbers = (double)BATCH * ROUNDS;
        printf("%-24s %6.1f ns a number, strtod %6.1f\n", names[kind], fast / numbers * 1e9,
               slow / numbers * 1e9);
    }
    printf("%d decimals, %ld differ from strtod\n", BATCH * ROUNDS * KINDS, wrong);
    free(texts);
    free(mine);
    free(theirs);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
