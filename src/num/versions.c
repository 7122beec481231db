#include "num/versions.h"

#include <cblas.h>
#include <gsl/gsl_version.h>

const char *versions_gsl(void)
{
    return gsl_version;
}

const char *versions_blas(void)
{
    return openblas_get_config();
}
