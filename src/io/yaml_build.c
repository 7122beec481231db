#include "base/mem.h"
#include "io/yaml_problem.h"
#include "io/yaml_tree.h"

#include <string.h>

enum { ANCHORS_MAX = 1000, COPY_UNIT = 256 };

struct anchor {
    char *name;
    const struct yaml_node *node;
    bool open; /* its node is still being read */
};

struct builder {
    yaml_parser_t parser;
    const struct source *source;
    size_t start; /* byte of the text at which libyaml's input begins */
    size_t nodes;
    unsigned flow; /* how many {...} and [...] are open */
    struct anchor *anchors;
    size_t anchor_count, anchor_capacity;
    const char *cursor; /* a character of the text, and its number from `start` */
    size_t cursor_index;
};

static mxp_status build_node(struct yaml_node **made, struct builder *b, const yaml_event_t *event,
                             unsigned depth, mxp_error *error);

static mxp_status next_event(yaml_event_t *event, struct builder *b, mxp_error *error)
{
    return yaml_parser_parse(&b->parser, event)
               ? MXP_OK
               : yaml_problem(&b->parser, b->source, b->start, error);
}

static struct place place_of(const struct builder *b, yaml_mark_t mark)
{
    return yaml_problem_place(mark, b->source, b->start);
}

/* The text at a mark.  Marks come in the order of the text, so the walk is linear in all. */
static const char *text_at(struct builder *b, yaml_mark_t mark)
{
    if (mark.index < b->cursor_index) {
        b->cursor = b->source->text + b->start;
        b->cursor_index = 0;
    }
    for (; b->cursor_index < mark.index && *b->cursor; b->cursor_index++)
        do
            b->cursor++;
        while (((unsigned char)*b->cursor & 0xC0u) == 0x80u);
    return b->cursor;
}

static const char *anchor_of(const yaml_event_t *event)
{
    const yaml_char_t *name = event->type == YAML_SCALAR_EVENT ? event->data.scalar.anchor
                              : event->type == YAML_SEQUENCE_START_EVENT
                                  ? event->data.sequence_start.anchor
                                  : event->data.mapping_start.anchor;
    return (const char *)name;
}

static bool has_tag(const yaml_event_t *event)
{
    const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT ? event->data.scalar.tag
                             : event->type == YAML_SEQUENCE_START_EVENT
                                 ? event->data.sequence_start.tag
                                 : event->data.mapping_start.tag;
    return tag != NULL;
}

/* Remembers an anchor; a name that comes again means the newer node. */
static mxp_status add_anchor(struct builder *b, const char *name, const struct yaml_node *node,
                             struct place place, mxp_error *error)
{
    if (b->anchor_count == ANCHORS_MAX)
        return FAIL_AT(error, place, MXP_CONFIG, "more than %d anchors", ANCHORS_MAX);
    mxp_status status =
        mem_grow(&b->anchors, &b->anchor_capacity, b->anchor_count + 1, sizeof *b->anchors, error);
    char *copy = NULL;
    if (status == MXP_OK)
        status = mem_text(&copy, name, error);
    if (status == MXP_OK)
        b->anchors[b->anchor_count++] = (struct anchor){copy, node, true};
    return status;
}

static struct anchor *find_anchor(struct builder *b, const char *name)
{
    for (size_t i = b->anchor_count; i-- > 0;)
        if (strcmp(b->anchors[i].name, name) == 0)
            return &b->anchors[i];
    return NULL;
}

static mxp_status count_nodes(struct builder *b, size_t more, struct place place, mxp_error *error)
{
    b->nodes += more;
    if (b->nodes > YAML_NODES_MAX)
        return FAIL_AT(error, place, MXP_CONFIG, "more than %d values, aliases expanded",
                       YAML_NODES_MAX);
    return MXP_OK;
}

static mxp_status check_depth(unsigned depth, struct place place, mxp_error *error)
{
    if (depth > YAML_DEPTH_MAX)
        return FAIL_AT(error, place, MXP_CONFIG, "nested more than %d deep", YAML_DEPTH_MAX);
    return MXP_OK;
}

