/* Reads delimited text several times: bench_csv [FILE [ROUNDS [THREADS]]], without a file one of
 * 100 000 rows of 50 numbers with 6 decimals.  Prints the medians of wall and of CPU seconds (user
 * and system), the speed, and the peak of the memory. */
#include "data/table.h"

#include <stdint.h>
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

/* A temporary file, open as *path says; it has no name. */
static FILE *write_sample(char *path, size_t room)
{
    enum { ROWS = 100000, COLUMNS = 50 };
    uint64_t state = 88172645463325252u;
    FILE *out = tmpfile();

    for (int i = 0; out && i <= ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
            const char after = j + 1 < COLUMNS ? ',' : '\n';
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
            if (i == 0)
                fprintf(out, "x%d%c", j + 1, after);
            else
                fprintf(out, "%.6f%c", (double)(int64_t)state * 3e-19, after);
        }
    }
    if (out && fflush(out) == 0)
        snprintf(path, room, "/dev/fd/%d", fileno(out));
    return out;
}

/* The seconds of one reading; a negative number where it fails. */
static double read_once(const char *path, const mxp_read_options *options)
{
    const double start = now();
    mxp_table *table = NULL;
    mxp_error error = {0};

    if (mxp_table_read(&table, path, options, &error) != MXP_OK) {
        fprintf(stderr, "%s\n", error.message);
        return -1.0;
    }
    const double seconds_taken = now() - start;
    mxp_table_free(table);
    return seconds_taken;
}

int main(int count, char **words)
{
    const size_t asked = count > 2 ? strtoul(words[2], NULL, 10) : 5;
    const size_t rounds = asked < 1 ? 1 : asked > MOST ? MOST : asked;
    double wall[MOST], used[MOST];
    char sample[64] = "";
    FILE *made = count > 1 ? NULL : write_sample(sample, sizeof sample);
    const char *path = count > 1 ? words[1] : sample;
    mxp_read_options options;
    struct rusage usage;
    struct stat facts;

    mxp_read_options_init(&options);
    options.threads = count > 3 ? atoi(words[3]) : 0;
    if (stat(path, &facts) != 0)
        return EXIT_FAILURE;
    for (size_t i = 0; i < rounds; i++) {
        const double before = cpu();
        wall[i] = read_once(path, &options);
        used[i] = cpu() - before;
        if (wall[i] < 0.0)
            return EXIT_FAILURE;
    }
    (void)getrusage(RUSAGE_SELF, &usage);
    const double middle = median(wall, rounds);
    printf("{\"wall\":%.6g,\"cpu\":%.6g,\"mb_s\":%.1f,\"rss_mb\":%.1f}\n", middle,
           median(used, rounds), (double)facts.st_size / middle * 1e-6,
           (double)usage.ru_maxrss / 1024);
    if (made)
        (void)fclose(made);
    return EXIT_SUCCESS;
}
