#include "data/formula.h"

#include "base/mem.h"
#include "data/formula_tree.h"
#include "data/lexer.h"

#include <math.h>
#include <string.h>

enum { NODES_MAX = 4000 };

/* ---- building ---- */

static mxp_status add_node(size_t *index, struct formula *f, const struct formula_node *node,
                           const struct lexer *lexer, mxp_error *error)
{
    if (f->nodes >= NODES_MAX)
        return lexer_fail(lexer, lexer->token.at, error,
                          "a formula of more than %d terms and signs (`.` is all other columns)",
                          NODES_MAX);
    const mxp_status status =
        mem_grow(&f->node, &f->node_capacity, f->nodes + 1, sizeof *f->node, error);
    if (status != MXP_OK)
        return status;
    *index = f->nodes;
    f->node[f->nodes++] = *node;
    return MXP_OK;
}

static void free_variable(struct formula_variable *variable)
{
    free(variable->name);
    expression_free(variable->expression);
}

/* Takes the variable over; *index: the one of its name, which may have been there. */
static mxp_status intern(size_t *index, struct formula *f, struct formula_variable *variable,
                         mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (*index = 0; *index < f->variables; ++*index)
        if (f->variable[*index].kind == variable->kind &&
            strcmp(f->variable[*index].name, variable->name) == 0)
            goto out;
    TRY(status = mem_grow(&f->variable, &f->variable_capacity, f->variables + 1,
                          sizeof *f->variable, error));
    f->variable[f->variables++] = *variable;
    *variable = (struct formula_variable){0};
out:
    free_variable(variable);
    return status;
}

void formula_free(struct formula *formula)
{
    if (!formula)
        return;
    for (size_t i = 0; i < formula->variables; i++)
        free_variable(&formula->variable[i]);
    for (size_t i = 0; i < formula->offsets; i++)
        expression_free(formula->offset[i]);
    void *response = NULL;
    memcpy(&response, &formula->response.name, sizeof response);
    free(response);
    free(formula->variable);
    free(formula->offset);
    free(formula->node);
    free(formula->text);
    free(formula);
}

/* ---- calls ---- */

static bool is_word(const struct token *token, const char *word)
{
    return token->kind == TOKEN_NAME && !token->quoted && strlen(word) == token->length &&
           memcmp(token->text, word, token->length) == 0;
}

/* The degree of a poly, with or without its name. */
static mxp_status read_degree(struct formula_variable *poly, struct str *name, struct lexer *lexer,
                              mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (is_word(&lexer->token, "degree")) {
        TRY(status = lexer_advance(lexer, error));
        TRY(status = lexer_expect(lexer, '=', "after degree", error));
        str_add(name, "degree = ");
    }
    if (lexer->token.kind != TOKEN_NUMBER)
        return lexer_unexpected(lexer, "the degree of poly()", error);
    const double degree = lexer->token.number;
    if (degree != floor(degree) || degree < 1 || degree > FORMULA_DEGREE_MAX)
        return lexer_fail(lexer, lexer->token.at, error,
                          "the degree %g of poly() is no whole number from 1 to %d", degree,
                          FORMULA_DEGREE_MAX);
    poly->degree = (size_t)degree;
    str_format(name, "%zu", poly->degree);
    status = lexer_advance(lexer, error);
out:
    return status;
}

/* raw = TRUE */
static mxp_status read_raw(struct formula_variable *poly, struct str *name, struct lexer *lexer,
                           mxp_error *error)
{
    const struct token *token = &lexer->token;
    mxp_status status;

    if (!is_word(token, "raw"))
        return lexer_unexpected(lexer, "raw = TRUE or \")\"", error);
    TRY(status = lexer_advance(lexer, error));
    TRY(status = lexer_expect(lexer, '=', "after raw", error));
    poly->raw = is_word(token, "TRUE") || is_word(token, "T");
    if (!poly->raw && !is_word(token, "FALSE") && !is_word(token, "F"))
        return lexer_unexpected(lexer, "TRUE or FALSE", error);
    str_add(name, ", raw = ");
    str_add_n(name, token->text, token->length);
    status = lexer_advance(lexer, error);
out:
    return status;
}

