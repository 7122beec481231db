#include "io/yaml_problem.h"
#include "base/str.h"

#include <string.h>

/* Where a complaint points: at the thing that libyaml stumbled over, or at the beginning of the
 * construct that it was in. */
enum where { AT_PROBLEM, AT_CONTEXT };

struct words {
    const char *problem;
    enum where where;
    const char *plain;
};

static const struct words table[] = {
    {"mapping values are not allowed in this context", AT_PROBLEM,
     "a \":\" is not expected here; quote the text, or put the keys on lines of their own"},
    {"mapping keys are not allowed in this context", AT_PROBLEM, "a \"?\" is not expected here"},
    {"block sequence entries are not allowed in this context", AT_PROBLEM,
     "a list item (\"- \") is not expected here; put it on a line of its own"},
    {"did not find expected key", AT_PROBLEM,
     "a key is expected here, indented like the others of its mapping"},
    {"did not find expected '-' indicator", AT_PROBLEM,
     "a list item (\"- \") is expected here, indented like the others of its list"},
    {"did not find expected ',' or ']'", AT_PROBLEM, "a \",\" or \"]\" is expected here"},
    {"did not find expected ',' or '}'", AT_PROBLEM, "a \",\" or \"}\" is expected here"},
    {"did not find expected node content", AT_PROBLEM, "a value is expected here"},
    {"did not find expected <document start>", AT_PROBLEM,
     "text that does not belong to the value above"},
    {"could not find expected ':'", AT_CONTEXT, "a \":\" is expected after this key"},
    {"found unexpected end of stream", AT_CONTEXT, "the quote that opens here is never closed"},
    {"found unexpected document indicator", AT_CONTEXT,
     "the quote that opens here is not closed before \"---\" or \"...\""},
    {"found unknown escape character", AT_PROBLEM,
     "unknown escape after the backslash; in single quotes a backslash is plain text"},
    {"did not find expected hexdecimal number", AT_PROBLEM,
     "hexadecimal digits are expected in this escape"},
    {"found invalid Unicode character escape code", AT_PROBLEM,
     "this escape is not a Unicode character"},
    {"did not find expected alphabetic or numeric character", AT_CONTEXT,
     "\"&\" and \"*\" begin anchors and aliases; quote text that begins so"},
    {"found a tab character that violates indentation", AT_PROBLEM,
     "a tab in the indentation; use spaces"},
    {"found a tab character where an indentation space is expected", AT_PROBLEM,
     "a tab in the indentation; use spaces"},
    {"did not find expected whitespace or line break", AT_PROBLEM, "a blank is expected here"},
    {"did not find expected comment or line break", AT_PROBLEM,
     "the text of a block begins on the next line"},
    {"found an indentation indicator equal to 0", AT_PROBLEM, "a block cannot be indented by 0"},
    {"found duplicate %YAML directive", AT_PROBLEM, "a second %YAML line"},
    {"found incompatible YAML document", AT_PROBLEM, "only YAML 1.1 and 1.2 are read"},
    {"found unknown directive name", AT_PROBLEM, "only the directive %YAML is known"},
    {"found undefined tag handle", AT_PROBLEM, "tags are not supported"},
    {"did not find expected tag URI", AT_CONTEXT, "tags are not supported"},
    {"did not find the expected '>'", AT_CONTEXT, "tags are not supported"},
    {"did not find expected '!'", AT_CONTEXT, "tags are not supported"},
};

struct place yaml_problem_place(yaml_mark_t mark, const struct source *source, size_t start)
{
    size_t column = mark.column + 1;

    if (mark.line == 0)
        column += str_characters(source->text, start);
    return (struct place){source, (unsigned)mark.line + 1, (unsigned)column};
}

struct place yaml_problem_behind_anchor(struct place place, const char *text)
{
    for (size_t name = strcspn(text, " \t\r\n"); name > 0; name--, text++)
        place.column += ((unsigned char)*text & 0xC0u) != 0x80u;
    while (*text && strchr(" \t\r\n#", *text)) {
        if (*text == '#') {
            text += strcspn(text, "\n");
            continue;
        }
        place.column++;
        if (*text == '\n') {
            place.line++;
            place.column = 1;
        }
        text++;
    }
    return place;
}

/* The byte at a place, or 0 past the end. */
static char byte_at(const struct source *source, size_t start, yaml_mark_t mark)
{
    const char *at = source->text + start;

    for (size_t i = 0; i < mark.index && *at; i++)
        do
            at++;
        while (((unsigned char)*at & 0xC0u) == 0x80u);
    return *at;
}

static mxp_status bad_start(struct place place, char first, mxp_error *error)
{
    if (first == '\t')
        return FAIL_AT(error, place, MXP_CONFIG, "a tab in the indentation; use spaces");
    return FAIL_AT(error, place, MXP_CONFIG, "text cannot begin with \"%c\"; quote it", first);
}

/* The collection was still open when the text ended: the place is where it began. */
static mxp_status unclosed(struct place place, const char *problem, mxp_error *error)
{
    const char bracket = strchr(problem, ']') ? '[' : '{';
    return FAIL_AT(error, place, MXP_CONFIG, "the \"%c\" that opens here is never closed", bracket);
}

mxp_status yaml_problem(const yaml_parser_t *parser, const struct source *source, size_t start,
                        mxp_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return FAIL(error, MXP_MEMORY, "out of memory while reading %s", source->name);

    const char *problem = parser->problem ? parser->problem : "this is not YAML";
    const struct place at = yaml_problem_place(parser->problem_mark, source, start);
    const struct place context = yaml_problem_place(parser->context_mark, source, start);
    const char first = byte_at(source, start, parser->problem_mark);

    if (strcmp(problem, "found character that cannot start any token") == 0)
        return bad_start(at, first, error);
    if (strncmp(problem, "did not find expected ',' or", 28) == 0 && first == '\0')
        return unclosed(context, problem, error);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(problem, table[i].problem) == 0)
            return FAIL_AT(error, table[i].where == AT_CONTEXT ? context : at, MXP_CONFIG, "%s",
                           table[i].plain);
    return FAIL_AT(error, at, MXP_CONFIG, "%s", problem);
}
