/* What the bernoulli and binomial families share: successes out of trials through a binary link. */
#ifndef MAXPOST_FAMILY_BINARY_H
#define MAXPOST_FAMILY_BINARY_H

#include "model/family_parts.h"

extern const char *const binary_links[];
extern const enum link binary_kinds[];

/* Row i: s successes out of n trials, log choose(n, s) included; n = 0 contributes 0. */
void binary_put(struct family_out *out, size_t i, enum link kind, double s, double n, double eta,
                unsigned want);
/* The log mass at p = s / n. */
double binary_peak(double s, double n);

bool binary_concave(size_t link);
double binary_variance(double mean, const double *psi);
int binary_recession(size_t link, double s, double n, const double *direction, size_t q,
                     bool symmetric, double tolerance);

#endif
