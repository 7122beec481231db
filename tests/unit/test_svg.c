/* The builder of pictures: ticks are round, inside and few; texts are escaped; tags close; the pictures
 * of a path hold what they should. */
#include "numeric.h"

#include "app/svg.h"

#include <stdio.h>
#include <string.h>

static void ticks(void **state)
{
    static const double ranges[][2] = {{0, 1},       {-3.7, 12.2}, {1e-9, 3e-9}, {-1e6, -2e5},
                                       {0.98, 1.02}, {5, 5},       {12, -7}};
    double tick[SVG_TICKS_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct svg_axis axis = {
            .low = ranges[i][0], .high = ranges[i][1], .from = 0.0, .to = 100.0};
        const double low = fmin(axis.low, axis.high), high = fmax(axis.low, axis.high);
        const size_t count = svg_ticks(tick, &axis);
        assert_true(count >= 1 && count <= SVG_TICKS_MAX);
        assert_true(low == high || count >= 3);
        for (size_t t = 0; t < count; t++) {
            assert_true(tick[t] >= low - 1e-9 * (high - low));
            assert_true(tick[t] <= high + 1e-9 * (high - low));
            if (t > 0 && low != high) { /* the step is 1, 2 or 5 times a power of ten */
                const double step = (tick[t] - tick[t - 1]), power = floor(log10(step) + 1e-9);
                const double digit = step / pow(10.0, power);
                assert_true(fabs(digit - 1.0) < 1e-6 || fabs(digit - 2.0) < 1e-6 ||
                            fabs(digit - 5.0) < 1e-6);
            }
        }
    }
}

static void logarithmic(void **state)
{
    const struct svg_axis axis = {.low = 2e4, .high = 3e-3, .from = 10.0, .to = 90.0, .log = true};
    double tick[SVG_TICKS_MAX];
    const size_t count = svg_ticks(tick, &axis);

    (void)state;
    assert_true(count >= 4);
    for (size_t t = 0; t < count; t++) {
        assert_close(log10(tick[t]), round(log10(tick[t])), 0.0, 1e-12, "power of ten", tick[t]);
        assert_true(svg_place(&axis, tick[t]) >= 10.0 && svg_place(&axis, tick[t]) <= 90.0);
    }
    assert_close(svg_place(&axis, 2e4), 10.0, 0.0, 1e-12, "place", 2e4);
    assert_close(svg_place(&axis, sqrt(2e4 * 3e-3)), 50.0, 0.0, 1e-9, "middle", 0.0);
}

static void numbers(void **state)
{
    char text[32];

    (void)state;
    svg_number(text, 20000.0);
    assert_string_equal(text, "20000");
    svg_number(text, -0.25);
    assert_string_equal(text, "\xE2\x88\x92"
                              "0.25");
    svg_number(text, 1e-7);
    assert_string_equal(text, "1e-07");
}

/* Opening tags less closing ones, comments and declarations there are none of. */
static int depth(const char *svg)
{
    int open = 0;

    for (const char *at = strchr(svg, '<'); at; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        assert_non_null(end);
        if (at[1] == '/')
            open--;
        else if (end[-1] != '/')
            open++;
        assert_true(open >= 0);
    }
    return open;
}

static void markup(void **state)
{
    const double x[] = {1.0, 2.0, 3.0, NAN, 5.0, 6.0}, y[] = {1.0, 4.0, 9.0, 2.0, -0.001, 1.0};
    struct str out = {0}, again = {0};

    (void)state;
    for (int n = 0; n < 2; n++) {
        struct str *to = n ? &again : &out;
        svg_open(to, 100.0, 50.0, "a<b & \"c\"", "d>e");
        svg_text(to, 1.0, 2.0, SVG_MIDDLE, "small", "x<y>&\"z\"\x01 \xC3\xA4");
        svg_polyline(to, "path", 2, x, y, 6, "<t>");
        svg_line(to, "axis", 0.0, 0.0, 1.0, 1.0);
        svg_dot(to, 1.0, -0.001, NULL);
        svg_close(to);
    }
    assert_int_equal(str_check(&out, NULL), MXP_OK);
    assert_string_equal(out.text, again.text);
    assert_int_equal(depth(out.text), 0);
    assert_non_null(strstr(out.text, "x&lt;y&gt;&amp;&quot;z&quot; \xC3\xA4</text>"));
    assert_non_null(strstr(out.text, "<title>a&lt;b &amp; &quot;c&quot;</title>"));
    assert_non_null(strstr(out.text, "points=\"1.00,1.00 2.00,4.00 3.00,9.00\""));
    assert_non_null(strstr(out.text, "points=\"5.00,0.00 6.00,1.00\"")); /* broken at the NaN */
    assert_null(strstr(out.text, "nan"));
    assert_null(strstr(out.text, "-0.00"));
    str_free(&out);
    str_free(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks),
        cmocka_unit_test(logarithmic),
        cmocka_unit_test(numbers),
        cmocka_unit_test(markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
