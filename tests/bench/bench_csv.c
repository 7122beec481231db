/* Reads a delimited file several times: bench_csv FILE [ROUNDS [THREADS]].  The medians of wall and
 * of CPU seconds (user and system), the speed, and the peak of memory besides. */
#include "data/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { MOST = 101 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static double cpu(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static int ascending(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

int main(int count, char **words)
{
    const size_t asked = count > 2 ? strtoul(words[2], NULL, 10) : 5;
    const size_t rounds = asked < 1 ? 1 : asked > MOST ? MOST : asked;
    double wall[MOST], used[MOST];
    mxp_read_options options;
    struct rusage usage;
    struct stat facts;

    if (count < 2 || stat(words[1], &facts) != 0)
        return EXIT_FAILURE;
    mxp_read_options_init(&options);
    options.threads = count > 3 ? atoi(words[3]) : 0;
    for (size_t i = 0; i < rounds; i++) {
        const double start = now(), before = cpu();
        mxp_table *table = NULL;
        mxp_error error = {0};
        if (mxp_table_read(&table, words[1], &options, &error) != MXP_OK) {
            fprintf(stderr, "%s\n", error.message);
            return EXIT_FAILURE;
        }
        wall[i] = now() - start;
        used[i] = cpu() - before;
        mxp_table_free(table);
    }
    (void)getrusage(RUSAGE_SELF, &usage);
    const double middle = median(wall, rounds);
    printf("{\"wall\":%.6g,\"cpu\":%.6g,\"mb_s\":%.1f,\"rss_mb\":%.1f}\n", middle,
           median(used, rounds), (double)facts.st_size / middle * 1e-6,
           (double)usage.ru_maxrss / 1024);
    return EXIT_SUCCESS;
}
