/* libFuzzer: any text as a formula; what is read is expanded, and its expressions read back. */
#include "base/mem.h"
#include "data/formula.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The printed expression reads back, and prints the same. */
static void check_expression(const struct expression *expression)
{
    struct expression *again = NULL;
    struct str once = {0}, twice = {0};

    expression_print(&once, expression);
    if (expression_new(&again, once.text, (struct place){0}, NULL) != MXP_OK)
        abort();
    expression_print(&twice, again);
    if (strcmp(once.text, twice.text) != 0)
        abort();
    str_free(&once);
    str_free(&twice);
    expression_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const dot[] = {"x", "z", "site"};
    struct formula *formula = NULL;
    struct formula_terms terms;
    mxp_error error = {0};
    char *text = NULL;

    if (size > 300 || mem_text_n(&text, (const char *)data, size, NULL) != MXP_OK)
        return 0;
    if (formula_new(&formula, text, (struct place){0}, &error) == MXP_OK) {
        for (size_t i = 0; i < formula->variables; i++)
            check_expression(formula->variable[i].expression);
        if (formula_expand(&terms, formula, dot, 3, &error) == MXP_OK)
            formula_terms_free(&terms);
        formula_free(formula);
    } else if (error.status != MXP_CONFIG) {
        abort();
    }
    free(text);
    return 0;
}