/* poly(expression, degree) */
static mxp_status read_poly(struct formula_variable *poly, struct lexer *lexer, mxp_error *error)
{
    struct str name = {0};
    mxp_status status;

    poly->kind = FORMULA_POLY;
    str_add(&name, "poly(");
    TRY(status = lexer_advance(lexer, error));
    TRY(status = lexer_expect(lexer, '(', "after poly", error));
    TRY(status = expression_read(&poly->expression, lexer, error));
    expression_print(&name, poly->expression);
    TRY(status = lexer_expect(lexer, ',', "and the degree, as in poly(x, 2),", error));
    str_add(&name, ", ");
    TRY(status = read_degree(poly, &name, lexer, error));
    if (lexer_is(lexer, ',')) {
        TRY(status = lexer_advance(lexer, error));
        TRY(status = read_raw(poly, &name, lexer, error));
    }
    TRY(status = lexer_expect(lexer, ')', "of poly()", error));
    str_add(&name, ")");
    TRY(status = str_check(&name, error));
    poly->name = name.text;
    name = (struct str){0};
out:
    str_free(&name);
    return status;
}

static mxp_status read_call(struct formula_variable *call, struct lexer *lexer, mxp_error *error)
{
    struct str name = {0};
    mxp_status status;

    call->kind = FORMULA_EXPRESSION;
    TRY(status = expression_read_call(&call->expression, lexer, error));
    expression_print(&name, call->expression);
    TRY(status = str_check(&name, error));
    call->name = name.text;
    name = (struct str){0};
out:
    str_free(&name);
    return status;
}

static mxp_status read_offset(size_t *index, struct formula *f, struct lexer *lexer,
                              mxp_error *error)
{
    const struct formula_node node = {.op = FORMULA_OFFSET};
    mxp_status status;

    TRY(status =
            mem_grow(&f->offset, &f->offset_capacity, f->offsets + 1, sizeof(*f->offset), error));
    TRY(status = lexer_advance(lexer, error));
    TRY(status = lexer_expect(lexer, '(', "after offset", error));
    TRY(status = expression_read(&f->offset[f->offsets], lexer, error));
    f->offsets++;
    TRY(status = lexer_expect(lexer, ')', "of offset()", error));
    status = add_node(index, f, &node, lexer, error);
out:
    return status;
}

/* ---- terms ---- */

static mxp_status read_sum(size_t *index, struct formula *f, struct lexer *lexer, mxp_error *error);

static mxp_status read_column(struct formula_variable *column, struct lexer *lexer,
                              mxp_error *error)
{
    const struct token token = lexer->token;
    mxp_status status;

    column->kind = FORMULA_COLUMN;
    TRY(status = mem_text_n(&column->name, token.text, token.length, error));
    const struct design_name name = {column->name, column->place};
    TRY(status = expression_of_column(&column->expression, &name, error));
    status = lexer_advance(lexer, error);
out:
    return status;
}

static mxp_status read_variable(size_t *index, struct formula *f, struct lexer *lexer,
                                mxp_error *error)
{
    struct formula_node node = {.op = FORMULA_VARIABLE};
    struct formula_variable variable = {.place = lexer_place(lexer, lexer->token.at)};
    mxp_status status;

    if (!lexer_is_call(lexer))
        status = read_column(&variable, lexer, error);
    else if (is_word(&lexer->token, "poly"))
        status = read_poly(&variable, lexer, error);
    else
        status = read_call(&variable, lexer, error);
    if (status != MXP_OK) {
        free_variable(&variable);
        return status;
    }
    TRY(status = intern(&node.variable, f, &variable, error));
    status = add_node(index, f, &node, lexer, error);
out:
    return status;
}

static mxp_status read_number(size_t *index, struct formula *f, struct lexer *lexer,
                              mxp_error *error)
{
    const double number = lexer->token.number;
    const struct formula_node node = {.op = number == 0.0 ? FORMULA_ZERO : FORMULA_ONE};

    if (number != 0.0 && number != 1.0)
        return lexer_fail(lexer, lexer->token.at, error,
                          "%.10g is no term; the only numbers are 1 and 0, for the intercept "
                          "(arithmetic goes inside I(...))",
                          number);
    const mxp_status status = lexer_advance(lexer, error);
    return status == MXP_OK ? add_node(index, f, &node, lexer, error) : status;
}

