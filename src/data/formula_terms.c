/* The algebra of terms: sums, differences and products of lists of products of variables. */
#include "data/formula.h"

#include "base/mem.h"
#include "data/formula_tree.h"

#include <stdint.h>
#include <string.h>

/* Terms, each once, in the order in which they came. */
struct list {
    struct formula_term *term;
    size_t count, capacity;
    size_t *slot; /* hash index: term + 1, or 0 */
    size_t slots;
};

/* The formula's tree with the variables that its leaves stand for. */
struct context {
    const struct formula *formula;
    size_t *variable; /* of the terms, for each of the formula's */
    size_t *dot;      /* and for each column of `.` */
    size_t dots;
};

static void free_list(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->term[i].variable);
    free(list->term);
    free(list->slot);
    *list = (struct list){0};
}

static bool equal(const struct formula_term *a, const struct formula_term *b)
{
    return a->count == b->count &&
           memcmp(a->variable, b->variable, a->count * sizeof *a->variable) == 0;
}

static size_t find_slot(const struct list *list, const struct formula_term *term)
{
    size_t hash = term->count;

    for (size_t i = 0; i < term->count; i++)
        hash = (hash ^ term->variable[i]) * (size_t)0x9E3779B97F4A7C15u;
    size_t at = (hash ^ hash >> 29) & (list->slots - 1);
    while (list->slot[at] && !equal(&list->term[list->slot[at] - 1], term))
        at = (at + 1) & (list->slots - 1);
    return at;
}

static mxp_status grow_index(struct list *list, mxp_error *error)
{
    size_t *slot = NULL;

    if (2 * (list->count + 1) <= list->slots)
        return MXP_OK;
    const size_t slots = list->slots ? 2 * list->slots : 16;
    const mxp_status status = MEM_NEW(&slot, slots, error);
    if (status != MXP_OK)
        return status;
    free(list->slot);
    list->slot = slot;
    list->slots = slots;
    for (size_t i = 0; i < list->count; i++)
        slot[find_slot(list, &list->term[i])] = i + 1;
    return MXP_OK;
}

/* Takes the term's array over, also on failure. */
static mxp_status add(struct list *list, size_t *variable, size_t count,
                      const struct context *context, mxp_error *error)
{
    const struct formula_term term = {variable, count};
    mxp_status status;

    TRY(status = grow_index(list, error));
    const size_t at = find_slot(list, &term);
    if (list->slot[at])
        goto out;
    if (list->count >= FORMULA_TERMS_MAX) {
        status = FAIL_AT(error, context->formula->place, MXP_CONFIG,
                         "the formula has more than %d terms", FORMULA_TERMS_MAX);
        goto out;
    }
    TRY(status =
            mem_grow(&list->term, &list->capacity, list->count + 1, sizeof *list->term, error));
    list->term[list->count] = term;
    list->slot[at] = ++list->count;
    return MXP_OK;
out:
    free(variable);
    return status;
}

static mxp_status add_single(struct list *list, size_t variable, const struct context *context,
                             mxp_error *error)
{
    size_t *one = NULL;
    const mxp_status status = MEM_NEW(&one, 1, error);
    if (status != MXP_OK)
        return status;
    one[0] = variable;
    return add(list, one, 1, context, error);
}

/* Moves what is in `from` to the end of the list. */
static mxp_status append(struct list *list, struct list *from, const struct context *context,
                         mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < from->count; i++) {
        size_t *const variable = from->term[i].variable;
        from->term[i].variable = NULL;
        TRY(status = add(list, variable, from->term[i].count, context, error));
    }
out:
    return status;
}

/* The union of two ascending lists of variables. */
static mxp_status multiply(size_t **variable, size_t *count, const struct formula_term *a,
                           const struct formula_term *b, mxp_error *error)
{
    size_t *out = NULL, n = 0, i = 0, j = 0;
    const mxp_status status = MEM_NEW(&out, a->count + b->count, error);

    if (status != MXP_OK)
        return status;
    while (i < a->count || j < b->count) {
        const bool left = j >= b->count || (i < a->count && a->variable[i] <= b->variable[j]);
        const size_t next = left ? a->variable[i] : b->variable[j];
        i += i < a->count && a->variable[i] == next;
        j += j < b->count && b->variable[j] == next;
        out[n++] = next;
    }
    *variable = out;
    *count = n;
    return MXP_OK;
}

/* Adds every product of a term of `a` and a term of `b`. */
static mxp_status interact(struct list *list, const struct list *a, const struct list *b,
                           const struct context *context, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            size_t *variable = NULL, count = 0;
            TRY(status = multiply(&variable, &count, &a->term[i], &b->term[j], error));
            TRY(status = add(list, variable, count, context, error));
        }
    }
out:
    return status;
}

/* Adds the terms of `a` that are not in `b`. */
static mxp_status subtract(struct list *list, struct list *a, const struct list *b,
                           const struct context *context, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < a->count; i++) {
        if (b->slots && b->slot[find_slot(b, &a->term[i])])
            continue;
        size_t *const variable = a->term[i].variable;
        const size_t count = a->term[i].count;
        a->term[i].variable = NULL;
        a->term[i].count = 0;
        TRY(status = add(list, variable, count, context, error));
    }
out:
    return status;
}

static mxp_status evaluate(struct list *list, size_t index, const struct context *context,
                           mxp_error *error);

