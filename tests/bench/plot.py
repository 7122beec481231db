"""Costs against sizes as an SVG: panels with logarithmic axes, a colour a workload."""
import math
import re

COLOURS = {"w2": "#1b6ca8", "w3": "#c8553d", "w4": "#3a7d44", "w5": "#8e5ea2", "w6": "#b8860b", "w7s": "#c8553d", "w7r": "#1b6ca8"}
TITLES = {"n": "rows", "p": "columns", "k": "nonzero coefficients at the end of the path", "rows": "nonzeros of the data"}
LABELS = {"w2": "lasso path", "w3": "lasso path, wide", "w4": "L2 logistic", "w5": "L1 logistic path",
          "w6": "L1 logistic path, wide", "w7s": "L1 logistic, sparse", "w7r": "L2 logistic, sparse"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 470, 350, 62, 16, 52, 46


def size(what, record):
    if what == "k":
        return record["ours"].get("nonzeros")
    return record["meta"]["nnz"] if what == "rows" else record["meta"][what]


def panels(ratios):
    """What grows: {workload: [(size, ours, peer or None)]}, sizes rising."""
    found = {}
    for r in ratios:
        m = re.fullmatch(r"(\w+)-(n|p|k|rows)(\d+)", r["workload"])
        if m and r["threads"] == 1 and size(m[2], r):
            point = (size(m[2], r), r["ours"]["cpu"], r["peer"]["cpu"] if "peer" in r else None)
            found.setdefault(m[2], {}).setdefault(m[1], []).append(point)
    return {what: {w: sorted(points) for w, points in series.items()} for what, series in found.items()}


def ticks(low, high):
    """Powers of ten within; with fewer than two of them also 2 and 5 times."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 2, 5)):
        found = [s * 10.0 ** d for d in decades for s in steps if low <= s * 10.0 ** d <= high]
        if len(found) >= 2:
            return found
    return found


def label(x):
    if x >= 1e6:
        return "%gM" % (x / 1e6)
    if x >= 1e3:
        return "%gk" % (x / 1e3)
    return "%g" % x


def text(x, y, words, anchor="middle", size=12, colour="#333", more=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" fill="%s"%s>%s</text>' % (
        x, y, anchor, size, colour, more, words)


def path(points, colour, dashed):
    marks = "".join('<circle cx="%.1f" cy="%.1f" r="%g" fill="%s"/>' % (x, y, 2 if dashed else 3, colour)
                    for x, y in points)
    return '<polyline points="%s" fill="none" stroke="%s" stroke-width="%g"%s/>' % (
        " ".join("%.1f,%.1f" % p for p in points), colour, 1.2 if dashed else 2,
        ' stroke-dasharray="5 3"' if dashed else "") + marks


class Axes:
    def __init__(self, xs, ys):
        self.x = min(xs) / 1.15, max(xs) * 1.15
        self.y = min(ys) / 1.4, max(ys) * 1.4

    def place(self, x, y):
        part = lambda v, ends: math.log(v / ends[0]) / math.log(ends[1] / ends[0])
        return (LEFT + (WIDTH - LEFT - RIGHT) * part(x, self.x),
                HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part(y, self.y))

    def draw(self, title):
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        out = []
        for x in ticks(*self.x):
            at = self.place(x, self.y[0])[0]
            out.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#e4e4e4"/>' % (at, at, TOP, bottom))
            out.append(text(at, bottom + 16, label(x)))
        for y in ticks(*self.y):
            at = self.place(self.x[0], y)[1]
            out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#e4e4e4"/>' % (LEFT, right, at, at))
            out.append(text(LEFT - 6, at + 4, "%g" % y, "end"))
        out.append('<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#888"/>' % (
            LEFT, TOP, right - LEFT, bottom - TOP))
        out.append(text((LEFT + right) / 2, HEIGHT - 10, title))
        out.append(text(16, (TOP + bottom) / 2, "processor seconds",
                        more=' transform="rotate(-90 16 %.1f)"' % ((TOP + bottom) / 2)))
        return out


def legend(series):
    """Names above the panel in their colours, on two lines where one is too short."""
    out, x, y = [], LEFT, TOP - 26
    for w in series:
        width = 7.4 * len(LABELS[w])
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, y = LEFT, y + 17
        out.append(text(x, y, LABELS[w], "start", 12, COLOURS[w], ' font-weight="bold"'))
        x += width + 14
    return out


def panel(what, series):
    points = [p for s in series.values() for p in s]
    axes = Axes([p[0] for p in points], [t for p in points for t in p[1:] if t])
    out = axes.draw(TITLES[what]) + legend(series)
    for w, s in series.items():
        peers = [axes.place(x, t) for x, _, t in s if t]
        if peers:
            out.append(path(peers, COLOURS[w], True))
        out.append(path([axes.place(x, t) for x, t, _ in s], COLOURS[w], False))
    return out


def figure(found):
    order = [w for w in TITLES if w in found]
    columns, rows = min(2, len(order)), -(-len(order) // 2)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
           'font-family="sans-serif">' % ((columns * WIDTH, rows * HEIGHT) * 2),
           '<rect width="100%" height="100%" fill="white"/>']
    for i, what in enumerate(order):
        out.append('<g transform="translate(%d %d)">' % (i % 2 * WIDTH, i // 2 * HEIGHT))
        out += panel(what, found[what]) + ["</g>"]
    return "\n".join(out + ["</svg>"]) + "\n"
