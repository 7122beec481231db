#include "app/report_penalty.h"
#include "app/text_table.h"

#include <math.h>
#include <string.h>

/* "sklearn lasso", "glmnet gaussian = object". */
static void put_name(struct str *out, const struct penalty_row *row, const struct family *family)
{
    const char *const kind = penalty_kind(row, family);

    str_add(out, row->convention);
    if (kind && strcmp(row->key, "kind") == 0)
        str_format(out, " %s", kind);
    else if (kind)
        str_format(out, " (%s: %s)", row->key, kind);
}

static void put_parameters(struct str *out, const struct penalty_equivalent *equivalent)
{
    const struct penalty_row *const row = equivalent->penalty.row;

    if (!equivalent->exact) {
        str_add(out, equivalent->why);
        return;
    }
    for (size_t i = 0; i < row->parameter_count; i++)
        str_format(out, "%s%s = %.6g", i == 0 ? "" : ", ", row->parameters[i].name,
                   equivalent->penalty.value[i]);
}

struct line {
    struct str name, parameters;
};

/* How the lines are laid out: widths of the first two columns; the calls stand in a third column
 * or on lines of their own. */
struct layout {
    size_t names, parameters;
    bool calls, inline_calls;
};

static void put_line(struct str *out, const struct line *line, const char *call,
                     const struct layout *layout)
{
    const size_t name = str_characters(line->name.text, line->name.length);
    const size_t used = str_characters(line->parameters.text, line->parameters.length);

    str_format(out, "  %s%*s  %s", line->name.text, (int)(layout->names - name), "",
               line->parameters.text);
    if (layout->calls && layout->inline_calls)
        str_format(out, "%*s  %s", (int)(layout->parameters - used), "", call);
    else if (layout->calls)
        str_format(out, "\n%*s%s", (int)layout->names + 4, "", call);
    str_add(out, "\n");
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void report_penalty_text(struct str *out, const struct prior *prior,
                         const struct penalty_facts *facts, bool calls, size_t width)
{
    struct penalty_equivalent list[PENALTY_ROWS_MAX];
    struct line line[PENALTY_ROWS_MAX] = {0};
    const size_t count = penalty_equivalents(list, prior, facts);
    struct layout layout = {.calls = calls};
    size_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        struct str *const name = &line[i].name, *const parameters = &line[i].parameters;
        put_name(name, list[i].penalty.row, facts->family);
        put_parameters(parameters, &list[i]);
        out->failed |= name->failed || parameters->failed;
        if (out->failed)
            break;
        layout.names = larger(layout.names, str_characters(name->text, name->length));
        layout.parameters =
            larger(layout.parameters, str_characters(parameters->text, parameters->length));
        longest = larger(longest, strlen(list[i].penalty.row->help));
    }
    if (count == 0 && facts->family->phi == PHI_NONE)
        str_format(out, "  none: no tool here has the log-likelihood of the family %s as a loss\n",
                   facts->family->name);
    else if (count == 0)
        str_format(out, "  none: %s is no penalty on a weight\n", prior->row->name);
    layout.inline_calls = layout.names + layout.parameters + longest + 6 <= width;
    for (size_t i = 0; i < count; i++) {
        if (!out->failed)
            put_line(out, &line[i], list[i].penalty.row->help, &layout);
        str_free(&line[i].name);
        str_free(&line[i].parameters);
    }
}

void report_penalty_json(struct json *json, const char *name, const struct prior *prior,
                         const struct penalty_facts *facts)
{
    struct penalty_equivalent list[PENALTY_ROWS_MAX];
    const size_t count = penalty_equivalents(list, prior, facts);

    json_open_array(json, name);
    for (size_t i = 0; i < count; i++) {
        const struct penalty_row *const row = list[i].penalty.row;
        const char *const kind = penalty_kind(row, facts->family);
        json_open_object(json, NULL);
        json_add_text(json, "convention", row->convention);
        if (kind)
            json_add_text(json, row->key, kind);
        for (size_t p = 0; p < row->parameter_count; p++)
            json_add_number(json, row->parameters[p].name,
                            list[i].exact ? list[i].penalty.value[p] : NAN, list[i].why);
        if (list[i].exact)
            json_add_boolean(json, "exact", true);
        else
            json_add_text(json, "exact", list[i].why);
        json_add_text(json, "call", row->help);
        json_close(json);
    }
    json_close(json);
}
