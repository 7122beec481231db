/* An allocator that fails when told to, and the sweep over its failures; for a program that is
 * linked with --wrap (Makefile). */
#ifndef MAXPOST_TEST_FAILING_H
#define MAXPOST_TEST_FAILING_H

#include "numeric.h"

#include "maxpost/base.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef mxp_status (*scenario)(mxp_error *error);

/* ---- the allocator ---------------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static atomic_long countdown = -1; /* the allocation that fails: 1 is the next; below: off */
static atomic_bool failing, from_then_on;
static atomic_long live; /* blocks of the library not freed yet */

static bool fails(void)
{
    if (countdown > 0 && --countdown == 0)
        failing = true;
    return failing && (from_then_on || atomic_exchange(&failing, false));
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails())
        return NULL;
    void *fresh = __real_realloc(block, size);
    live += fresh && !block;
    return fresh;
}

void __wrap_free(void *block)
{
    live -= block != NULL;
    __real_free(block);
}

/* ---- the sweep -------------------------------------------------------------------------------- */

/* One run of the scenario with the N-th allocation failing; whether it came to that. */
static bool disturb(scenario run, long n, bool on, mxp_status undisturbed, const char *what)
{
    mxp_error error = {0};
    const long before = live;

    from_then_on = on;
    failing = false;
    countdown = n;
    const mxp_status status = run(&error);
    const bool reached = countdown == 0;
    countdown = -1;
    failing = false;
    if (status != undisturbed && status != MXP_MEMORY)
        fail_msg("%s, allocation %ld failing: status %d, %s", what, n, status, error.message);
    if (status != MXP_OK && error.status != status)
        fail_msg("%s, allocation %ld failing: no message", what, n);
    if (live != before)
        fail_msg("%s, allocation %ld failing: %ld blocks are left", what, n, live - before);
    return reached;
}

static void sweep(scenario run, const char *what)
{
    mxp_error error = {0};
    const long before = live;
    const mxp_status undisturbed = run(&error);

    if (live != before)
        fail_msg("%s, undisturbed: %ld blocks are left", what, live - before);
    long n = 1;
    while (disturb(run, n, false, undisturbed, what) && disturb(run, n, true, undisturbed, what))
        n++;
    print_message("    %s: %ld allocations, status %d %s\n", what, n - 1, undisturbed,
                  error.message);
    assert_true(n > 1);
}

#endif
