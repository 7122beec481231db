#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

/* The one thing that a signal handler can reach. */
static volatile sig_atomic_t asked;

static void ask(int signal)
{
    (void)signal;
    asked = 1;
}

const volatile int *interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = ask, .sa_flags = (int)SA_RESETHAND | SA_RESTART}, old;

    (void)sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        (void)sigaction(SIGINT, &action, NULL);
    return &asked;
}
