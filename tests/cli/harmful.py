"""What a program may write to a terminal: text, and a few escapes of its own."""
import re
from cli import same

OWN = re.compile(rb"\x1b\[(?:[0-9;:]*[mABCDEFGHJKXPLMr]|\?(?:7|25|2004|2026)[hl])")
HARMFUL = re.compile("\r\\[9\\]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0001]")


def assert_harmless(written, what):
    for sequence in OWN.findall(written):
        same(b"77" in sequence and not sequence.endswith(b"m"), False, "%s: %r of the data" % (what, sequence))
    rest = OWN.sub(b"", written).decode()
    found = HARMFUL.search(rest)
    if found:
        raise AssertionError("%s: %r in %r" % (what, found.group(), rest[max(0, found.start() - 60):found.end() + 60]))
    # A character may carry marks, but not rows of them.
    marks = re.search("[\u0301\u200d]{40}", rest)
    same(bool(marks), False, "%s: a flood of marks" % what)
