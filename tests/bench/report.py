"""What a run found, as lines while it runs and as docs/benchmarks.md."""
import json
import os
import re

import plot
import workloads

RULES = """# Speed

How long maxpost takes beside the programs that people use for the same problems, on one machine, in one
run, at the same accuracy. `make bench` measures it and writes this page; `make bench W="w2 w5"` runs some
workloads, `make bench SET=second` the other sizes and the costs further down. Python 3 with numpy is
needed; peers are used where they are installed.

## How it is measured

* The data of a workload come from a recipe with a fixed seed ([data.py](../tests/bench/data.py)) and the
  objective is the same for every program, without an intercept, to the constant in front of it.
* Each program has its data loaded in the form it likes best. Timed is the fit: for maxpost everything from
  the table in memory to the mode, the checks and the sums over the columns included. Reading a file is W11.
  W13 is a whole process.
* Programs mean different things by a tolerance. So each runs at several, its answer is judged by one
  piece of code ([judge.py](../tests/bench/judge.py)) that knows the exact answer or a certificate, and its
  fastest run that is accurate enough counts. A default that misses the accuracy is in the tables but not in
  the comparison.
* L1 problems are judged by the duality gap over the objective of the empty model, the worst of the path: at
  most 1e-4, and 2e-4 is let pass for a peer. Smooth ones by the objective less the optimum, relative: at most
  1e-8; a covariance besides to 1e-4 of its sds. A cross-validated curve to 1e-4, a table that was read to one
  unit in the last place, printed estimates to 1e-6.
* The fastest accurate runs then meet in turns, maxpost, peer, maxpost, peer, at least three and mostly five
  or more times; the ratio is that of the medians. Below 1 maxpost is faster.
* With one thread the times are processor seconds: other work on the machine disturbs them least, and they
  charge a program for threads it was not given. With two they are wall seconds; a peer that cannot use two
  takes part with one. W13 is wall seconds throughout.
* Memory is the peak of the process during the fit, the data included, over the size of the data. Pages of a
  file that is mapped while it is read (W11) count. Of whole processes it is not always known.
* The bound is what the arithmetic or the reading of the data cost at the rates of this machine below, for
  an algorithm that does little else. It is no promise.
"""

LIMITS = """What holds it up where a peer is near, or the bound far:

* W2: two thirds are the Gram matrix of all columns, at the rate of a matrix product; near the end of the
  path nearly all of them are in the model. A Gram that grows with the working set was tried, and took two
  and a half times as long. One in single precision would save a third of it, and its points would then need
  as many flops for exact residuals. The answer at the default tolerance is
  certified to 1e-14, the peer's to 1e-4.
* W3, W6: about a third is the gradient of all columns, sixteen points in one reading, four columns by four
  points in registers; the rest is spread over checks, Grams, factors and names. Sixteen columns in turn were
  tried before, and a matrix product from the library: both half as fast.
* W5: nearly half is reading the columns of the working set for two products each, at the rate of the
  third-level cache; a quarter are Grams. Smaller blocks of rows, and eight columns at once, were tried and
  gain nothing.
* W7s, W7r: gathers from vectors of the length of the rows, a nanosecond or more each, whatever the method; a
  third is what is done once: sums over the columns, the copy by rows, the certificate. L1 by the Gram of
  the working set was tried, and took fifteen times as long; for L2 the copy by rows in strips that fit the
  last cache, which gains nothing. Where rows are few and columns many (the smallest of the costs below),
  what each coefficient costs in priors and names shows.
* W10: half of it is following eleven paths in their Grams, with factors that are kept.
* W13: half is the start of a process, with OpenBLAS and the libraries of two file formats; with all of its
  libraries outside the program it takes twice as long."""


def clock(workload, threads):
    """What is compared: see the rules."""
    return "cpu" if threads == 1 and workload.split("-")[0] != "w13" else "wall"


def name(record):
    tolerance = record.get("tolerance")
    return record["peer"] + ("" if tolerance is None else " %g" % tolerance)