static mxp_status read_primary(size_t *index, struct formula *f, struct lexer *lexer,
                               mxp_error *error)
{
    const struct formula_node dot = {.op = FORMULA_DOT};
    mxp_status status;

    if (lexer_is_call(lexer) && is_word(&lexer->token, "offset"))
        return read_offset(index, f, lexer, error);
    if (lexer->token.kind == TOKEN_NAME)
        return read_variable(index, f, lexer, error);
    if (lexer->token.kind == TOKEN_NUMBER)
        return read_number(index, f, lexer, error);
    if (lexer->token.kind == TOKEN_DOT) {
        f->dot = true;
        TRY(status = lexer_advance(lexer, error));
        return add_node(index, f, &dot, lexer, error);
    }
    if (!lexer_is(lexer, '('))
        return lexer_unexpected(lexer, "a term", error);
    TRY(status = lexer_enter(lexer, error));
    TRY(status = lexer_advance(lexer, error));
    TRY(status = read_sum(index, f, lexer, error));
    lexer->depth--;
    status = lexer_expect(lexer, ')', "after the terms in parentheses", error);
out:
    return status;
}

/* What may not be multiplied: 1, 0 and offsets, also within parentheses. */
static bool is_alone(const struct formula *f, size_t index)
{
    const struct formula_node *node = &f->node[index];

    for (; node->op == FORMULA_PLUS || node->op == FORMULA_MINUS; node = &f->node[node->left])
        if (is_alone(f, node->right))
            return true;
    if (node->op == FORMULA_NEGATIVE)
        return is_alone(f, node->left);
    return node->op == FORMULA_ONE || node->op == FORMULA_ZERO || node->op == FORMULA_OFFSET;
}

/* A chain of one operator, above a stronger one. */
static mxp_status
read_chain(size_t *index, struct formula *f, struct lexer *lexer, char sign, enum formula_op op,
           mxp_status (*read)(size_t *, struct formula *, struct lexer *, mxp_error *),
           mxp_error *error)
{
    const char *at = lexer->token.at;
    mxp_status status;

    TRY(status = read(index, f, lexer, error));
    while (lexer_is(lexer, sign)) {
        struct formula_node node = {.op = op, .left = *index};
        bool alone = is_alone(f, *index);
        TRY(status = lexer_advance(lexer, error));
        if (!alone)
            at = lexer->token.at;
        TRY(status = read(&node.right, f, lexer, error));
        if (alone || is_alone(f, node.right)) {
            status =
                lexer_fail(lexer, at, error,
                           "1, 0 and offset(...) stand alone, \"%c\" does not take them", sign);
            goto out;
        }
        TRY(status = add_node(index, f, &node, lexer, error));
    }
out:
    return status;
}

static mxp_status read_interaction(size_t *index, struct formula *f, struct lexer *lexer,
                                   mxp_error *error)
{
    return read_chain(index, f, lexer, ':', FORMULA_INTERACT, read_primary, error);
}

static mxp_status read_product(size_t *index, struct formula *f, struct lexer *lexer,
                               mxp_error *error)
{
    return read_chain(index, f, lexer, '*', FORMULA_CROSS, read_interaction, error);
}

/* An operand of + or -, with its own sign. */
static mxp_status read_signed(size_t *index, struct formula *f, struct lexer *lexer,
                              mxp_error *error)
{
    struct formula_node node = {.op = FORMULA_NEGATIVE};
    bool negative = false;
    mxp_status status = MXP_OK;

    while (lexer_is(lexer, '-') || lexer_is(lexer, '+')) {
        negative = negative != lexer_is(lexer, '-');
        TRY(status = lexer_advance(lexer, error));
    }
    const char *const at = lexer->token.at;
    const size_t offsets = f->offsets;
    TRY(status = read_product(index, f, lexer, error));
    node.left = *index;
    if (negative && f->offsets != offsets)
        return lexer_fail(lexer, at, error, "an offset cannot be taken away");
    if (negative)
        status = add_node(index, f, &node, lexer, error);
out:
    return status;
}

