#!/usr/bin/env python3
"""maxpost against every peer that is installed.     bench.py [options] [WORKLOAD ...]

For each workload and number of threads:
1. every peer runs once at each of its tolerances, and one judge says how accurate it was;
2. maxpost at its own tolerances likewise;
3. the fastest accurate run of maxpost and of the peers meet in turns, maxpost, peer, maxpost, peer, ...;
   the ratio is that of the medians.
Times are of the fit alone, the data loaded.  With one thread they are processor seconds (which other
work on the machine disturbs least, and which charge a program for threads it was not given), with two,
and for a whole process, wall seconds.  Records go to RESULTS as lines of JSON; a full run writes the report."""
import argparse
import json
import os
import statistics
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")  # of the judge
sys.dont_write_bytecode = True
try:
    import numpy  # noqa: F401
except ImportError:
    sys.exit("bench: this needs Python 3 with numpy (apt-get install python3-numpy); PYTHON= names another")

import data
import machine
import report
import runner
import workloads


def clock(record, threads):
    return record[report.clock(record["workload"], threads)]


class Bench:
    def __init__(self, options):
        self.options, self.records = options, []
        self.facts = machine.facts()
        self.put(kind="machine", **self.facts)

    def put(self, **record):
        record["set"] = self.options.set
        self.records.append(record)
        with open(self.options.results, "a") as f:
            f.write(json.dumps(record) + "\n")

    def start(self, w, sets, program, name, tolerance, threads):
        return runner.start(w, sets, program, name, tolerance, threads, self.options.build, self.options.limit)

    def try_once(self, w, sets, judge, program, name, tolerance, threads):
        """One fit, judged and recorded; None where the peer is absent."""
        record = dict(kind="run", workload=w.name, program=program, peer=name, tolerance=tolerance, threads=threads)
        one = None
        try:
            one = self.start(w, sets, program, name, tolerance, threads)
            record.update(one.fit(), version=one.version)
            path = sets.path("_%s.answer" % name)
            record["accuracy"], more = judge(one.save(path))
            if os.path.exists(path):
                os.remove(path)
            record.update(more)
            record["good"] = workloads.accurate(w, record["accuracy"], more, program == "maxpost")
        except runner.Absent as e:
            record.update(absent=str(e), good=False)
        except runner.Failed as e:
            record.update(error=str(e), good=False)
        finally:
            if one:
                one.close()
        self.put(**record)
        print("  " + report.line(record), flush=True)
        return record

    def candidates(self, w, sets, judge, threads):
        """Accurate runs of maxpost and of the peers, each fastest first."""
        ours = [self.try_once(w, sets, judge, "maxpost", "maxpost", t, threads) for t in w.ours]
        peers = []
        for program, name, tolerances, both in w.peers if not self.options.alone else []:
            for t in tolerances if threads == 1 or both else []:
                peers.append(self.try_once(w, sets, judge, program, name, t, threads))
                if "absent" in peers[-1] or self.hopeless(peers, threads):
                    break
        if threads > 1:  # a second thread may not pay
            peers += [r for r in self.records if r["kind"] == "run" and r["workload"] == w.name and r["threads"] == 1
                      and r["program"] != "maxpost"]
        fastest = lambda rs: sorted((r for r in rs if r["good"]), key=lambda r: clock(r, threads))
        return fastest(ours), fastest(peers)

    def hopeless(self, peers, threads):
        """Outside the main set: the last run took so long that a tighter tolerance cannot win."""
        good = [clock(p, threads) for p in peers if p["good"]]
        return (self.options.set != "main" and good and
                ("error" in peers[-1] or clock(peers[-1], threads) > 3 * min(good)))

    def meet(self, w, sets, runs, threads):
        """The runs in turns; medians of their times."""
        started = [self.start(w, sets, r["program"], r["peer"], r["tolerance"], r["threads"]) for r in runs]
        times = [[] for _ in runs]
        try:
            repeats = self.options.repeats
            spent = 0.0
            for i in range(repeats * 6):
                for one, seen in zip(started, times):
                    seen.append(dict(one.fit(), workload=w.name))
                    spent += seen[-1]["wall"]
                # More turns where they are short, fewer where they are long.
                if (i + 1 >= repeats and spent > 2.0) or (i + 1 >= 3 and spent > self.options.budget):
                    break
        finally:
            for one in started:
                one.close()
        return [dict(workload=w.name, tolerance=r["tolerance"], peer=r["peer"], version=r.get("version", ""), accuracy=r["accuracy"],
                     wall=statistics.median(s["wall"] for s in seen), cpu=statistics.median(s["cpu"] for s in seen),
                     least=min(clock(s, threads) for s in seen), most=max(clock(s, threads) for s in seen),
                     peak_mb=max(s["peak_mb"] for s in seen), turns=len(seen), note=seen[-1].get("note", ""),
                     covariance_error=r.get("covariance_error"), nonzeros=r.get("nonzeros"))
                for r, seen in zip(runs, times)]

    def bound(self, w, sets, threads):
        """Seconds below which no good algorithm comes: arithmetic or reading at the machine's rates."""
        meta = sets.meta() if os.path.exists(sets.path("_meta.json")) else {}
        if w.kind == "estimates":
            copy = ["cat", sets.path(".csv")]
            out = [runner.whole(copy, threads, None) for _ in range(20)]
            return statistics.median(o["wall"] for o in out)
        flops, read = w.bound(meta)
        return max(flops / self.facts["gflops"][threads - 1], read / self.facts["gbs"][threads - 1]) / 1e9

    def compare(self, w, sets, judge, threads):
        ours, peers = self.candidates(w, sets, judge, threads)
        if not ours:
            return print("  %s, %d thread(s): no accurate run of maxpost; %s" % (
                w.name, threads, "best peer " + report.line(peers[0]) if peers else "nor of a peer"), flush=True)
        # A second peer that was close may turn out to be the faster one.
        close = [p for p in peers[1:2] if clock(p, threads) < 1.5 * clock(peers[0], threads)]
        met = self.meet(w, sets, ours[:1] + peers[:1] + close, threads)
        meta = sets.meta() if os.path.exists(sets.path("_meta.json")) else {}
        data_mb = (workloads.size(meta) if "p" in meta else 0.0) / 2 ** 20
        record = dict(kind="ratio", workload=w.name, threads=threads, ours=met[0], data_mb=data_mb, meta=meta,
                      bound=self.bound(w, sets, threads))
        if len(met) > 1:
            record["peer"] = min(met[1:], key=lambda m: clock(m, threads))
            record["ratio"] = clock(met[0], threads) / clock(record["peer"], threads)
        self.put(**record)
        print("  " + report.verdict(record), flush=True)

    def workload(self, name):
        w = workloads.find(name)
        sets = data.make(self.options.data, w.data, os.path.join(self.options.build, "tests/bench/write_csv"))
        print("== %s: %s" % (name, w.title), flush=True)
        judge = w.judge(sets)
        for threads in self.options.threads:
            self.compare(w, sets, judge, threads)


