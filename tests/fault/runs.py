"""What a sweep runs again and again: a script, a script typed at a pipe, a session at a terminal. Each run has a folder of its own."""
import codecs, errno, fcntl, importlib.machinery, importlib.util, os, pty, re, select, shutil, signal, struct, subprocess, termios, time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREES = ("lang", "lib", "limit")
IDLE = 0.4  # seconds without anything to do after which nothing more is to be expected
ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")


def tests_runner():
    """tests/lang/run as a module: it knows what the comments of a test ask for."""
    loader = importlib.machinery.SourceFileLoader("lang_run", os.path.join(TESTS, "lang", "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lang_run", loader))
    loader.exec_module(module)
    return module


def state_of(pid):
    """R: it runs or would; D: it waits for a disk; S, T, Z: none of these."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0]


def cpu_of(pid):
    """Seconds of a processor it has used."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Outcome:
    """status (None: it had to be killed), what was printed, what a session did not show or leave as it should."""

    def __init__(self, status, out, err, wrong=(), is_spinning=False):
        self.is_spinning = is_spinning
        self.status, self.out, self.err, self.wrong, self.losses = status, out, err, list(wrong), []


class Program:
    is_session = False

    def __init__(self, lull, path):
        self.lull, self.path, self.name = lull, path, os.path.relpath(path, TESTS)
        self.prefix = []  # of the command: what runs it

    def is_instrumented(self):
        """Whether it was built with the address sanitizer."""
        with open(self.lull, "rb") as file:
            return b"__asan_init" in file.read()

    def environment(self, folder, fail):
        kept = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS") or k == "PATH"}
        return dict(kept, HOME=folder, TMPDIR=folder, LC_ALL="C.UTF-8", TERM="dumb", **fail)

    def popen(self, command, folder, fail, seconds, stdin=b"", cwd=None):
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd or folder,
                                 env=self.environment(folder, fail), start_new_session=True)
        try:
            out, err = child.communicate(stdin, seconds)
        except subprocess.TimeoutExpired:
            busy = cpu_of(child.pid) / seconds
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
            return Outcome(None, out, err, is_spinning=busy > 0.5)
        return Outcome(child.returncode, out, err)


class Script(Program):
    """A .lull file; its comments may give it arguments and input, as they do where it is a test."""

    def __init__(self, lull, path, plan):
        super().__init__(lull, path)
        self.stdin, self.args = plan.stdin.encode(), plan.args
        with open(path, encoding="utf-8", errors="replace") as file:
            self.catches = bool(re.search(r"\bcatch\b|\bsettle\b|\bfinally\b|\bdefer\b|\brace\b|\.fail\(|\.state\b", file.read()))

    def run(self, folder, fail, seconds):
        return self.popen(self.prefix + [self.lull, os.path.basename(self.path)] + self.args, folder, fail, seconds, self.stdin, os.path.dirname(self.path))


class Piped(Program):
    """Lines for `lull -i` without a terminal."""

    is_session = True

    def run(self, folder, fail, seconds):
        with open(self.path, "rb") as file:
            return self.popen(self.prefix + [self.lull, "-i"], folder, fail, seconds, file.read())


class Keys(Program):
    """A session at a terminal. Of its file, a line each: `> TEXT` is typed (with \\r, \\x12 ...), `< TEXT` is waited for, `size COLS ROWS`, and
    `history TEXT` are lines that must be in the history in the end. FILE.files/ is copied to HOME before it."""

    is_session = True
    MODES = [b"\x1b[?2004", b"\x1b[?1049", b"\x1b[?2026"]

    def __init__(self, lull, path):
        super().__init__(lull, path)
        self.steps, self.history = [], []
        with open(path, encoding="utf-8") as file:
            for line in file.read().split("\n"):
                word, _, rest = line.partition(" ")
                if word == "history":
                    self.history.append(rest.encode())
                elif word in (">", "<", "size"):
                    self.steps.append((word, codecs.escape_decode(rest.encode())[0] if word != "size" else tuple(map(int, rest.split()))))

    def run(self, folder, fail, seconds):
        if os.path.isdir(self.path + ".files"):
            shutil.copytree(self.path + ".files", folder, dirs_exist_ok=True)
        master, slave = pty.openpty()
        try:
            return Terminal(self, master, slave, seconds).run(folder, fail)
        finally:
            os.close(master)
            os.close(slave)

    def is_missing(self, folder):
        path = os.path.join(folder, ".local/state/lull/history")
        try:
            with open(path, "rb") as file:
                kept = file.read()
        except OSError:
            kept = b""
        return [line for line in self.history if line not in kept]