/* A copy for an alias at `place`, which complaints point to. Long texts count as several nodes, so
 * that the size of what aliases make is bounded, too. */
static mxp_status copy_node(struct yaml_node **made, struct builder *b,
                            const struct yaml_node *node, unsigned depth, struct place place,
                            mxp_error *error)
{
    mxp_status status;
    struct yaml_node *copy = NULL, *child = NULL;
    const size_t length = node->text ? strlen(node->text) : 0;

    TRY(status = check_depth(depth, place, error));
    TRY(status = count_nodes(b, 1 + length / COPY_UNIT, place, error));
    TRY(status = yaml_node_new(&copy, node->kind, node->place, error));
    copy->quoted = node->quoted;
    if (node->text)
        TRY(status = mem_text_n(&copy->text, node->text, length, error));
    for (size_t i = 0; i < node->count; i++) {
        TRY(status = copy_node(&child, b, node->child[i], depth + 1, place, error));
        child->key_place = node->child[i]->key_place;
        if (node->child[i]->key)
            TRY(status = mem_text(&child->key, node->child[i]->key, error));
        TRY(status = yaml_node_append(copy, child, error));
        child = NULL;
    }
    *made = copy;
    copy = NULL;
out:
    yaml_node_free(child);
    yaml_node_free(copy);
    return status;
}

static mxp_status build_alias(struct yaml_node **made, struct builder *b, const yaml_event_t *event,
                              unsigned depth, mxp_error *error)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct place place = place_of(b, event->start_mark);
    const struct anchor *anchor = find_anchor(b, name);

    if (!anchor)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "alias *%s: no anchor &%s above (quote text that begins with *)", name,
                       name);
    if (anchor->open)
        return FAIL_AT(error, place, MXP_CONFIG, "alias *%s stands inside what it refers to", name);
    return copy_node(made, b, anchor->node, depth, place, error);
}

/* Open parentheses at the end of the text; -1 when one closes that was not opened. */
static int open_parentheses(const char *text)
{
    int open = 0;

    for (; *text && open >= 0; text++)
        open += (*text == '(') - (*text == ')');
    return open;
}

/* Bytes up to the parenthesis that closes the first one, on this line; 0: none. */
static size_t closed_span(const char *text)
{
    int open = 0;

    for (size_t i = 0; text[i] && text[i] != '\n'; i++) {
        open += (text[i] == '(') - (text[i] == ')');
        if (text[i] == ')' && open == 0)
            return i + 1;
    }
    return 0;
}

/* The trap of flow mappings: {prior: normal(0, 1)} is split at the comma. */
static mxp_status check_flow_text(struct builder *b, const yaml_event_t *event, mxp_error *error)
{
    const char *text = (const char *)event->data.scalar.value;

    if (b->flow == 0 || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
        open_parentheses(text) == 0)
        return MXP_OK;
    const struct place place = place_of(b, event->start_mark);
    const char *raw = text_at(b, event->start_mark);
    const size_t span = event->data.scalar.anchor ? 0 : closed_span(raw);
    if (open_parentheses(text) > 0 && span > 0 && span < 200)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "quote the prior: \"%.*s\" (inside {...} and [...] YAML splits at commas)",
                       (int)span, raw);
    return FAIL_AT(error, place, MXP_CONFIG,
                   "quote the prior: %s is half of it (inside {...} and [...] YAML splits at "
                   "commas)",
                   text);
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    const char *text = (const char *)event->data.scalar.value;

    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static mxp_status check_null(const yaml_event_t *event, struct place place, mxp_error *error)
{
    const char *text = (const char *)event->data.scalar.value;

    if (!is_null(event))
        return MXP_OK;
    if (*text)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "%s is not a value here; leave the key out, or quote the text", text);
    return FAIL_AT(error, place, MXP_CONFIG, "a value is missing here");
}

static mxp_status scalar_text(char **copy, const yaml_event_t *event, struct place place,
                              mxp_error *error)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;

    if (memchr(text, '\0', length))
        return FAIL_AT(error, place, MXP_CONFIG, "the text contains a NUL character");
    return mem_text_n(copy, text, length, error);
}

