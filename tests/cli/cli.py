"""What the tests of the command line share: running the program under test, and reporting in TAP."""
import os, signal, subprocess, sys, tempfile, time, traceback

LULL = os.path.abspath(os.environ.get("LULL", os.path.join(os.path.dirname(__file__), "..", "..", "build", "lull")))
PATIENCE = float(os.environ.get("LULL_TEST_PATIENCE", "15"))
# By a sanitizer, which takes memory of its own and keeps what was freed.
IS_INSTRUMENTED = "ASAN_OPTIONS" in os.environ
KEPT = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
TESTS = []
# What nohup, or a shell's &, has ignored, the programs would ignore too.
for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return "status %s\nstdout: %r\nstderr: %s" % (self.status, self.out[-2000:], self.err[-2000:].decode(errors="replace"))


class Place:
    """A folder of its own for one test: its HOME, where it runs and where its files are."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(self.path(name), mode)
        return self.path(name)

    def environment(self, extra):
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env.update(HOME=self.folder, TMPDIR=self.folder, LC_ALL="C.UTF-8", TERM="xterm-256color",
                   PATH=os.path.dirname(LULL) + os.pathsep + os.environ["PATH"])
        env.update(extra)
        return {name: value for name, value in env.items() if value is not None}

    def start(self, *args, program=LULL, env={}, **options):
        """A running program whose unnamed streams are pipes."""
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, subprocess.PIPE)
        return subprocess.Popen([program, *args], cwd=self.folder, env=self.environment(env), **options)

    def lull(self, *args, stdin=b"", **options):
        """Runs the program to its end."""
        child = self.start(*args, **options)
        try:
            out, err = child.communicate(stdin.encode() if isinstance(stdin, str) else stdin, PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            return Result("timeout", out or b"", err or b"")
        return Result(child.returncode, out or b"", err or b"")


def test(function):
    """Makes a function of a Place a test, named after it."""
    TESTS.append(function)
    return function


class Skip(Exception):
    """Raised by a test where the machine cannot do what it needs: why."""


def same(got, want, what="value"):
    if got != want:
        raise AssertionError("%s: expected %r, got %r" % (what, want, got))


def holds(text, part):
    part = part.encode() if isinstance(part, str) else part
    if part not in text:
        raise AssertionError("expected to hold %r: %s" % (part.decode()[:500], text.decode(errors="replace")[-2000:]))


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("waited for " + what)
        time.sleep(0.001)


def check(result, out="", status=0, err=""):
    """The whole output, the status, and a piece of standard error; "" says that it must be empty."""
    if isinstance(out, str):
        out = out.encode()
    wrong = []
    if result.status != status:
        wrong.append("status %d expected" % status)
    if out is not None and result.out != out:
        wrong.append("stdout %r expected" % out)
    if err is not None and (err.encode() not in result.err if err else result.err):
        wrong.append("stderr %s expected" % (repr(err) if err else "empty"))
    if b"\x1b" in result.out + result.err:
        wrong.append("no escapes expected")
    if wrong:
        raise AssertionError("; ".join(wrong) + "\n%r" % result)


def main():
    names = sys.argv[1:]
    chosen = [t for t in TESTS if not names or t.__name__ in names]
    print("1..%d" % len(chosen))
    failed = 0
    for number, function in enumerate(chosen, 1):
        with tempfile.TemporaryDirectory(prefix="lull-cli-") as folder:
            try:
                function(Place(folder))
                print("ok %d - %s" % (number, function.__name__))
            except Skip as why:
                print("ok %d - %s # SKIP %s" % (number, function.__name__, why))
            except Exception as error:
                failed += 1
                where = traceback.extract_tb(error.__traceback__)
                line = next(f.lineno for f in reversed(where) if f.filename != __file__) if where else 0
                print("not ok %d - %s" % (number, function.__name__))
                print("# line %d: %s: %s" % (line, type(error).__name__, "\n# ".join(str(error).splitlines())))
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
