/* Which numerical libraries are running, for the record. */
#ifndef MAXPOST_VERSIONS_H
#define MAXPOST_VERSIONS_H

/* "2.7.1"; never freed. */
const char *versions_gsl(void);
/* OpenBLAS's own words, "OpenBLAS 0.3.21 ... Haswell ..."; never freed. */
const char *versions_blas(void);

#endif
