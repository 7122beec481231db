#include "data/expression.h"

#include "base/mem.h"
#include "base/number.h"
#include "data/lexer.h"

#include <math.h>
#include <string.h>

enum { NODES_MAX = 1000 };

enum node_kind { NODE_NUMBER, NODE_COLUMN, NODE_CALL, NODE_PAREN, NODE_NEGATIVE, NODE_BINARY };

struct node {
    enum node_kind kind;
    char sign;          /* BINARY: + - * / ^ */
    double number;      /* NUMBER */
    size_t index;       /* COLUMN, CALL: which */
    size_t left, right; /* operands; one is left */
};

struct expression {
    struct node *node; /* operands before what takes them; the last is the root */
    size_t nodes, node_capacity;
    struct design_name *column; /* names owned */
    size_t columns, column_capacity;
};

/* ---- functions ---- */

static double identity(double x)
{
    return x;
}

const char *const expression_functions[] = {"I",     "log",   "sqrt",  "exp", "abs", "log2",
                                            "log10", "log1p", "expm1", "sin", "cos", NULL};
static double (*const function[])(double) = {identity, log,   sqrt,  exp, fabs, log2,
                                             log10,    log1p, expm1, sin, cos};
enum { FUNCTIONS = sizeof function / sizeof *function };

static mxp_status find_function(size_t *index, const struct lexer *lexer, mxp_error *error)
{
    const struct token *token = &lexer->token;
    struct str name = {0};
    mxp_status status = MXP_OK;

    str_add_n(&name, token->text, token->length);
    TRY(status = str_check(&name, error));
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (strcmp(expression_functions[i], name.text) == 0) {
            *index = i;
            goto out;
        }
    }
    if (strcmp(name.text, "factor") == 0 || strcmp(name.text, "as.factor") == 0) {
        status = lexer_fail(lexer, token->at, error,
                            "%s() is not needed: data.types: {COLUMN: categorical} makes a factor",
                            name.text);
        goto out;
    }
    if (strcmp(name.text, "poly") == 0 || strcmp(name.text, "offset") == 0) {
        status = lexer_fail(lexer, token->at, error, "%s() is a term of its own", name.text);
        goto out;
    }
    const char *near = str_nearest(name.text, expression_functions, FUNCTIONS);
    status = lexer_fail(lexer, token->at, error, "unknown function \"%s\"%s%s%s", name.text,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
out:
    str_free(&name);
    return status;
}

/* ---- building ---- */

static mxp_status push(size_t *index, struct expression *e, const struct node *node,
                       mxp_error *error)
{
    const mxp_status status =
        mem_grow(&e->node, &e->node_capacity, e->nodes + 1, sizeof *e->node, error);
    if (status != MXP_OK)
        return status;
    *index = e->nodes;
    e->node[e->nodes++] = *node;
    return MXP_OK;
}

static mxp_status add_node(size_t *index, struct expression *e, const struct node *node,
                           const struct lexer *lexer, mxp_error *error)
{
    if (e->nodes >= NODES_MAX)
        return lexer_fail(lexer, lexer->token.at, error,
                          "an expression of more than %d numbers, columns and signs", NODES_MAX);
    return push(index, e, node, error);
}

/* The column of that name, added where it is new. */
static mxp_status intern_column(size_t *index, struct expression *e, const char *name,
                                size_t length, struct place place, mxp_error *error)
{
    char *copy = NULL;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < e->columns; i++) {
        if (strncmp(e->column[i].name, name, length) == 0 && e->column[i].name[length] == '\0') {
            *index = i;
            return MXP_OK;
        }
    }
    TRY(status =
            mem_grow(&e->column, &e->column_capacity, e->columns + 1, sizeof *e->column, error));
    TRY(status = mem_text_n(&copy, name, length, error));
    *index = e->columns;
    e->column[e->columns++] = (struct design_name){copy, place};
out:
    return status;
}

mxp_status expression_of_column(struct expression **expression, const struct design_name *column,
                                mxp_error *error)
{
    struct expression *e = NULL;
    struct node node = {.kind = NODE_COLUMN};
    size_t index = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&e, 1, error));
    TRY(status = intern_column(&node.index, e, column->name, strlen(column->name), column->place,
                               error));
    TRY(status = push(&index, e, &node, error));
    *expression = e;
    e = NULL;
out:
    expression_free(e);
    return status;
}

void expression_free(struct expression *expression)
{
    if (!expression)
        return;
    for (size_t i = 0; i < expression->columns; i++) {
        void *name = NULL;
        memcpy(&name, &expression->column[i].name, sizeof name);
        free(name);
    }
    free(expression->column);
    free(expression->node);
    free(expression);
}

