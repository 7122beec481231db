/* Fields of delimited text (RFC 4180), as the program's tables have them. */
#ifndef MAXPOST_TEXT_CSV_H
#define MAXPOST_TEXT_CSV_H

#include "base/str.h"

/* A field: quoted where it holds a comma, a quote or a line break. */
void text_csv_field(struct str *out, const char *text);
/* 17 significant digits; a number that is not finite is an empty field. */
void text_csv_number(struct str *out, double value);

#endif
