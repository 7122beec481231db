/* Control-C: the first asks the work to stop, the second ends the program. */
#ifndef MAXPOST_CLI_INTERRUPT_H
#define MAXPOST_CLI_INTERRUPT_H

enum { INTERRUPTED = 130 }; /* exit code */

/* From here on SIGINT sets what is returned to 1, once; where it is ignored it stays so. */
const volatile int *interrupt_watch(void);

#endif
