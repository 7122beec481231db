#include "app/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const style_sheet =
    "<style>text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
    "sans-serif;fill:#222}.small{font-size:11px;fill:#555}.bold{font-size:14px;font-weight:600}"
    "line,polyline{fill:none;stroke-linejoin:round;stroke-linecap:round}.axis{stroke:#444}"
    ".tick{stroke:#444}.grid{stroke:#e4e4e4}.mark{stroke:#666;stroke-dasharray:5 4}"
    ".path{stroke:#1d4e89;stroke-width:1.6}.path:hover{stroke-width:3}.faint{stroke:#b8b8b8}"
    ".bar{stroke:#999}circle{fill:#1d4e89}</style>\n";

static void add_escaped(struct str *out, const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at == '<')
            str_add(out, "&lt;");
        else if (*at == '>')
            str_add(out, "&gt;");
        else if (*at == '&')
            str_add(out, "&amp;");
        else if (*at == '"')
            str_add(out, "&quot;");
        else if ((unsigned char)*at >= ' ')
            str_add_n(out, at, 1);
}

/* Two decimals, no -0.00. */
static void add_place(struct str *out, double value)
{
    str_format(out, "%.2f", fabs(value) < 0.005 ? 0.0 : value);
}

static void add_pair(struct str *out, const char *name, double value)
{
    str_format(out, " %s=\"", name);
    add_place(out, value);
    str_add(out, "\"");
}

static void add_title(struct str *out, const char *title)
{
    if (!title)
        return;
    str_add(out, "<title>");
    add_escaped(out, title);
    str_add(out, "</title>");
}

void svg_open(struct str *out, double width, double height, const char *title, const char *text)
{
    str_format(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
               "viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
               width, height, width, height);
    add_title(out, title);
    str_add(out, "\n<desc>");
    add_escaped(out, text);
    str_add(out, "</desc>\n");
    str_add(out, style_sheet);
    str_format(out, "<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n", width, height);
}

void svg_close(struct str *out)
{
    str_add(out, "</svg>\n");
}

void svg_text(struct str *out, double x, double y, enum svg_anchor anchor, const char *style,
              const char *text)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    str_add(out, "<text");
    if (*style)
        str_format(out, " class=\"%s\"", style);
    add_pair(out, "x", x);
    add_pair(out, "y", y);
    str_format(out, " text-anchor=\"%s\">", anchors[anchor]);
    add_escaped(out, text);
    str_add(out, "</text>\n");
}

void svg_text_up(struct str *out, double x, double y, const char *text)
{
    str_format(out, "<text text-anchor=\"middle\" transform=\"translate(%.2f %.2f) rotate(-90)\">",
               x, y);
    add_escaped(out, text);
    str_add(out, "</text>\n");
}

void svg_line(struct str *out, const char *style, double x1, double y1, double x2, double y2)
{
    str_format(out, "<line class=\"%s\"", style);
    add_pair(out, "x1", x1);
    add_pair(out, "y1", y1);
    add_pair(out, "x2", x2);
    add_pair(out, "y2", y2);
    str_add(out, "/>\n");
}

void svg_polyline(struct str *out, const char *style, int dash, const double *x, const double *y,
                  size_t count, const char *title)
{
    static const char *const dashes[] = {"", "7 4", "2 3", "9 3 2 3"};

    for (size_t first = 0, last; first < count; first = last + 1) {
        for (last = first; last < count && isfinite(x[last]) && isfinite(y[last]);)
            last++;
        if (last - first < 2)
            continue;
        str_format(out, "<polyline class=\"%s\"", style);
        if (dash % 4)
            str_format(out, " stroke-dasharray=\"%s\"", dashes[dash % 4]);
        str_add(out, " points=\"");
        for (size_t i = first; i < last; i++) {
            if (i > first)
                str_add(out, " ");
            add_place(out, x[i]);
            str_add(out, ",");
            add_place(out, y[i]);
        }
        str_add(out, "\">");
        add_title(out, title);
        str_add(out, "</polyline>\n");
    }
}