static mxp_status build_scalar(struct yaml_node *node, struct builder *b, const yaml_event_t *event,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = check_null(event, node->place, error));
    TRY(status = check_flow_text(b, event, error));
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    TRY(status = scalar_text(&node->text, event, node->place, error));
out:
    return status;
}

static mxp_status build_sequence(struct yaml_node *node, struct builder *b, unsigned depth,
                                 mxp_error *error)
{
    for (;;) {
        yaml_event_t event;
        struct yaml_node *child = NULL;
        mxp_status status = next_event(&event, b, error);
        if (status != MXP_OK)
            return status;
        const bool end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!end)
            status = build_node(&child, b, &event, depth + 1, error);
        yaml_event_delete(&event);
        if (end || status != MXP_OK)
            return status;
        status = yaml_node_append(node, child, error);
        if (status != MXP_OK) {
            yaml_node_free(child);
            return status;
        }
    }
}

static mxp_status build_key(char **key, struct place *place, struct builder *b,
                            const yaml_event_t *event, mxp_error *error)
{
    mxp_status status;

    *place = place_of(b, event->start_mark);
    if (event->type != YAML_SCALAR_EVENT)
        return FAIL_AT(error, *place, MXP_CONFIG, "a key must be plain text");
    if (has_tag(event))
        return FAIL_AT(error, *place, MXP_CONFIG, "tags are not supported");
    if (event->data.scalar.anchor)
        return FAIL_AT(error, *place, MXP_CONFIG, "a key cannot have an anchor");
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
        strcmp((const char *)event->data.scalar.value, "<<") == 0)
        return FAIL_AT(error, *place, MXP_CONFIG, "merge keys (<<) are not supported");
    if (is_null(event))
        return FAIL_AT(error, *place, MXP_CONFIG,
                       event->data.scalar.length ? "null is not a key; quote it"
                                                 : "a key is missing here");
    TRY(status = check_flow_text(b, event, error));
    TRY(status = scalar_text(key, event, *place, error));
out:
    return status;
}

/* An empty value is reported at its key: it has no place that could be seen. */
static mxp_status check_value(const yaml_event_t *event, const char *key, struct place key_place,
                              mxp_error *error)
{
    if (event->type != YAML_SCALAR_EVENT || has_tag(event) || !is_null(event) ||
        event->data.scalar.length > 0)
        return MXP_OK;
    return FAIL_AT(error, key_place, MXP_CONFIG, "\"%s\" has no value", key);
}

/* One key and its value, beginning at the key's event. */
static mxp_status build_entry(struct yaml_node *node, struct builder *b,
                              const yaml_event_t *key_event, unsigned depth, mxp_error *error)
{
    mxp_status status;
    struct yaml_node *child = NULL;
    char *key = NULL;
    struct place key_place;
    yaml_event_t event = {0};

    TRY(status = build_key(&key, &key_place, b, key_event, error));
    TRY(status = next_event(&event, b, error));
    TRY(status = check_value(&event, key, key_place, error));
    TRY(status = build_node(&child, b, &event, depth + 1, error));
    child->key = key;
    child->key_place = key_place;
    key = NULL;
    TRY(status = yaml_node_append(node, child, error));
    child = NULL;
out:
    yaml_event_delete(&event);
    yaml_node_free(child);
    free(key);
    return status;
}

static mxp_status build_mapping(struct yaml_node *node, struct builder *b, unsigned depth,
                                mxp_error *error)
{
    for (;;) {
        yaml_event_t event;
        mxp_status status = next_event(&event, b, error);
        if (status != MXP_OK)
            return status;
        const bool end = event.type == YAML_MAPPING_END_EVENT;
        if (!end)
            status = build_entry(node, b, &event, depth, error);
        yaml_event_delete(&event);
        if (status != MXP_OK)
            return status;
        if (end)
            return yaml_check_keys(node, error);
    }
}

static bool is_flow(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_START_EVENT
               ? event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
               : event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
}