def line(record):
    """One run."""
    head = "%-34s" % name(record)
    if "absent" in record:
        return head + "absent: " + record["absent"]
    if "error" in record:
        return head + record["error"]
    more = "".join(" %s %.3g" % (k, record[k]) for k in ("covariance_error", "nonzeros", "differ") if k in record)
    return head + "%8.4g s wall %8.4g s cpu %7.0f MB  %.1e%s%s" % (
        record["wall"], record["cpu"], record["peak_mb"], record["accuracy"],
        "" if record["good"] else " (misses)", more) + ("  " + record["note"] if record.get("note") else "")


def verdict(record):
    key = clock(record["workload"], record["threads"])
    text = "%s, %d thread%s: maxpost %.4g s" % (record["workload"], record["threads"],
                                               "s" if record["threads"] > 1 else "", record["ours"][key])
    if "peer" in record:
        text += ", %s %.4g s, ratio %.3g" % (name(record["peer"]), record["peer"][key], record["ratio"])
    return text + "; bound %.2g s" % record["bound"]


def of_kind(records, kind):
    return [r for r in records if r["kind"] == kind]


def summary(records):
    lines = [verdict(r) for r in of_kind(records, "ratio")]
    absent = sorted({"%s (%s)" % (r["peer"], r["absent"]) for r in of_kind(records, "run") if "absent" in r})
    return "\n".join(lines + ["absent: " + (", ".join(absent) or "none")])


# ---- the document -------------------------------------------------------------------------------

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows])


def number(x, digits=2):
    """Two digits, without an exponent where it reads better."""
    if x is None:
        return ""
    if x != 0 and not 1e-4 <= abs(x) < 1e5:
        return "%.0e" % x
    text = "%.*g" % (digits, x)
    return str(int(float(text))) if "e" in text else text


def accuracy(x):
    return "0" if x == 0 else "%.0e" % x if abs(x) < 0.1 else "%.2g" % x


def title(w):
    return w.name.capitalize().replace("full", " full")


def version(record):
    v = record.get("version") or record["peer"]
    known = record["peer"].split("_")[0]
    return v if v.lower().startswith(known) else "%s (%s)" % (record["peer"], v)


def machine(facts):
    rows = [("processor", "%s, %d cores" % (facts["processor"], facts["cores"])),
            ("caches", "L1 %s, L2 %s, L3 %s" % (facts["l1"], facts["l2"], facts["l3"])),
            ("memory", "%d GB" % facts["memory_gb"]), ("system", facts["system"]), ("compiler", facts["compiler"]),
            ("matrix product, one and two threads", "%.0f and %.0f GFLOPS" % tuple(facts["gflops"])),
            ("reading memory", "%.0f and %.0f GB/s" % tuple(facts["gbs"])), ("measured on", facts["date"])]
    return "## The machine\n\n" + table(("", ""), rows)


def shape(meta):
    if "nnz" in meta:
        return "%s x %s, %.1fM nonzeros" % (thousands(meta["n"]), thousands(meta["p"]), meta["nnz"] / 1e6)
    return "%s x %s" % (thousands(meta["n"]), thousands(meta["p"])) if meta else ""


def thousands(n):
    return "%gM" % (n / 1e6) if n >= 1e6 else "%gk" % (n / 1e3) if n >= 1e3 else str(n)


def memory(record, who):
    mb = record[who]["peak_mb"] if who in record else 0
    if not mb:
        return ""
    return "%.1f" % (mb / record["data_mb"]) if record["data_mb"] >= 20 else "%.0f MB" % mb


def row(w, one, two):
    """One line of the main table from the records of one and two threads."""
    peer = one.get("peer")
    cells = ["%s %s" % (title(w), w.title), shape(one["meta"])]
    cells += ["%s%s" % (version(peer), "" if peer["tolerance"] is None else ", tolerance %g" % peer["tolerance"]),
              accuracy(peer["accuracy"])] if peer else ["none installed", ""]
    key = clock(w.name, 1)
    cells += [accuracy(one["ours"]["accuracy"]), number(one["ours"][key]), number(peer[key]) if peer else "",
              "**%s**" % number(one["ratio"]) if peer else "",
              "**%s**" % number(two["ratio"]) if two and "ratio" in two else "",
              memory(one, "ours"), memory(one, "peer"), number(one["bound"])]
    return cells