void svg_dot(struct str *out, double x, double y, const char *title)
{
    str_add(out, "<circle r=\"2.5\"");
    add_pair(out, "cx", x);
    add_pair(out, "cy", y);
    str_add(out, ">");
    add_title(out, title);
    str_add(out, "</circle>\n");
}

double svg_place(const struct svg_axis *axis, double value)
{
    const double low = axis->log ? log10(axis->low) : axis->low;
    const double high = axis->log ? log10(axis->high) : axis->high;
    const double at = axis->log ? log10(value) : value;

    if (high == low)
        return 0.5 * (axis->from + axis->to);
    return axis->from + (at - low) / (high - low) * (axis->to - axis->from);
}

static size_t log_ticks(double tick[SVG_TICKS_MAX], const struct svg_axis *axis)
{
    static const double factors[] = {1.0, 2.0, 5.0};
    const double low = fmin(axis->low, axis->high), high = fmax(axis->low, axis->high);
    const int first = (int)floor(log10(low)), last = (int)ceil(log10(high));
    const int step = (last - first) / 10 + 1;
    const size_t between = last - first <= 3 ? 3 : 1;
    size_t count = 0;

    for (int power = first; power <= last; power += step)
        for (size_t f = 0; f < between && count < SVG_TICKS_MAX; f++) {
            const double value = factors[f] * pow(10.0, power);
            if (value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9))
                tick[count++] = value;
        }
    return count;
}

size_t svg_ticks(double tick[SVG_TICKS_MAX], const struct svg_axis *axis)
{
    const double low = fmin(axis->low, axis->high), high = fmax(axis->low, axis->high);
    size_t count = 0;

    if (axis->log)
        return log_ticks(tick, axis);
    if (!(high > low)) {
        tick[0] = low;
        return 1;
    }
    const double rough = (high - low) / 7.0, power = pow(10.0, floor(log10(rough)));
    const double share = rough / power;
    const double step = power * (share <= 1.0   ? 1.0
                                 : share <= 2.0 ? 2.0
                                 : share <= 5.0 ? 5.0
                                                : 10.0);
    for (double n = ceil(low / step - 1e-9);
         n * step <= high + 1e-9 * step && count < SVG_TICKS_MAX; n += 1.0)
        tick[count++] = n * step == 0.0 ? 0.0 : n * step;
    return count;
}

void svg_number(char text[32], double value)
{
    const bool whole = fabs(value) >= 1e4 && fabs(value) < 1e7;

    (void)snprintf(text, 32, whole ? "%.0f" : "%.4g", value);
    char *minus = text[0] == '-' ? text : NULL; /* a real minus sign is as wide as a plus */
    if (minus) {
        char rest[32];
        (void)snprintf(rest, sizeof rest, "%s", text + 1);
        (void)snprintf(text, 32, "\xE2\x88\x92%.27s", rest);
    }
}

void svg_axis_bottom(struct str *out, const struct svg_axis *axis, double y, const char *name)
{
    double tick[SVG_TICKS_MAX];
    const size_t count = svg_ticks(tick, axis);
    char text[32];

    svg_line(out, "axis", axis->from, y, axis->to, y);
    for (size_t i = 0; i < count; i++) {
        const double x = svg_place(axis, tick[i]);
        svg_line(out, "tick", x, y, x, y + 5.0);
        svg_number(text, tick[i]);
        svg_text(out, x, y + 18.0, SVG_MIDDLE, "", text);
    }
    svg_text(out, 0.5 * (axis->from + axis->to), y + 38.0, SVG_MIDDLE, "", name);
}

void svg_axis_left(struct str *out, const struct svg_axis *axis, double x, const char *name)
{
    double tick[SVG_TICKS_MAX];
    const size_t count = svg_ticks(tick, axis);
    char text[32];

    svg_line(out, "axis", x, axis->from, x, axis->to);
    for (size_t i = 0; i < count; i++) {
        const double y = svg_place(axis, tick[i]);
        svg_line(out, "tick", x - 5.0, y, x, y);
        svg_number(text, tick[i]);
        svg_text(out, x - 8.0, y + 4.0, SVG_END, "", text);
    }
    svg_text_up(out, x - 52.0, 0.5 * (axis->from + axis->to), name);
}