mxp_status expression_copy(struct expression **copy, const struct expression *expression,
                           mxp_error *error)
{
    struct expression *e = NULL;
    size_t index = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&e, 1, error));
    for (size_t i = 0; i < expression->columns; i++) {
        const struct design_name *column = &expression->column[i];
        TRY(status =
                intern_column(&index, e, column->name, strlen(column->name), column->place, error));
    }
    for (size_t i = 0; i < expression->nodes; i++)
        TRY(status = push(&index, e, &expression->node[i], error));
    *copy = e;
    e = NULL;
out:
    expression_free(e);
    return status;
}

/* ---- reading ---- */

static mxp_status read_sum(size_t *index, struct expression *e, struct lexer *lexer,
                           mxp_error *error);

/* What is in parentheses, and the closing one; the opening one is the token. */
static mxp_status read_inside(size_t *index, struct expression *e, struct lexer *lexer,
                              mxp_error *error)
{
    mxp_status status;

    TRY(status = lexer_enter(lexer, error));
    TRY(status = lexer_advance(lexer, error));
    TRY(status = read_sum(index, e, lexer, error));
    lexer->depth--;
    status = lexer_expect(lexer, ')', "after an expression", error);
out:
    return status;
}

static mxp_status read_call(size_t *index, struct expression *e, struct lexer *lexer,
                            mxp_error *error)
{
    struct node node = {.kind = NODE_CALL};
    mxp_status status;

    TRY(status = find_function(&node.index, lexer, error));
    TRY(status = lexer_advance(lexer, error));
    TRY(status = read_inside(&node.left, e, lexer, error));
    status = add_node(index, e, &node, lexer, error);
out:
    return status;
}

static mxp_status read_primary(size_t *index, struct expression *e, struct lexer *lexer,
                               mxp_error *error)
{
    const struct token token = lexer->token;
    struct node node = {.kind = NODE_NUMBER, .number = token.number};
    mxp_status status;

    if (lexer_is_call(lexer))
        return read_call(index, e, lexer, error);
    if (lexer_is(lexer, '(')) {
        node.kind = NODE_PAREN;
        TRY(status = read_inside(&node.left, e, lexer, error));
    } else if (token.kind == TOKEN_NAME) {
        node.kind = NODE_COLUMN;
        TRY(status = intern_column(&node.index, e, token.text, token.length,
                                   lexer_place(lexer, token.at), error));
        TRY(status = lexer_advance(lexer, error));
    } else if (token.kind == TOKEN_NUMBER) {
        TRY(status = lexer_advance(lexer, error));
    } else {
        return lexer_unexpected(lexer, "a column or a number", error);
    }
    status = add_node(index, e, &node, lexer, error);
out:
    return status;
}

static mxp_status read_unary(size_t *index, struct expression *e, struct lexer *lexer,
                             mxp_error *error);

/* a^b; the exponent may have a sign, and binds to the right. */
static mxp_status read_power(size_t *index, struct expression *e, struct lexer *lexer,
                             mxp_error *error)
{
    struct node node = {.kind = NODE_BINARY, .sign = '^'};
    mxp_status status;

    TRY(status = read_primary(index, e, lexer, error));
    if (!lexer_is(lexer, '^'))
        goto out;
    node.left = *index;
    TRY(status = lexer_advance(lexer, error));
    TRY(status = read_unary(&node.right, e, lexer, error));
    status = add_node(index, e, &node, lexer, error);
out:
    return status;
}

static mxp_status read_unary(size_t *index, struct expression *e, struct lexer *lexer,
                             mxp_error *error)
{
    struct node node = {.kind = NODE_NEGATIVE};
    const bool negative = lexer_is(lexer, '-');
    mxp_status status;

    TRY(status = lexer_enter(lexer, error));
    if (!negative && !lexer_is(lexer, '+')) {
        TRY(status = read_power(index, e, lexer, error));
    } else {
        TRY(status = lexer_advance(lexer, error));
        TRY(status = read_unary(&node.left, e, lexer, error));
        *index = node.left;
        if (negative)
            TRY(status = add_node(index, e, &node, lexer, error));
    }
    lexer->depth--;
out:
    return status;
}

