/* Pictures as SVG: a page, axes with round ticks, lines and texts.  Numbers are written with two
 * decimals, texts escaped, so that the same data give the same bytes. */
#ifndef MAXPOST_SVG_H
#define MAXPOST_SVG_H

#include "base/str.h"

/* A scale from values to places on the page; log: by decimal logarithms, of values above 0. */
struct svg_axis {
    double low, high; /* values */
    double from, to;  /* their places */
    bool log;
};

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
enum { SVG_TICKS_MAX = 12 };

/* Opens a picture of this size with a title and a description for those who do not see it. */
void svg_open(struct str *out, double width, double height, const char *title, const char *text);
void svg_close(struct str *out);
/* A text; style: classes of the page ("", "small", "bold"); turned: written upwards. */
void svg_text(struct str *out, double x, double y, enum svg_anchor anchor, const char *style,
              const char *text);
void svg_text_up(struct str *out, double x, double y, const char *text);
/* A line of a class: "axis", "tick", "grid", "mark", "path", "faint", "bar". */
void svg_line(struct str *out, const char *style, double x1, double y1, double x2, double y2);
/* A line through count places, broken where one is not finite; dash: a pattern of the page, 0 to 3;
 * title: shown where the pointer rests, or NULL. */
void svg_polyline(struct str *out, const char *style, int dash, const double *x, const double *y,
                  size_t count, const char *title);
void svg_dot(struct str *out, double x, double y, const char *title);

double svg_place(const struct svg_axis *axis, double value);
/* Round values within the axis, at most SVG_TICKS_MAX; log: powers of ten, with 2 and 5 between them
 * where they are few.  Returns how many. */
size_t svg_ticks(double tick[SVG_TICKS_MAX], const struct svg_axis *axis);
/* A value as a tick names it: at most four digits. */
void svg_number(char text[32], double value);
/* The axis along the bottom at height y, or along the left at x, ticks and their names with it. */
void svg_axis_bottom(struct str *out, const struct svg_axis *axis, double y, const char *name);
void svg_axis_left(struct str *out, const struct svg_axis *axis, double x, const char *name);

#endif
