/* Help: written around the option rows and the verb table. */
#ifndef MAXPOST_CLI_HELP_H
#define MAXPOST_CLI_HELP_H

#include "verb.h"

/* On standard output; 0, or 74. */
int help_main(void);
int help_verb(const struct verb *verb);

#endif
