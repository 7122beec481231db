#include "app/report_groups.h"
#include "app/text_table.h"
#include "base/number.h"
#include "fit/solution.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 3, TEXT_SHOWN = 48, WORDS = 160 };

/* ---- what is known of a group and of a constraint ---- */

static const double *mode(const struct report *report)
{
    return report->run->solution->point->theta;
}

/* The distance of the group's coefficients from its mean, on the scale of its prior. */
static double group_norm(const struct report *report, const struct joint *joint)
{
    double square = 0.0;

    for (size_t i = 0; i < joint->k; i++) {
        const double off = mode(report)[joint->index[i]] - joint->mean[i];
        square += off * off;
    }
    return sqrt(square);
}

/* off'Q off of a gaussian: its mean under the prior is the rank of Q. */
static double group_square(const struct report *report, const struct joint *joint)
{
    return joint_kinked(joint)
               ? NAN
               : 2.0 * (joint_value(joint, mode(report)) - joint_log_normaliser(joint));
}

static bool standardized(const struct mxp_model *model)
{
    return model->constraints_standardized && model->standardize;
}

/* The left side at the mode, on the scale that the constraint speaks about. */
static double constraint_value(const struct report *report, const struct constraint *constraint)
{
    double sum = 0.0;

    for (size_t i = 0; i < constraint->count; i++) {
        const mxp_term *const term = &report->term[constraint->term[i]];
        sum += constraint->coefficient[i] *
               (standardized(report->model) ? term->standardized_estimate : term->estimate);
    }
    return sum;
}

/* The distance from the right side: in sds where there is one. */
static double constraint_residual(const struct report *report, const struct constraint *constraint)
{
    const double off = constraint_value(report, constraint) - constraint->mean;

    return constraint->hard ? off : off / constraint->sd;
}

/* Whether the i-th constraint, a hard one, follows from those before it. */
static bool is_redundant(const struct mxp_problem *problem, size_t i)
{
    size_t hard = 0;

    for (size_t c = 0; c < i; c++)
        hard += problem->constraint[c]->hard;
    return problem->constraint[i]->hard && problem->equality->redundant[hard];
}

/* ---- on the terminal ---- */

static void put_table(const struct page *page, struct text_table *table, const char *title)
{
    page_title(page, title);
    text_table_print(page->out, table, page->color);
    text_table_free(table);
}

static void group_words(char words[WORDS], const struct report *report, size_t g)
{
    const struct joint *const joint = report->problem->joint[g];
    const char *const where = report->model->standardize ? ", on standardized columns" : "";
    char number[TEXT_NUMBER];

    if (joint_kinked(joint) && joint_at_kink(joint, mode(report))) {
        text_short(number, report->term[joint->index[0]].kink_slack, 3);
        (void)snprintf(words, WORDS, "out: all of it exactly at its mean (slack %s)", number);
    } else if (joint_kinked(joint)) {
        text_short(number, group_norm(report, joint), 4);
        (void)snprintf(words, WORDS, "in: norm %s%s", number, where);
    } else {
        text_short(number, group_square(report, joint), 4);
        (void)snprintf(words, WORDS, "squared distance from its mean %s, under the prior %zu%s",
                       number, joint->rank, where);
    }
}

static void put_groups(const struct page *page)
{
    const struct mxp_problem *const problem = page->report->problem;
    struct text_table table = {.columns = COLUMNS,
                               .column = {{"", TEXT_LEFT}, {"", TEXT_LEFT}, {"", TEXT_LEFT}}};

    for (size_t g = 0; g < problem->groups; g++) {
        char words[WORDS], terms[TEXT_NUMBER];
        const char *cells[COLUMNS] = {problem->joint_name[g], terms, words};
        (void)snprintf(terms, sizeof terms, "%zu term%s", problem->joint[g]->k,
                       problem->joint[g]->k == 1 ? "" : "s");
        group_words(words, page->report, g);
        text_table_add(&table, cells, false);
    }
    put_table(page, &table, "Groups");
}

static void constraint_words(char words[WORDS], const struct report *report, size_t i)
{
    const struct constraint *const c = report->problem->constraint[i];
    const double residual = constraint_residual(report, c);
    char number[TEXT_NUMBER], value[TEXT_NUMBER];

    text_short(number, fabs(residual), c->hard ? 2 : 3);
    text_short(value, constraint_value(report, c), 5);
    if (c->hard)
        (void)snprintf(words, WORDS, "holds to %s%s", number,
                       is_redundant(report->problem, i) ? "; it follows from those above" : "");
    else
        (void)snprintf(words, WORDS, "is %s, %s sds %s", value, number,
                       residual < 0.0 ? "below its mean" : "above its mean");
}

static void put_constraints(const struct page *page)
{
    const struct mxp_problem *const problem = page->report->problem;
    struct text_table table = {.columns = 2, .column = {{"", TEXT_LEFT}, {"", TEXT_LEFT}}};

    for (size_t i = 0; i < problem->constraints; i++) {
        struct str text = {0};
        char words[WORDS];
        text_cut(&text, problem->constraint[i]->text, TEXT_SHOWN);
        table.failed |= text.failed;
        constraint_words(words, page->report, i);
        if (!table.failed) {
            const char *cells[] = {text.text ? text.text : "", words};
            text_table_add(&table, cells, false);
        }
        str_free(&text);
    }
    put_table(page, &table,
              standardized(problem->model) ? "Constraints, on standardized columns"
                                           : "Constraints, on the columns as they are");
}

