#include "model/family.h"

#include <string.h>

const struct family *const family_table[] = {
    &family_gaussian,
    &family_bernoulli,
    &family_binomial,
    &family_poisson,
    &family_negative_binomial,
    &family_gamma,
    &family_beta,
    &family_student_t,
    &family_laplace,
    &family_huber,
    &family_multinomial,
    &family_ordinal,
    NULL,
};

const struct family *family_find(const char *name)
{
    for (const struct family *const *row = family_table; *row; row++)
        if (strcmp((*row)->name, name) == 0)
            return *row;
    return NULL;
}

int family_link(const struct family *family, const char *link)
{
    for (int i = 0; family->links[i]; i++)
        if (strcmp(family->links[i], link) == 0)
            return i;
    return -1;
}

double family_mean(const struct family *family, size_t link, double eta)
{
    return link_inverse(family->kinds[link], eta);
}

double family_link_of_mean(const struct family *family, size_t link, double mean)
{
    return link_of(family->kinds[link], mean);
}
