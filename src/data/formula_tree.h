/* The operators of a formula, as they were read. */
#ifndef MAXPOST_FORMULA_TREE_H
#define MAXPOST_FORMULA_TREE_H

#include "data/formula.h"

enum formula_op {
    FORMULA_VARIABLE,
    FORMULA_DOT,
    FORMULA_ONE,
    FORMULA_ZERO,
    FORMULA_OFFSET,
    FORMULA_NEGATIVE, /* of left */
    FORMULA_PLUS,
    FORMULA_MINUS,
    FORMULA_CROSS,   /* a * b */
    FORMULA_INTERACT /* a : b */
};

struct formula_node {
    enum formula_op op;
    size_t variable;
    size_t left, right;
};

#endif
