#include "select/path.h"

#include <math.h>

const char *setup_penalty(const struct setup *setup)
{
    return setup->mix2 == 0.0 ? "l1" : setup->mix1 == 0.0 ? "l2" : "elastic_net";
}

const char *path_penalty(const mxp_path *path)
{
    return setup_penalty(path->setup);
}

struct prior path_prior(const mxp_path *path, size_t i)
{
    const struct setup *const setup = path->setup;
    const double noise = path->point[i].noise_sd, phi = isnan(noise) ? 1.0 : noise * noise;
    size_t of = setup->run[0].first;

    for (size_t r = 0; r < setup->runs; r++) { /* the one whose relative scale is nearest to 1 */
        const size_t j = setup->run[r].first;
        if (fabs(setup->l1[j] + setup->l2[j] - 1.0) < fabs(setup->l1[of] + setup->l2[of] - 1.0))
            of = j;
    }
    struct prior prior = path->problem->parameter[of].prior;
    problem_penalise(&prior, path->lambda[i] * setup->mix1, path->lambda[i] * setup->mix2, phi);
    prior.selected = 0;
    return prior;
}

size_t path_away(size_t *index, const mxp_path *path, size_t i)
{
    const struct setup *const setup = path->setup;
    const struct sweep_point *const point = &path->sweep[i];
    size_t count = 0;

    for (size_t a = 0; a < point->count; a++) {
        const size_t j = point->index[a];
        const bool moves = setup->l1[j] > 0.0 || setup->l2[j] > 0.0;
        if (!moves || point->theta[a] != setup->centre[j])
            index[count++] = j;
    }
    return count;
}