static mxp_status read_product(size_t *index, struct expression *e, struct lexer *lexer,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = read_unary(index, e, lexer, error));
    while (lexer_is(lexer, '*') || lexer_is(lexer, '/')) {
        struct node node = {.kind = NODE_BINARY, .sign = lexer->token.sign, .left = *index};
        TRY(status = lexer_advance(lexer, error));
        TRY(status = read_unary(&node.right, e, lexer, error));
        TRY(status = add_node(index, e, &node, lexer, error));
    }
out:
    return status;
}

static mxp_status read_sum(size_t *index, struct expression *e, struct lexer *lexer,
                           mxp_error *error)
{
    mxp_status status;

    TRY(status = read_product(index, e, lexer, error));
    while (lexer_is(lexer, '+') || lexer_is(lexer, '-')) {
        struct node node = {.kind = NODE_BINARY, .sign = lexer->token.sign, .left = *index};
        TRY(status = lexer_advance(lexer, error));
        TRY(status = read_product(&node.right, e, lexer, error));
        TRY(status = add_node(index, e, &node, lexer, error));
    }
out:
    return status;
}

static mxp_status read_with(struct expression **expression, struct lexer *lexer,
                            mxp_status (*read)(size_t *, struct expression *, struct lexer *,
                                               mxp_error *),
                            mxp_error *error)
{
    struct expression *e = NULL;
    const char *const at = lexer->token.at;
    size_t index = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&e, 1, error));
    TRY(status = read(&index, e, lexer, error));
    if (e->columns == 0) {
        status = lexer_fail(lexer, at, error, "an expression that names no column");
        goto out;
    }
    *expression = e;
    e = NULL;
out:
    expression_free(e);
    return status;
}

mxp_status expression_read(struct expression **expression, struct lexer *lexer, mxp_error *error)
{
    return read_with(expression, lexer, read_sum, error);
}

mxp_status expression_read_call(struct expression **expression, struct lexer *lexer,
                                mxp_error *error)
{
    return read_with(expression, lexer, read_call, error);
}

mxp_status expression_new(struct expression **expression, const char *text, struct place place,
                          mxp_error *error)
{
    struct lexer lexer;
    struct expression *e = NULL;
    mxp_status status;

    TRY(status = lexer_start(&lexer, text, place, error));
    TRY(status = expression_read(&e, &lexer, error));
    if (lexer.token.kind != TOKEN_END) {
        status = lexer_unexpected(&lexer, "the end", error);
        goto out;
    }
    *expression = e;
    e = NULL;
out:
    expression_free(e);
    return status;
}

/* ---- asking ---- */

static void print(struct str *out, const struct expression *e, size_t index)
{
    const struct node *node = &e->node[index];

    switch (node->kind) {
    case NODE_NUMBER:
        number_print(out, node->number);
        break;
    case NODE_COLUMN:
        lexer_print_name(out, e->column[node->index].name);
        break;
    case NODE_NEGATIVE:
        str_add(out, "-");
        print(out, e, node->left);
        break;
    case NODE_CALL:
    case NODE_PAREN:
        str_format(out, "%s(", node->kind == NODE_CALL ? expression_functions[node->index] : "");
        print(out, e, node->left);
        str_add(out, ")");
        break;
    case NODE_BINARY:
        print(out, e, node->left);
        str_format(out, strchr("/^", node->sign) ? "%c" : " %c ", node->sign);
        print(out, e, node->right);
        break;
    }
}

void expression_print(struct str *out, const struct expression *expression)
{
    print(out, expression, expression->nodes - 1);
}

const char *expression_is_column(const struct expression *expression)
{
    return expression->nodes == 1 ? expression->column[0].name : NULL;
}

size_t expression_columns(const struct expression *expression)
{
    return expression->columns;
}

struct design_name expression_column(const struct expression *expression, size_t i)
{
    return expression->column[i];
}

static double apply(char sign, double a, double b)
{
    switch (sign) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return a / b;
    default:
        return b == 2.0 ? a * a : pow(a, b);
    }
}

static double value_of(const struct expression *e, size_t index, const double *x)
{
    const struct node *node = &e->node[index];

    switch (node->kind) {
    case NODE_NUMBER:
        return node->number;
    case NODE_COLUMN:
        return x[node->index];
    case NODE_CALL:
        return function[node->index](value_of(e, node->left, x));
    case NODE_NEGATIVE:
        return -value_of(e, node->left, x);
    case NODE_BINARY:
        return apply(node->sign, value_of(e, node->left, x), value_of(e, node->right, x));
    default:
        return value_of(e, node->left, x);
    }
}

double expression_value(const struct expression *expression, const double *x)
{
    return value_of(expression, expression->nodes - 1, x);
}
