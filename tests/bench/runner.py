"""Programs that fit when asked: served ones that keep their data loaded, and whole processes."""
import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    pass


class Absent(Exception):
    pass


def environment(threads):
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
             "R_DATATABLE_NUM_THREADS", "POLARS_MAX_THREADS")
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **{n: str(threads) for n in names}}


class Served:
    """A program that answers each line of its input with a line of JSON."""

    def __init__(self, command, threads, limit):
        self.limit, self.buffer = limit, b""
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(command, env=environment(threads), stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=self.errors)
        except FileNotFoundError as e:
            raise Absent(os.path.basename(e.filename))
        try:
            self.version = self.answer().get("version", "")
        except (Failed, Absent):
            self.close()
            raise

    def answer(self):
        end = time.monotonic() + self.limit
        while True:
            line, found, rest = self.buffer.partition(b"\n")
            if found:
                self.buffer = rest
                if not line.startswith(b"{"):
                    continue
                said = json.loads(line)
                if "absent" in said:
                    raise Absent(said["absent"])
                if "error" in said:
                    raise Failed(said["error"])
                return said
            ready = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]
            more = os.read(self.process.stdout.fileno(), 65536) if ready else None
            if more is None:
                raise Failed("over %d s" % self.limit)
            if not more:
                raise Failed(self.last_words())
            self.buffer += more

    def last_words(self):
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return "stopped: " + (lines[-1][:200] if lines else "no output")

    def ask(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self.last_words())
        return self.answer()

    def fit(self):
        return self.ask("fit")

    def save(self, path):
        self.ask("save " + path)
        return np.fromfile(path)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for f in (self.process.stdin, self.process.stdout, self.errors):
            try:
                f.close()
            except BrokenPipeError:
                pass


def whole(command, threads, output):
    """One whole process: wall and processor seconds, peak memory.  posix_spawn, which costs least."""
    silent = os.open(os.devnull, os.O_WRONLY)
    given = environment(threads)
    actions = [(os.POSIX_SPAWN_DUP2, output.fileno() if output else silent, 1), (os.POSIX_SPAWN_DUP2, silent, 2)]
    start = time.perf_counter()
    try:
        child = os.posix_spawnp(command[0], command, given, file_actions=actions)
    except FileNotFoundError:
        raise Absent(os.path.basename(command[0]))
    finally:
        os.close(silent)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status:
        raise Failed("exit status %d" % os.waitstatus_to_exitcode(status))
    # A child starts with the peak of this process: below that its own is not known.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = used.ru_maxrss if used.ru_maxrss > own else 0
    return dict(wall=wall, cpu=used.ru_utime + used.ru_stime, peak_mb=peak / 1024, before_mb=0.0)


class Process:
    """A command that is started for each fit.  read(text) makes the answer of its output."""

    def __init__(self, command, threads, read, version=""):
        self.command, self.threads, self.read, self.version = command, threads, read, version
        self.text = ""

    def fit(self):
        with tempfile.TemporaryFile() as out:
            record = whole(self.command, self.threads, out)
            out.seek(0)
            self.text = out.read().decode(errors="replace")
        return record

    def save(self, _path):
        return self.read(self.text)

    def close(self):
        pass


class Liblinear:
    """The command-line program reads a text; its time with a tolerance that ends at once is that of
    reading, measured before every fit and taken off."""

    def __init__(self, data, solver, tolerance, threads):
        meta = data.meta()
        n, p = meta["n"], meta["p"]
        C = 1 / (n * data.load("_lam.npy")[-1]) if solver == 6 else 1 / meta["tau"]
        self.model, self.columns = data.path("_liblinear.model"), p
        self.command = lambda e: ["liblinear-train", "-q", "-s", str(solver), "-c", repr(C), "-e", repr(e),
                                  data.path(".svm"), self.model]
        self.tolerance, self.threads = tolerance, threads
        self.version = package_version("liblinear-tools", "liblinear")

    def fit(self):
        reading = whole(self.command(1e9), self.threads, None)
        record = whole(self.command(self.tolerance), self.threads, None)
        record["wall"] -= reading["wall"]
        record["cpu"] -= reading["cpu"]
        return record

    def save(self, _path):
        with open(self.model) as f:
            lines = f.read().splitlines()
        b = np.array([float(v) for v in lines[lines.index("w") + 1:]])
        if lines[2].split()[1] == "-1":  # the class that comes first has the positive side
            b = -b
        return np.r_[b, np.zeros(self.columns - len(b))]

    def close(self):
        if os.path.exists(self.model):
            os.remove(self.model)


def package_version(package, name):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True) if os.path.exists("/usr/bin/dpkg-query") else None
    return "%s %s" % (name, asked.stdout.split("+")[0].split("-")[0]) if asked and asked.stdout else name


def start(workload, data, program, name, tolerance, threads, build, limit=300):
    """The runner of one configuration; raises Absent or Failed."""
    more = [] if tolerance is None else [repr(tolerance)]
    if program == "maxpost" and workload.kind != "estimates":
        return Served([os.path.join(build, "tests/bench/maxpost_bench"), workload.name, data.directory, "-",
                       str(threads)] + more, threads, limit)
    if program in ("maxpost", "process"):
        import small
        return small.start(data, program if program == "maxpost" else name, threads, build)
    if program == "liblinear":
        return Liblinear(data, int(name.split("_")[1]), tolerance, threads)
    command = [sys.executable, os.path.join(HERE, "peers.py")] if program == "py" else [
        "Rscript", "--vanilla", os.path.join(HERE, "peers.R")]
    return Served(command + [workload.name, data.directory, name, str(threads)] + more, threads, limit)
