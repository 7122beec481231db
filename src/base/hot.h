/* HOT: a loop that is worth a version of its own for each vector unit; one binary serves all. */
#ifndef MAXPOST_HOT_H
#define MAXPOST_HOT_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HOT                                                                                        \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define HOT
#endif

#endif