void report_groups_text(const struct page *page)
{
    if (page->report->problem->groups > 0)
        put_groups(page);
    if (page->report->problem->constraints > 0)
        put_constraints(page);
}

/* ---- check ---- */

static void put_group_rule(struct str *out, const struct model_group *group)
{
    str_format(out, "  %-14s%s: ", "group", group->name);
    joint_spec_format(out, &group->spec);
    str_add(out, " on ");
    for (size_t t = 0; t < group->count; t++)
        str_format(out, "%s%s", t ? ", " : "", group->term[t].name);
    if (group->source)
        str_format(out, "; %s %s", group->precision ? "precision" : "covariance",
                   group->source_name);
    str_add(out, "\n");
}

void report_groups_check(struct str *out, const struct mxp_run *run)
{
    const struct mxp_model *const model = run->model;

    if (model->group_count + model->constraint_count > 0)
        str_add(out, "\n");
    for (size_t g = 0; g < model->group_count; g++)
        put_group_rule(out, &model->groups[g]);
    for (size_t i = 0; i < model->constraint_count; i++)
        str_format(out, "  %-14s%s\n", i ? "" : "constraints", model->constraints[i].text);
    if (model->constraint_count > 0)
        str_format(out, "  %-14s%s\n", "",
                   standardized(model) ? "about coefficients of standardized columns"
                                       : "about coefficients of the columns as they are");
}

/* ---- fit.json ---- */

static void put_group_json(struct json *json, const struct report *report, size_t g)
{
    const struct mxp_problem *const problem = report->problem;
    const struct joint *const joint = problem->joint[g];
    const bool kinked = joint_kinked(joint);

    json_open_object(json, NULL);
    json_add_text(json, "name", problem->joint_name[g]);
    json_add_text(json, "prior", report->term[joint->index[0]].prior);
    json_open_array(json, "terms");
    for (size_t i = 0; i < joint->k; i++)
        json_add_text(json, NULL, report->term[joint->index[i]].name);
    json_close(json);
    json_add_number(json, "norm", group_norm(report, joint), NULL);
    json_add_boolean(json, "at_kink", joint_at_kink(joint, mode(report)));
    json_add_number(json, "kink_slack", report->term[joint->index[0]].kink_slack,
                    "not at a kink, or no posterior");
    json_add_number(json, "squared_distance", group_square(report, joint),
                    kinked ? "the prior is not gaussian" : NULL);
    json_add_integer(json, "rank", (int64_t)joint->rank);
    json_close(json);
}

static void put_constraint_json(struct json *json, const struct report *report, size_t i)
{
    const struct constraint *const c = report->problem->constraint[i];
    const double residual = constraint_residual(report, c);

    json_open_object(json, NULL);
    json_add_text(json, "constraint", c->text);
    json_add_text(json, "kind", c->hard ? "hard" : "soft");
    json_add_number(json, "mean", c->mean, NULL);
    json_add_number(json, "sd", c->sd, NULL);
    json_add_number(json, "value", constraint_value(report, c), NULL);
    json_add_number(json, "difference", c->hard ? residual : residual * c->sd, NULL);
    json_add_number(json, "residual_sds", c->hard ? NAN : residual, "the constraint is hard");
    json_add_boolean(json, "redundant", is_redundant(report->problem, i));
    json_close(json);
}

void report_groups_json(struct json *json, const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;

    if (problem->groups > 0) {
        json_open_array(json, "groups");
        for (size_t g = 0; g < problem->groups; g++)
            put_group_json(json, report, g);
        json_close(json);
    }
    if (problem->constraints == 0)
        return;
    json_add_text(json, "constraints_on",
                  standardized(problem->model) ? "standardized" : "original");
    json_open_array(json, "constraints");
    for (size_t i = 0; i < problem->constraints; i++)
        put_constraint_json(json, report, i);
    json_close(json);
}

/* ---- orders that nobody stated ---- */

/* The factor whose level a coefficient is, alone; NULL: it is none. */
static const struct encoding_variable *factor_of(const struct report *report, size_t j)
{
    const struct encoding *const encoding = report->design->encoding;
    const size_t column = report->problem->parameter[j].column;

    for (size_t t = 0; t < encoding->terms; t++) {
        const struct encoding_term *const term = &encoding->term[t];
        if (column < term->first || column >= term->first + term->columns || term->count != 1)
            continue;
        const struct encoding_variable *const variable = &encoding->variable[term->variable[0]];
        return variable->kind == ENCODING_FACTOR ? variable : NULL;
    }
    return NULL;
}

static bool has_order(const struct report *report, const struct encoding_variable *factor)
{
    double value;

    for (size_t i = 0; i < report->model->level_count; i++)
        if (strcmp(report->model->levels[i].column.name, factor->name) == 0)
            return true;
    for (size_t l = 0; l < factor->levels; l++)
        if (number_read(&value, factor->level[l]))
            return false;
    return true; /* numbers sort as numbers */
}

const char *report_unordered(const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;

    for (size_t i = 0; i < problem->groups; i++) {
        const struct joint *const joint = problem->joint[i];
        const char *const name = joint->row->name;
        if (strcmp(name, "ar1") != 0 && strcmp(name, "rw1") != 0 && strcmp(name, "rw2") != 0)
            continue;
        const struct encoding_variable *const factor = factor_of(report, joint->index[0]);
        if (factor && !has_order(report, factor))
            return factor->name;
    }
    return NULL;
}
