#include "base/mem.h"
#include "base/str.h"
#include "io/yaml_tree.h"

#include <string.h>

struct segment {
    char *text;
    struct place place;
};

/* The left side of an assignment: at least one segment, and where the value begins. */
struct path {
    struct segment segment[YAML_DEPTH_MAX];
    size_t count, value;
};

static struct place place_at(const struct source *source, size_t byte)
{
    return (struct place){source, 1, (unsigned)str_characters(source->text, byte) + 1};
}

/* A quoted part from its opening quote on; *at moves behind the closing one. */
static mxp_status read_quoted(struct str *part, size_t *at, const struct source *source,
                              mxp_error *error)
{
    const char *text = source->text;
    const size_t opening = *at;
    const char quote = text[opening];

    for (size_t i = opening + 1; text[i]; i++) {
        if (text[i] == quote) {
            *at = i + 1;
            return MXP_OK;
        }
        if (quote == '"' && text[i] == '\\' && text[i + 1])
            i++;
        str_add_n(part, text + i, 1);
    }
    return FAIL_AT(error, place_at(source, opening), MXP_USAGE,
                   "the quote that opens here is never closed");
}

/* A bare part: up to the next dot or equals sign, without blanks around it. */
static void read_bare(struct str *part, size_t *at, const char *text)
{
    size_t end = *at + strcspn(text + *at, ".=\"'");
    const size_t stop = end;

    while (end > *at && text[end - 1] == ' ')
        end--;
    str_add_n(part, text + *at, end - *at);
    *at = stop;
}

static mxp_status read_segment(struct segment *segment, size_t *at, const struct source *source,
                               mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct str part = {0};
    const char *text = source->text;

    *at += strspn(text + *at, " ");
    segment->place = place_at(source, *at);
    const bool quoted = text[*at] == '"' || text[*at] == '\'';
    str_add(&part, "");
    if (quoted)
        TRY(status = read_quoted(&part, at, source, error));
    else
        read_bare(&part, at, text);
    TRY(status = str_check(&part, error));
    *at += strspn(text + *at, " ");
    if (part.length == 0) {
        status = FAIL_AT(error, segment->place, MXP_USAGE, "a key is missing here");
        goto out;
    }
    if (text[*at] != '.' && text[*at] != '=') {
        status = FAIL_AT(error, place_at(source, *at), MXP_USAGE,
                         "expected key=value, or key.key=value");
        goto out;
    }
    segment->text = part.text;
    part = (struct str){0};
out:
    str_free(&part);
    return status;
}

static void path_free(struct path *path)
{
    for (size_t i = 0; i < path->count; i++)
        free(path->segment[i].text);
}

static mxp_status read_path(struct path *path, const struct source *source, mxp_error *error)
{
    size_t at = 0;

    for (;;) {
        if (path->count == YAML_DEPTH_MAX)
            return FAIL_AT(error, place_at(source, at), MXP_USAGE, "nested more than %d deep",
                           YAML_DEPTH_MAX);
        const mxp_status status = read_segment(&path->segment[path->count], &at, source, error);
        if (status != MXP_OK)
            return status;
        path->count++;
        if (source->text[at++] == '=')
            break;
    }
    path->value = at;
    return MXP_OK;
}

static struct yaml_node **find_child(struct yaml_node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->child[i]->key, key) == 0)
            return &mapping->child[i];
    return NULL;
}

/* The deepest mapping on the path that exists, and how many segments lead to it. */
static mxp_status descend(struct yaml_node **mapping, size_t *used, struct yaml_node *root,
                          const struct path *path, mxp_error *error)
{
    struct yaml_node *node = root;
    size_t i = 0;

    for (;; i++) {
        if (node->kind != YAML_MAPPING)
            return FAIL_AT(error, path->segment[i].place, MXP_USAGE,
                           "there is no \"%s\" to set: %s is %s, not a mapping",
                           path->segment[i].text, i ? path->segment[i - 1].text : "the document",
                           node->kind == YAML_SCALAR ? "a single value" : "a list");
        if (i + 1 == path->count)
            break;
        struct yaml_node **next = find_child(node, path->segment[i].text);
        if (!next)
            break;
        node = *next;
    }
    *mapping = node;
    *used = i;
    return MXP_OK;
}

/* Moves a segment's name to the node that it names. */
static void name_node(struct yaml_node *node, struct segment *segment)
{
    node->key = segment->text;
    node->key_place = segment->place;
    segment->text = NULL;
}

/* Hangs the value (whose owner is the caller on failure) under the mapping, below new mappings
 * for all segments from `used` on but the last. */
static mxp_status graft(struct yaml_node *mapping, size_t used, struct path *path,
                        struct yaml_node **value, size_t *nodes, mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct yaml_node **old = find_child(mapping, path->segment[used].text);

    name_node(*value, &path->segment[path->count - 1]);
    for (size_t i = path->count - 1; i-- > used;) {
        struct yaml_node *wrap = NULL;
        TRY(status = yaml_node_new(&wrap, YAML_MAPPING, path->segment[i].place, error));
        name_node(wrap, &path->segment[i]);
        status = yaml_node_append(wrap, *value, error);
        if (status != MXP_OK) {
            yaml_node_free(wrap);
            goto out;
        }
        *value = wrap;
        ++*nodes;
    }
    if (old) {
        yaml_node_free(*old);
        *old = *value;
    } else {
        TRY(status = yaml_node_append(mapping, *value, error));
    }
    *value = NULL;
out:
    return status;
}

static mxp_status assignment_source(struct yaml_source **made, const char *assignment,
                                    mxp_error *error)
{
    mxp_status status;
    struct str name = {0};

    str_format(&name, "--set %s", assignment);
    TRY(status = str_check(&name, error));
    TRY(status =
            yaml_source_new(made, name.text, assignment, strlen(assignment), MXP_USAGE, error));
out:
    str_free(&name);
    return status;
}

mxp_status yaml_set(struct yaml_document *document, const char *assignment, mxp_error *error)
{
    mxp_status status;
    struct yaml_source *made = NULL;
    struct yaml_node *value = NULL, *mapping = NULL;
    struct path path = {0};
    size_t used = 0, nodes = document->nodes;

    TRY(status = assignment_source(&made, assignment, error));
    TRY(status = yaml_check_text(&made->source, strlen(assignment), error));
    TRY(status = read_path(&path, &made->source, error));
    if (assignment[path.value + strspn(assignment + path.value, " ")] == '\0') {
        status = FAIL_AT(error, place_at(&made->source, path.value), MXP_USAGE,
                         "a value is missing here; the empty text is \"\"");
        goto out;
    }
    TRY(status = descend(&mapping, &used, document->root, &path, error));
    TRY(status =
            yaml_build(&value, &nodes, &made->source, path.value, (unsigned)path.count + 1, error));
    TRY(status = graft(mapping, used, &path, &value, &nodes, error));
    document->nodes = nodes;
    made->next = document->sources;
    document->sources = made;
    made = NULL;
out:
    path_free(&path);
    yaml_node_free(value);
    yaml_source_free(made);
    return status;
}