static mxp_status read_sum(size_t *index, struct formula *f, struct lexer *lexer, mxp_error *error)
{
    mxp_status status;

    TRY(status = read_signed(index, f, lexer, error));
    while (lexer_is(lexer, '+') || lexer_is(lexer, '-')) {
        struct formula_node node = {.op = lexer_is(lexer, '+') ? FORMULA_PLUS : FORMULA_MINUS,
                                    .left = *index};
        TRY(status = lexer_advance(lexer, error));
        const char *const at = lexer->token.at;
        const size_t offsets = f->offsets;
        TRY(status = read_signed(&node.right, f, lexer, error));
        if (node.op == FORMULA_MINUS && f->offsets != offsets) {
            status = lexer_fail(lexer, at, error, "an offset cannot be taken away");
            goto out;
        }
        TRY(status = add_node(index, f, &node, lexer, error));
    }
out:
    return status;
}

/* ---- the whole ---- */

static mxp_status read_response(struct formula *f, struct lexer *lexer, mxp_error *error)
{
    const struct token token = lexer->token;
    char *name = NULL;
    mxp_status status;

    if (lexer_is(lexer, '~'))
        return lexer_fail(lexer, token.at, error, "a response is missing before \"~\"");
    if (lexer_is_call(lexer) && is_word(&token, "cbind"))
        return lexer_fail(lexer, token.at, error,
                          "cbind(): name the successes here, and the failures in "
                          "family: {name: binomial, failures: COLUMN}");
    if (lexer_is_call(lexer))
        return lexer_fail(lexer, token.at, error,
                          "the response is transformed; make it a column of the data, or choose a "
                          "link");
    if (token.kind != TOKEN_NAME)
        return lexer_unexpected(lexer, "a response, which is a column,", error);
    TRY(status = mem_text_n(&name, token.text, token.length, error));
    f->response = (struct design_name){name, lexer_place(lexer, token.at)};
    TRY(status = lexer_advance(lexer, error));
    status = lexer_expect(lexer, '~', "after the response", error);
out:
    return status;
}

/* The signs that R has and this subset has not. */
static mxp_status refuse_rest(const struct lexer *lexer, mxp_error *error)
{
    if (lexer_is(lexer, '^'))
        return lexer_fail(lexer, lexer->token.at, error,
                          "powers are written I(x^2), products of terms a * b");
    if (lexer_is(lexer, '/'))
        return lexer_fail(lexer, lexer->token.at, error,
                          "quotients are written I(a/b), nested terms a + a:b");
    if (lexer_is(lexer, '~'))
        return lexer_fail(lexer, lexer->token.at, error, "a second \"~\"");
    return lexer_unexpected(lexer, "\"+\", \"-\", \"*\", \":\" or the end", error);
}

/* The response is none of the predictors. */
static mxp_status check_response(const struct formula *f, mxp_error *error)
{
    for (size_t i = 0; i < f->variables; i++) {
        const struct expression *expression = f->variable[i].expression;
        for (size_t j = 0; j < expression_columns(expression); j++)
            if (strcmp(expression_column(expression, j).name, f->response.name) == 0)
                return FAIL_AT(error, expression_column(expression, j).place, MXP_CONFIG,
                               "column \"%s\" is already the response", f->response.name);
    }
    return MXP_OK;
}

/* 1, 0, + 1, - 1, ...: the last word counts, and a minus turns it round. */
static void find_intercept(struct formula *f, size_t index, bool plus)
{
    const struct formula_node *node = &f->node[index];

    if (node->op == FORMULA_ONE || node->op == FORMULA_ZERO) {
        f->intercept = (node->op == FORMULA_ONE) == plus;
    } else if (node->op == FORMULA_NEGATIVE) {
        find_intercept(f, node->left, !plus);
    } else if (node->op == FORMULA_PLUS || node->op == FORMULA_MINUS) {
        find_intercept(f, node->left, plus);
        find_intercept(f, node->right, (node->op == FORMULA_PLUS) == plus);
    }
}

mxp_status formula_new(struct formula **formula, const char *text, struct place place,
                       mxp_error *error)
{
    struct formula *f = NULL;
    struct lexer lexer;
    size_t root = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&f, 1, error));
    TRY(status = mem_text(&f->text, text, error));
    f->place = place;
    TRY(status = lexer_start(&lexer, f->text, place, error));
    TRY(status = read_response(f, &lexer, error));
    TRY(status = read_sum(&root, f, &lexer, error));
    if (lexer.token.kind != TOKEN_END) {
        status = refuse_rest(&lexer, error);
        goto out;
    }
    TRY(status = check_response(f, error));
    f->intercept = true;
    find_intercept(f, root, true);
    *formula = f;
    f = NULL;
out:
    formula_free(f);
    return status;
}
