/* The maxpost side of the benchmark: one workload, through the public headers alone.
 *
 *     maxpost_bench WORKLOAD DIR OUT THREADS [TOLERANCE]
 *
 * Reads the data of the workload in DIR, fits, writes the answer to OUT as raw doubles, and prints
 * {"wall": s, "cpu": s, ...} of the fit alone; reading is not timed, except in w11, which is that.
 * What maxpost checks and prepares when it makes the problem counts as part of the fit.
 * With OUT "-" it serves: each line "fit" of standard input is one fit, "save PATH" writes the
 * answer of the last one; each is answered by a line.  A workload "w2-x" is w2 on the data w2-x. */
#include "task.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A line of /proc/self/status in MB; 0 where there is no such file. */
static double memory(const char *key)
{
    FILE *in = fopen("/proc/self/status", "r");
    char line[256];
    double kilobytes = 0.0;

    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, key, strlen(key)) == 0)
            kilobytes = strtod(line + strlen(key) + 1, NULL);
    if (in)
        fclose(in);
    return kilobytes / 1024.0;
}

/* The peak starts anew. */
static void forget_peak(void)
{
    FILE *out = fopen("/proc/self/clear_refs", "w");

    if (!out)
        return;
    fputs("5", out);
    fclose(out);
}

/* The text of a failure as a JSON string, without its quotes and backslashes. */
static void print_error(const mxp_error *error)
{
    printf("{\"error\": \"");
    for (const char *s = error->message; *s; s++)
        if (*s != '"' && *s != '\\' && *s != '\n')
            putchar(*s);
    printf("\"}\n");
    fflush(stdout);
}

static mxp_status fit(struct task *task, mxp_error *error)
{
    task_clear(task);
    const double before = memory("VmRSS:");
    forget_peak();
    const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const mxp_status status = task_run(task, error);
    const double cpu_end = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double wall_end = seconds(CLOCK_MONOTONIC);

    if (status != MXP_OK)
        return status;
    printf("{\"wall\": %.6g, \"cpu\": %.6g, \"peak_mb\": %.1f, \"before_mb\": %.1f, \"note\": "
           "\"%s\"}\n",
           wall_end - wall, cpu_end - cpu, memory("VmHWM:"), before, task_note(task));
    fflush(stdout);
    return MXP_OK;
}

static int serve(struct task *task)
{
    char line[4096];

    printf("{\"ready\": 1}\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        mxp_error error = {0};
        mxp_status status = MXP_OK;

        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "fit") == 0) {
            status = fit(task, &error);
        } else if (strncmp(line, "save ", 5) == 0) {
            status = task_save(task, line + 5, &error);
            if (status == MXP_OK)
                printf("{\"saved\": 1}\n");
            fflush(stdout);
        }
        if (status != MXP_OK)
            print_error(&error);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    mxp_error error = {0};
    struct task *task = NULL;
    mxp_status status;
    int code = EXIT_FAILURE;

    if (argc < 5) {
        fprintf(stderr, "usage: maxpost_bench WORKLOAD DIR OUT THREADS [TOLERANCE]\n");
        return EXIT_FAILURE;
    }
    status = task_new(&task, argv[1], argv[2], atoi(argv[4]),
                      argc > 5 ? strtod(argv[5], NULL) : 0.0, &error);
    if (status == MXP_OK && strcmp(argv[3], "-") == 0) {
        code = serve(task);
    } else if (status == MXP_OK) {
        status = fit(task, &error);
        if (status == MXP_OK)
            status = task_save(task, argv[3], &error);
        code = status == MXP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (status != MXP_OK)
        print_error(&error);
    task_free(task);
    return code;
}
