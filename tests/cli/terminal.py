"""Sessions on a pseudo-terminal, for tests of every byte that they write."""
import fcntl, os, pty, select, struct, subprocess, termios, time
from cli import LULL, PATIENCE, same


class Terminal:
    """A session on a pseudo-terminal."""

    def __init__(self, place, *args, env={}, size=(24, 80), cwd=None):
        self.fd, theirs = pty.openpty()
        self.name = os.ttyname(theirs)
        self.modes = termios.tcgetattr(theirs)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
        self.child = subprocess.Popen([LULL, *args], cwd=cwd or place.folder, env=place.environment(env), stdin=theirs, stdout=theirs,
                                      stderr=theirs, start_new_session=True,
                                      preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.seen = b""

    def has_more(self):
        return bool(select.select([self.fd], [], [], 0)[0])

    def read(self):
        if not select.select([self.fd], [], [], 0.05)[0]:
            return True
        try:
            part = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += part
        return bool(part)

    def until(self, text):
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            if not self.read() or time.monotonic() > end:
                raise AssertionError("waited for %r; the terminal got %r" % (text, self.seen[-2000:]))

    def send(self, text):
        os.write(self.fd, text)

    def leave(self):
        """Ctrl-D; gives all that was written."""
        self.send(b"\x04")
        end = time.monotonic() + PATIENCE
        while self.child.poll() is None and time.monotonic() < end:
            self.read()
        while self.read() and select.select([self.fd], [], [], 0)[0]:
            pass
        os.close(self.fd)
        same(self.child.returncode, 0, "status of the session")
        return self.seen