static mxp_status evaluate_binary(struct list *list, const struct formula_node *node,
                                  const struct context *context, mxp_error *error)
{
    struct list left = {0}, right = {0}, both = {0};
    mxp_status status;

    TRY(status = evaluate(&left, node->left, context, error));
    TRY(status = evaluate(&right, node->right, context, error));
    if (node->op == FORMULA_MINUS) {
        TRY(status = subtract(list, &left, &right, context, error));
        goto out;
    }
    if (node->op != FORMULA_PLUS)
        TRY(status = interact(&both, &left, &right, context, error));
    if (node->op != FORMULA_INTERACT) {
        *list = left;
        left = (struct list){0};
        TRY(status = append(list, &right, context, error));
    }
    status = append(list, &both, context, error);
out:
    free_list(&left);
    free_list(&right);
    free_list(&both);
    return status;
}

/* The terms of a node of the tree; list: empty before. */
static mxp_status evaluate(struct list *list, size_t index, const struct context *context,
                           mxp_error *error)
{
    const struct formula_node *node = &context->formula->node[index];
    mxp_status status = MXP_OK;

    switch (node->op) {
    case FORMULA_VARIABLE:
        return add_single(list, context->variable[node->variable], context, error);
    case FORMULA_DOT:
        for (size_t i = 0; i < context->dots; i++)
            TRY(status = add_single(list, context->dot[i], context, error));
        break;
    case FORMULA_ONE:
    case FORMULA_ZERO:
    case FORMULA_OFFSET:
    case FORMULA_NEGATIVE: /* from nothing */
        break;
    default:
        return evaluate_binary(list, node, context, error);
    }
out:
    return status;
}

/* ---- variables ---- */

/* The formula's own variable that is just this column, or its number of variables. */
static size_t find_column(const struct formula *formula, const char *column)
{
    size_t i = 0;

    while (i < formula->variables && (formula->variable[i].kind != FORMULA_COLUMN ||
                                      strcmp(formula->variable[i].name, column) != 0))
        i++;
    return i;
}

static size_t install(struct formula_terms *terms, const struct formula_variable *variable)
{
    terms->variable[terms->variables] = variable;
    return terms->variables++;
}

static mxp_status install_dot(struct formula_terms *terms, struct context *context,
                              const char *const *dot, size_t dots, mxp_error *error)
{
    const struct formula *formula = context->formula;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < dots; i++) {
        const size_t own = find_column(formula, dot[i]);
        if (own < formula->variables) {
            if (context->variable[own] == SIZE_MAX)
                context->variable[own] = install(terms, &formula->variable[own]);
            context->dot[i] = context->variable[own];
            continue;
        }
        struct formula_variable *variable = &terms->dot[terms->dots];
        const struct design_name name = {dot[i], formula->place};
        *variable = (struct formula_variable){.kind = FORMULA_COLUMN, .place = formula->place};
        terms->dots++;
        TRY(status = mem_text(&variable->name, dot[i], error));
        TRY(status = expression_of_column(&variable->expression, &name, error));
        context->dot[i] = install(terms, variable);
    }
    context->dots = dots;
out:
    return status;
}

/* Gives the variables their order, the one in which the leaves come. */
static mxp_status install_all(struct formula_terms *terms, struct context *context,
                              const char *const *dot, size_t dots, mxp_error *error)
{
    const struct formula *formula = context->formula;
    bool dotted = false;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < formula->variables; i++)
        context->variable[i] = SIZE_MAX;
    for (size_t i = 0; i < formula->nodes; i++) {
        const struct formula_node *node = &formula->node[i];
        if (node->op == FORMULA_VARIABLE && context->variable[node->variable] == SIZE_MAX)
            context->variable[node->variable] = install(terms, &formula->variable[node->variable]);
        if (node->op == FORMULA_DOT && !dotted)
            TRY(status = install_dot(terms, context, dot, dots, error));
        dotted = dotted || node->op == FORMULA_DOT;
    }
out:
    return status;
}

/* ---- the whole ---- */

/* By the number of variables; a stable sort by counting. */
static mxp_status sort_terms(struct formula_terms *terms, struct list *list, mxp_error *error)
{
    size_t most = 0;
    const mxp_status status = MEM_NEW(&terms->term, list->count, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < list->count; i++)
        if (list->term[i].count > most)
            most = list->term[i].count;
    for (size_t size = 1; size <= most; size++) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->term[i].count != size)
                continue;
            terms->term[terms->terms++] = list->term[i];
            list->term[i].variable = NULL;
        }
    }
    return MXP_OK;
}

mxp_status formula_expand(struct formula_terms *terms, const struct formula *formula,
                          const char *const *dot, size_t dots, mxp_error *error)
{
    struct formula_terms t = {0};
    struct context context = {.formula = formula};
    struct list list = {0};
    mxp_status status;

    if (!formula->dot)
        dots = 0;
    TRY(status = MEM_NEW(&context.variable, formula->variables, error));
    TRY(status = MEM_NEW(&context.dot, dots, error));
    TRY(status = mem_zeroed(&t.variable, formula->variables + dots, sizeof *t.variable, error));
    TRY(status = MEM_NEW(&t.dot, dots, error));
    TRY(status = install_all(&t, &context, dot, dots, error));
    TRY(status = evaluate(&list, formula->nodes - 1, &context, error));
    TRY(status = sort_terms(&t, &list, error));
    *terms = t;
    t = (struct formula_terms){0};
out:
    free(context.variable);
    free(context.dot);
    free_list(&list);
    formula_terms_free(&t);
    return status;
}

void formula_terms_free(struct formula_terms *terms)
{
    for (size_t i = 0; i < terms->dots; i++) {
        free(terms->dot[i].name);
        expression_free(terms->dot[i].expression);
    }
    for (size_t i = 0; i < terms->terms; i++)
        free(terms->term[i].variable);
    free(terms->dot);
    free(terms->term);
    free(terms->variable);
    *terms = (struct formula_terms){0};
}