class Terminal:
    """One session at a terminal: types the steps, waiting for what should be seen, then leaves."""

    def __init__(self, keys, master, slave, seconds):
        self.keys, self.master, self.slave, self.seconds = keys, master, slave, seconds
        self.raw, self.at, self.missed = b"", 0, []
        self.patience = self.idle = seconds

    def size(self, cols, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def text(self):
        return ESCAPES.sub(b"", self.raw)

    def read(self, seconds):
        """Takes what is there, waiting so long for it; False where nothing came."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            self.raw += os.read(self.master, 1 << 16)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            time.sleep(0.002)
            return False
        return True

    def is_over(self):
        return self.child.poll() is not None

    def is_busy(self):
        """Whether it, or a child of its own, has something to do now."""
        try:
            with open("/proc/%d/task/%d/children" % (self.child.pid, self.child.pid)) as file:
                pids = [self.child.pid, *map(int, file.read().split())]
            return any(state_of(pid) in "RD" for pid in pids)
        except OSError:
            return True

    def wait(self, wanted):
        """Until [wanted] is seen after what was waited for last. Not longer than patience after the last output, than idle without anything to do,
        than ten times patience with any output."""
        quiet_since = idle_since = began = time.monotonic()
        while True:
            text = self.text()
            found = text.find(wanted, self.at)
            if found >= 0:
                self.at = found + len(wanted)
                return
            if self.read(0.05):
                quiet_since = idle_since = time.monotonic()
            elif self.is_over():
                break
            elif self.is_busy():
                idle_since = time.monotonic()
            if time.monotonic() > min(quiet_since + self.patience, idle_since + self.idle, began + 10 * self.patience):
                break
        self.missed.append(wanted)
        self.patience = min(self.patience, 0.1)

    def type(self, text):
        while text and not self.is_over():
            if select.select([], [self.master], [], 0.05)[1]:
                text = text[os.write(self.master, text[:512]):]
            self.read(0)

    def leave(self):
        """Ctrl-C and Ctrl-D until it is gone; then its terminal hangs up. What it took."""
        end = time.monotonic() + self.seconds
        while not self.is_over() and time.monotonic() < end:
            os.killpg(self.child.pid, signal.SIGCONT)  # Ctrl-Z at the prompt stops it
            self.type(b"\x03\x15\x04")
            pause = time.monotonic() + 0.25
            while not self.is_over() and time.monotonic() < pause:
                self.read(0.02)
        if self.is_over():
            return None
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        return "hangs"

    def modes_left_on(self):
        return [m[2:].decode() for m in Keys.MODES if self.raw.rfind(m + b"h") > self.raw.rfind(m + b"l")]

    def run(self, folder, fail):
        self.size(80, 24)
        before = termios.tcgetattr(self.slave)
        if fail:
            slower = 4 if self.keys.is_instrumented() else 1
            self.patience, self.idle = min(self.patience, 1.5 * slower), IDLE * slower
        environment = dict(self.keys.environment(folder, fail), TERM="xterm-256color")
        # Who opens a terminal as the first of its session gets it as its own.
        command = ["/bin/sh", "-c", 'exec "$@" --log "$HOME/log" <"$0" >"$0" 2>&1', os.ttyname(self.slave)]
        command += self.keys.prefix + [self.keys.lull]
        self.child = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True)
        for kind, what in self.keys.steps:
            if self.is_over():
                break
            {"<": self.wait, ">": self.type, "size": lambda w: self.size(*w)}[kind](what)
        self.patience = 0.1
        wrong, seen_before = [], len(self.raw)
        stuck = self.leave()
        while self.read(0):
            pass
        if stuck:
            return Outcome(None, self.text(), re.sub(rb"(\^C|\r|\n|\x07)+$", b"", self.text())[-400:])
        if termios.tcgetattr(self.slave)[:6] != before[:6]:
            wrong.append("the terminal's settings are not restored")
        wrong += ["the terminal's mode %s is left on" % mode for mode in self.modes_left_on()]
        losses = ["%r was not seen" % m.decode(errors="replace") for m in self.missed]
        losses += ["%r is not in the history" % m.decode(errors="replace") for m in self.keys.is_missing(folder)]
        outcome = Outcome(self.child.returncode, self.text(), self.text()[-1500:], wrong)
        outcome.losses = losses
        return outcome