def main_table(records):
    ratios = {(r["workload"], r["threads"]): r for r in of_kind(records, "ratio")}
    rows = [row(w, ratios[w.name, 1], ratios.get((w.name, 2))) for w in workloads.ALL if (w.name, 1) in ratios]
    head = ("workload", "data", "best peer", "its accuracy", "ours", "maxpost s", "peer s", "ratio", "ratio, 2 threads",
            "memory / data", "peer's", "bound s")
    missing = [title(w) for w in workloads.ALL if (w.name, 1) not in ratios]
    text = "## Results\n\n" + table(head, rows)
    if missing:
        text += "\n\nNot measured, or without an accurate run of maxpost: " + ", ".join(missing) + "."
    return text


def bounds():
    return LIMITS + "\n\nThe bounds: " + "; ".join("%s %s" % (title(w), w.bound_text) for w in workloads.ALL) + "."


def absences(records):
    gone = sorted({r["absent"] for r in of_kind(records, "run") if "absent" in r})
    return "Peers that the harness knows and this machine has not: %s." % (", ".join(gone) or "none")


def run_row(r):
    said = r.get("error", "")
    tolerance = "" if r["tolerance"] is None else "%g" % r["tolerance"]
    if said:
        return [r["peer"], r.get("version", ""), tolerance, str(r["threads"]), said, "", "", "", ""]
    return [r["peer"], r.get("version", ""), tolerance, str(r["threads"]), number(r["wall"], 3), number(r["cpu"], 3),
            "%.0f" % r["peak_mb"] if r["peak_mb"] else "", accuracy(r["accuracy"]), "" if r["good"] else "misses"]


def details(records):
    parts = ["## Every run\n\nOne fit of each program at each tolerance, before the turns."]
    for w in workloads.ALL:
        runs = [r for r in of_kind(records, "run") if r["workload"] == w.name and "absent" not in r]
        if runs:
            head = ("program", "version", "tolerance", "threads", "wall s", "cpu s", "peak MB", workloads.UNITS[w.kind], "")
            parts.append("### %s %s\n\n" % (title(w), w.title) + table(head, [run_row(r) for r in runs]))
    return "\n\n".join(parts)


def second_table(records):
    rows = []
    for r in of_kind(records, "ratio"):
        if re.search(r"-r\d+$", r["workload"]) and r["threads"] == 1:
            w, peer = workloads.find(r["workload"]), r.get("peer")
            rows.append([title(w).split("-")[0] + " " + w.title, shape(r["meta"]), "%g" % r["meta"]["rho"],
                         name(peer) if peer else "none", accuracy(peer["accuracy"]) if peer else "",
                         accuracy(r["ours"]["accuracy"]), number(r["ours"]["cpu"]),
                         number(peer["cpu"]) if peer else "", "**%s**" % number(r["ratio"]) if peer else ""])
    head = ("workload", "data", "correlation", "best peer", "its accuracy", "ours", "maxpost s", "peer s", "ratio")
    return ("## Other sizes, correlations and seeds\n\nThe same problems on other data; neighbouring columns have the "
            "correlation that stands there. One thread.\n\n" + table(head, rows)) if rows else ""


def read(path):
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(l) for l in f]


def costs(records, path):
    """The figure beside the document, and the words around it; nothing without measurements."""
    picture = os.path.join(os.path.dirname(path), "benchmarks-costs.svg")
    panels = plot.panels(of_kind(records, "ratio"))
    if not panels:
        return ""
    with open(picture, "w") as f:
        f.write(plot.figure(panels))
    return ("## Cost\n\nProcessor seconds of maxpost (solid) and of the best accurate peer at each size (dashed), one "
            "thread, as one size grows and the others stand.\n\n![cost](benchmarks-costs.svg)")


def write(path, directory):
    main, second = (read(os.path.join(directory, "results-%s.jsonl" % s)) for s in ("main", "second"))
    facts = of_kind(main + second, "machine")
    parts = [RULES.rstrip()]
    if facts:
        parts.append(machine(facts[0]))
    if main:
        parts += [main_table(main), bounds(), absences(main)]
    parts += [p for p in (second_table(second), costs(second, path), details(main) if main else "") if p]
    with open(path, "w") as f:
        f.write("\n\n".join(parts) + "\n")
    print("written to", os.path.relpath(path))


if __name__ == "__main__":
    import sys
    write(sys.argv[1], sys.argv[2])
