/* Arguments of priors that are to be selected: laplace(0, select(cv)). */
#include "model/prior.h"
#include "model/prior_rows.h"

#include <string.h>

static const char head[] = "select";

bool prior_asks_selection(const char *text)
{
    return strncmp(text, head, sizeof head - 1) == 0;
}

/* Whether the text is select(WAY), blanks aside. */
static bool is_way(const char *text, const char *way)
{
    static const char blank[] = " \t";
    const char *at = text + sizeof head - 1;

    at += strspn(at, blank);
    if (*at++ != '(')
        return false;
    at += strspn(at, blank);
    if (strncmp(at, way, strlen(way)) != 0)
        return false;
    at += strlen(way);
    at += strspn(at, blank);
    return at[0] == ')' && at[1] == '\0';
}

bool prior_can_select(const struct prior_row *row, size_t argument)
{
    return row == &prior_elastic_net
               ? argument > 0
               : (row == &prior_laplace || row == &prior_gaussian) && (int)argument == row->scale;
}

mxp_status prior_select(struct prior *prior, size_t argument, const char *text, struct place place,
                        mxp_error *error)
{
    const struct prior_row *row = prior->row;
    const char *name = row->arguments[argument].name;

    if (is_way(text, "evidence"))
        return FAIL_AT(error, place, MXP_CONFIG,
                       "%s: %s = %s is not there yet; select(cv) chooses it by cross-validation",
                       row->name, name, text);
    if (!is_way(text, "cv"))
        return FAIL_AT(error, place, MXP_CONFIG, "%s: %s = %s: it is written select(cv)", row->name,
                       name, text);
    if (!prior_can_select(row, argument))
        return FAIL_AT(error, place, MXP_CONFIG,
                       "%s: %s cannot be selected: a scale of laplace or gaussian can, and l1 and "
                       "l2 of elastic_net",
                       row->name, name);
    prior->a[argument] = 1.0;
    prior->selected |= 1U << argument;
    return MXP_OK;
}

mxp_status prior_check_selected(const struct prior *prior, struct place place, mxp_error *error)
{
    if (prior->row != &prior_elastic_net || prior->selected == 0 || prior->selected == 6)
        return MXP_OK;
    return FAIL_AT(error, place, MXP_CONFIG,
                   "elastic_net: l1 and l2 are selected together, elastic_net(0, select(cv), "
                   "select(cv)); path.mix is the share of l1");
}

mxp_status prior_refuse_selected(const struct prior *prior, const char *what, struct place place,
                                 mxp_error *error)
{
    if (!prior->selected)
        return MXP_OK;
    return FAIL_AT(error, place, MXP_CONFIG, "%s: no prior of %s can be selected; give a number",
                   prior->row->name, what);
}
