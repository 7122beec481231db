/* A JSON document that was read: its members by name and kind, each fault with the way to it.
 *
 * For input that nobody vouches for: what is missing, of another kind or out of range is an error of
 * status DATA, `FILE: encoding.terms[2].variables[0]: ...`. */
#ifndef MAXPOST_DOCUMENT_H
#define MAXPOST_DOCUMENT_H

#include "base/err.h"

#include <stdbool.h>

struct json_t;

/* A value and how it was reached; it lives on the stack of who walks, its parents outlive it. */
struct document_node {
    const struct json_t *value;
    const struct document_node *parent; /* NULL: the whole document */
    const char *key;                    /* NULL: an item of an array */
    size_t index;
    const char *file;
};

struct document {
    char *file; /* owned, as the user named it */
    struct json_t *root;
    struct document_node node; /* the root, an object */
};

enum document_kind {
    DOCUMENT_OBJECT = 1,
    DOCUMENT_ARRAY = 2,
    DOCUMENT_TEXT = 4,
    DOCUMENT_NUMBER = 8, /* integers as well */
    DOCUMENT_BOOLEAN = 16,
    DOCUMENT_NULL = 32
};

/* Reads a file whose root is an object; no key twice.  Release with document_free.
 * Errors: NO_INPUT (cannot be opened), IO, DATA (FILE:LINE:COLUMN: where it stops to be JSON),
 * MEMORY. */
MXP_MUST_CHECK mxp_status document_read(struct document **document, const char *path,
                                        mxp_error *error);
void document_free(struct document *document);

/* DATA: FILE: PATH: ... */
mxp_status document_fail(const struct document_node *node, mxp_error *error, const char *format,
                         ...) ERR_PRINTF(3, 4);

/* The member of an object, or the item of an array; kinds: flags of enum document_kind. */
MXP_MUST_CHECK mxp_status document_member(struct document_node *member,
                                          const struct document_node *object, const char *key,
                                          unsigned kinds, mxp_error *error);
MXP_MUST_CHECK mxp_status document_item(struct document_node *item,
                                        const struct document_node *array, size_t index,
                                        unsigned kinds, mxp_error *error);
bool document_has(const struct document_node *object, const char *key);
bool document_is_null(const struct document_node *node);
/* Items of an array, or members of an object. */
size_t document_size(const struct document_node *node);

/* Members of one kind; `or_null` allows null, which gives NULL or NAN.  Texts are borrowed from the
 * document. */
MXP_MUST_CHECK mxp_status document_text(const char **text, const struct document_node *object,
                                        const char *key, bool or_null, mxp_error *error);
MXP_MUST_CHECK mxp_status document_number(double *value, const struct document_node *object,
                                          const char *key, bool or_null, mxp_error *error);
MXP_MUST_CHECK mxp_status document_boolean(bool *value, const struct document_node *object,
                                           const char *key, mxp_error *error);
/* A whole number from 0 to `most`. */
MXP_MUST_CHECK mxp_status document_count(size_t *value, const struct document_node *object,
                                         const char *key, size_t most, mxp_error *error);
/* The index of the text among names, which end with NULL. */
MXP_MUST_CHECK mxp_status document_choice(size_t *index, const struct document_node *object,
                                          const char *key, const char *const *names,
                                          mxp_error *error);

/* Arrays, owned by the caller.  Numbers, `count` of them; null, where it is allowed, as NAN. */
MXP_MUST_CHECK mxp_status document_numbers(double **values, const struct document_node *object,
                                           const char *key, size_t count, bool or_null,
                                           mxp_error *error);
/* Whole numbers below `below`; null, where it is allowed, as SIZE_MAX. */
MXP_MUST_CHECK mxp_status document_indices(size_t **values, size_t *count,
                                           const struct document_node *object, const char *key,
                                           size_t below, bool or_null, mxp_error *error);
/* Texts, borrowed from the document; null, where it is allowed, as NULL. */
MXP_MUST_CHECK mxp_status document_texts(const char ***texts, size_t *count,
                                         const struct document_node *object, const char *key,
                                         bool or_null, mxp_error *error);

#endif
