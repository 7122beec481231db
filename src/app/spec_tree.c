#include "app/spec_tree.h"
#include "base/mem.h"
#include "io/file.h"
#include "model/arguments.h"

#include <stdio.h>
#include <string.h>

enum { KEY_LIMIT = 64, KEYS_LIMIT = 64 };

static const char *kind_name(const struct yaml_node *node)
{
    return node->kind == YAML_MAPPING    ? "a mapping"
           : node->kind == YAML_SEQUENCE ? "a list"
                                         : "text";
}

mxp_status spec_expect(const struct yaml_node *node, enum yaml_kind kind, const char *key,
                       const char *expected, mxp_error *error)
{
    if (node->kind == kind)
        return MXP_OK;
    if (node->kind == YAML_SCALAR)
        return FAIL_AT(error, node->place, MXP_CONFIG, "%s = %s: expected %s", key, node->text,
                       expected);
    return FAIL_AT(error, node->place, MXP_CONFIG, "%s: expected %s, found %s", key, expected,
                   kind_name(node));
}

mxp_status spec_name(const char **name, const struct yaml_node *node, const char *key,
                     mxp_error *error)
{
    const mxp_status status = spec_expect(node, YAML_SCALAR, key, "a name", error);
    if (status != MXP_OK)
        return status;
    if (!node->text[0])
        return FAIL_AT(error, node->place, MXP_CONFIG, "%s is empty", key);
    *name = node->text;
    return MXP_OK;
}

mxp_status spec_unknown(struct place place, const char *what, const char *name,
                        const char *const *known, size_t count, mxp_error *error)
{
    struct str hint = {0};

    arguments_hint(&hint, name, known, count);
    const mxp_status status = FAIL_AT(error, place, MXP_CONFIG, "unknown %s \"%s\"%s", what, name,
                                      hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

const char *spec_inside(const char *key, const char *section)
{
    const size_t length = strlen(section);

    if (length) {
        if (strncmp(key, section, length) != 0 || key[length] != '.')
            return NULL;
        key += length + 1;
    }
    return strchr(key, '.') ? NULL : key;
}

static const struct spec_key *find_key(const struct spec_table *table, const char *section,
                                       const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *key = spec_inside(table->keys[i].option.key, section);
        if (key && strcmp(key, name) == 0)
            return &table->keys[i];
    }
    return NULL;
}

/* Where a key of that name would belong: its whole path, or NULL. */
static const char *elsewhere(const struct spec_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *dot = strrchr(table->keys[i].option.key, '.');
        if (strcmp(dot ? dot + 1 : table->keys[i].option.key, name) == 0)
            return table->keys[i].option.key;
    }
    return NULL;
}

static mxp_status refuse_key(const struct spec_table *table, const char *section,
                             const struct yaml_node *node, mxp_error *error)
{
    const char *known[KEYS_LIMIT], *where = elsewhere(table, node->key);
    char what[KEY_LIMIT + 16] = "key";
    size_t count = 0;

    if (where)
        return FAIL_AT(error, node->key_place, MXP_CONFIG,
                       "unknown key \"%s\"%s%s; %s is a key of a %s", node->key,
                       section[0] ? " under " : "", section, where, table->what);
    if (table == &spec_run_table && elsewhere(&spec_model_table, node->key))
        return FAIL_AT(
            error, node->key_place, MXP_CONFIG,
            "unknown key \"%s\"; it belongs to the model: indent it under model:", node->key);
    if (table == &spec_model_table && find_key(&spec_run_table, "", node->key))
        return FAIL_AT(error, node->key_place, MXP_CONFIG,
                       "unknown key \"%s\"; it belongs to the run, a model names no file",
                       node->key);
    for (size_t i = 0; i < table->count && count < KEYS_LIMIT; i++) {
        const char *key = spec_inside(table->keys[i].option.key, section);
        if (key)
            known[count++] = key;
    }
    if (section[0])
        (void)snprintf(what, sizeof what, "key of %s", section);
    return spec_unknown(node->key_place, what, node->key, known, count, error);
}

static mxp_status check_section(const struct spec_table *table, const char *section,
                                const struct yaml_node *mapping, mxp_error *error)
{
    mxp_status status =
        spec_expect(mapping, YAML_MAPPING, section[0] ? section : table->what, "a mapping", error);

    for (size_t i = 0; status == MXP_OK && i < mapping->count; i++) {
        const struct yaml_node *node = mapping->child[i];
        const struct spec_key *key = find_key(table, section, node->key);
        if (!key)
            return refuse_key(table, section, node, error);
        if (key->shape == SPEC_SECTION)
            status = check_section(table, key->option.key, node, error);
    }
    return status;
}

