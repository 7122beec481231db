/* A name as the user wrote it, and where. */
#ifndef MAXPOST_NAME_H
#define MAXPOST_NAME_H

#include "base/err.h"

struct design_name {
    const char *name; /* NULL: none */
    struct place place;
};

#endif
