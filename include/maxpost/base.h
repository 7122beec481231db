/* maxpost: status codes, the caller's error, version and export macro. */
#ifndef MAXPOST_BASE_H
#define MAXPOST_BASE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MXP_API __attribute__((visibility("default")))
#define MXP_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MXP_API
#define MXP_MUST_CHECK
#endif

#define MXP_VERSION "0.1.0"

/* What a call came to.  The values are the exit codes of the command line (sysexits where one
 * exists), so that a program may hand them to exit(). */
typedef enum mxp_status {
    MXP_OK = 0,
    MXP_NO_MODE = 2,        /* the posterior has no mode on these data */
    MXP_USAGE = 64,         /* a bad argument: command line, --set, or a library call */
    MXP_DATA = 65,          /* bad data in a file */
    MXP_NO_INPUT = 66,      /* an input cannot be opened */
    MXP_UNAVAILABLE = 69,   /* not built into this binary */
    MXP_NUMERIC = 70,       /* a computation that should succeed did not */
    MXP_MEMORY = 71,        /* out of memory, or a size that overflows */
    MXP_CANNOT_CREATE = 73, /* an output cannot be created */
    MXP_IO = 74,            /* reading or writing failed */
    MXP_CONFIG = 78         /* a bad model or run */
} mxp_status;

/* An error as text; zero-initialise it (mxp_error error = {0}).  Every function that takes one
 * accepts NULL.  Written only on failure.
 *   message  one line, "file:line:column: what is wrong" where there is a place
 *   excerpt  the offending line and a caret below it, two lines, or empty */
typedef struct mxp_error {
    mxp_status status;
    char message[1024];
    char excerpt[512];
} mxp_error;

/* The version of the library that is running, "major.minor.patch"; never freed. */
MXP_API const char *mxp_version(void);

#ifdef __cplusplus
}
#endif

#endif