mxp_status spec_check_keys(const struct spec_table *table, const struct yaml_node *root,
                           mxp_error *error)
{
    return check_section(table, "", root, error);
}

const struct yaml_node *spec_find(const struct yaml_node *root, const char *path)
{
    char part[KEY_LIMIT];

    while (root && *path) {
        const size_t length = strcspn(path, ".");
        if (length >= sizeof part)
            return NULL;
        memcpy(part, path, length);
        part[length] = '\0';
        root = yaml_get(root, part);
        path += length + (path[length] == '.');
    }
    return root;
}

const struct spec_key *spec_key_of(const struct spec_table *table, enum spec_shape shape)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->keys[i].shape == shape)
            return &table->keys[i];
    return NULL;
}

static bool is_option(const struct spec_key *key)
{
    return key->shape == SPEC_OPTION || key->shape == SPEC_COLUMN || key->shape == SPEC_PATH;
}

static mxp_status set_list(void *target, const struct option *row, const struct yaml_node *node,
                           mxp_error *error)
{
    mxp_status status;
    const char **texts = NULL;

    TRY(status = MEM_NEW(&texts, node->count, error));
    for (size_t i = 0; i < node->count; i++) {
        TRY(status = spec_expect(node->child[i], YAML_SCALAR, row->key, "a list of texts", error));
        texts[i] = node->child[i]->text;
    }
    status = option_set_texts(target, row, texts, node->count, error);
out:
    free(texts);
    return status;
}

static mxp_status set_path(void *target, const struct option *row, const struct yaml_node *node,
                           mxp_error *error)
{
    char *path = NULL;
    mxp_status status = spec_path(&path, node, node->text, error);

    if (status == MXP_OK)
        status = option_set(target, row, (struct option_value){.text = path, .place = node->place},
                            error);
    free(path);
    return status;
}

static mxp_status set_option(void *target, const struct spec_key *key, const struct yaml_node *node,
                             mxp_error *error)
{
    const struct option *row = &key->option;
    struct str type = {0};
    const char *text;

    if (row->kind == OPTION_TEXTS && node->kind == YAML_SEQUENCE)
        return set_list(target, row, node, error);
    option_type(&type, row);
    mxp_status status = str_check(&type, error);
    if (status == MXP_OK)
        status = spec_expect(node, YAML_SCALAR, row->key, type.text, error);
    str_free(&type);
    if (status == MXP_OK && row->kind == OPTION_TEXT)
        status = spec_name(&text, node, row->key, error);
    if (status != MXP_OK)
        return status;
    if (key->place)
        *(struct place *)(void *)((char *)target + key->place) = node->place;
    if (key->shape == SPEC_PATH)
        return set_path(target, row, node, error);
    return option_set(target, row, (struct option_value){node->text, node->quoted, node->place},
                      error);
}

mxp_status spec_read_options(void *target, const struct spec_table *table,
                             const struct yaml_node *root, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < table->count; i++) {
        const struct spec_key *key = &table->keys[i];
        if (!is_option(key))
            continue;
        TRY(status = option_defaults(target, &key->option, 1, error));
        const struct yaml_node *node = spec_find(root, key->option.key);
        if (node)
            TRY(status = set_option(target, key, node, error));
    }
    return MXP_OK;
out:
    spec_clear_options(target, table);
    return status;
}

void spec_clear_options(void *target, const struct spec_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (is_option(&table->keys[i]))
            option_clear(target, &table->keys[i].option, 1);
}

mxp_status spec_check_language(const struct yaml_node *root, mxp_error *error)
{
    const struct yaml_node *node = yaml_get(root, "maxpost");
    int64_t version = 0;

    if (!node)
        return MXP_OK;
    mxp_status status = spec_expect(node, YAML_SCALAR, "maxpost", "1", error);
    if (status == MXP_OK)
        status = yaml_integer(&version, node, error);
    if (status == MXP_OK && version != SPEC_VERSION)
        status = FAIL_AT(error, node->place, MXP_CONFIG,
                         "maxpost = %s: this program reads version %d of the language", node->text,
                         SPEC_VERSION);
    return status;
}

mxp_status spec_path(char **path, const struct yaml_node *node, const char *text, mxp_error *error)
{
    const struct source *source = node->place.source;

    if (strcmp(text, "-") == 0 || !source || source->override != MXP_OK)
        return mem_text(path, text, error);
    return file_beside(path, source->name, text, error);
}