def names(options):
    if options.workloads:
        return options.workloads
    if options.set == "main":
        return [w.name for w in workloads.ALL]
    short = [w.name for w in workloads.ALL if w.data in data.OTHER]
    if options.set == "second":
        return ["%s-r%02d" % (w, 100 * rho) for w in short for rho in data.CORRELATIONS] + names_of_costs()
    return names_of_costs()


def names_of_costs():
    return [w + n[2:] for n in data.costs() for w in (("w7s", "w7r") if n.startswith("w7") else (n[:2],))]


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("workloads", nargs="*")
    parse.add_argument("--set", default="main", choices=["main", "second", "costs"])
    parse.add_argument("--build", default="build")
    parse.add_argument("--data", default="build/bench-data")
    parse.add_argument("--results", help="default: results-SET.jsonl beside the data, begun anew")
    parse.add_argument("--threads", type=int, nargs="*", help="default: 1 2; in the second set 1")
    parse.add_argument("--repeats", type=int, default=5)
    parse.add_argument("--limit", type=float, default=300, help="seconds of one fit")
    parse.add_argument("--budget", type=float, default=20, help="seconds of turns, past the third")
    parse.add_argument("--alone", action="store_true", help="without peers")
    parse.add_argument("--report", help="the document; default: docs/benchmarks.md after a full run")
    options = parse.parse_args()
    os.makedirs(options.data, exist_ok=True)
    options.threads = options.threads or ([1, 2] if options.set == "main" else [1])
    options.results = options.results or os.path.join(options.data, "results-%s%s.jsonl" % (
        options.set, "-part" if options.workloads or options.alone else ""))
    return options


def main():
    options = arguments()
    if os.path.exists(options.results):
        os.remove(options.results)
    bench = Bench(options)
    for name in names(options):
        try:
            bench.workload(name)
        except KeyError:
            sys.exit("bench: no such workload: %s" % name)
    print("\n" + report.summary(bench.records))
    full = not options.workloads and not options.alone
    if options.report or full:
        report.write(options.report or os.path.join(runner.HERE, "../../docs/benchmarks.md"), options.data)


if __name__ == "__main__":
    main()