static mxp_status build_content(struct yaml_node *node, struct builder *b,
                                const yaml_event_t *event, unsigned depth, mxp_error *error)
{
    if (event->type == YAML_SCALAR_EVENT)
        return build_scalar(node, b, event, error);
    b->flow += is_flow(event);
    const mxp_status status = event->type == YAML_SEQUENCE_START_EVENT
                                  ? build_sequence(node, b, depth, error)
                                  : build_mapping(node, b, depth, error);
    b->flow -= is_flow(event);
    return status;
}

static enum yaml_kind kind_of(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT           ? YAML_SCALAR
           : event->type == YAML_SEQUENCE_START_EVENT ? YAML_SEQUENCE
                                                      : YAML_MAPPING;
}

static mxp_status build_node(struct yaml_node **made, struct builder *b, const yaml_event_t *event,
                             unsigned depth, mxp_error *error)
{
    mxp_status status;
    struct yaml_node *node = NULL;

    if (event->type == YAML_ALIAS_EVENT)
        return build_alias(made, b, event, depth, error);
    const char *anchor = anchor_of(event);
    struct place place = place_of(b, event->start_mark);
    if (has_tag(event))
        return FAIL_AT(error, place, MXP_CONFIG, "tags are not supported");
    if (anchor)
        place = yaml_problem_behind_anchor(place, text_at(b, event->start_mark));
    TRY(status = check_depth(depth, place, error));
    TRY(status = count_nodes(b, 1, place, error));
    TRY(status = yaml_node_new(&node, kind_of(event), place, error));
    const size_t anchor_index = b->anchor_count;
    if (anchor)
        TRY(status = add_anchor(b, anchor, node, place, error));
    TRY(status = build_content(node, b, event, depth, error));
    if (anchor)
        b->anchors[anchor_index].open = false;
    *made = node;
    node = NULL;
out:
    yaml_node_free(node);
    return status;
}

/* The stream's start, and the start of its only document. */
static mxp_status begin_document(struct builder *b, mxp_error *error)
{
    const struct place whole = {.source = b->source};

    for (;;) {
        yaml_event_t event;
        const mxp_status status = next_event(&event, b, error);
        if (status != MXP_OK)
            return status;
        const yaml_event_type_t type = event.type;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return FAIL_AT(error, whole, MXP_CONFIG, "nothing is written here");
        if (type == YAML_DOCUMENT_START_EVENT)
            return MXP_OK;
    }
}

static mxp_status end_document(struct builder *b, mxp_error *error)
{
    for (;;) {
        yaml_event_t event;
        const mxp_status status = next_event(&event, b, error);
        if (status != MXP_OK)
            return status;
        const yaml_event_type_t type = event.type;
        const struct place place = place_of(b, event.start_mark);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return MXP_OK;
        if (type == YAML_DOCUMENT_START_EVENT)
            return FAIL_AT(error, place, MXP_CONFIG,
                           "a second document begins here; one is allowed");
    }
}

static mxp_status build_root(struct yaml_node **root, struct builder *b, unsigned depth,
                             mxp_error *error)
{
    mxp_status status;
    struct yaml_node *value = NULL;
    yaml_event_t event = {0};

    TRY(status = begin_document(b, error));
    TRY(status = next_event(&event, b, error));
    TRY(status = build_node(&value, b, &event, depth, error));
    TRY(status = end_document(b, error));
    *root = value;
    value = NULL;
out:
    yaml_event_delete(&event);
    yaml_node_free(value);
    return status;
}

mxp_status yaml_build(struct yaml_node **value, size_t *nodes, const struct source *source,
                      size_t start, unsigned depth, mxp_error *error)
{
    const char *text = source->text + start;
    struct builder b = {.source = source, .start = start, .nodes = *nodes, .cursor = text};

    if (!yaml_parser_initialize(&b.parser))
        return FAIL(error, MXP_MEMORY, "out of memory while reading %s", source->name);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, strlen(text));
    const mxp_status status = build_root(value, &b, depth, error);
    if (status == MXP_OK)
        *nodes = b.nodes;
    for (size_t i = 0; i < b.anchor_count; i++)
        free(b.anchors[i].name);
    free(b.anchors);
    yaml_parser_delete(&b.parser);
    return status;
}
