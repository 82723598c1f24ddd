"""What the lints share: finding the C files of the tree, and reading them without their comments and strings."""
import os, re, sys

GENERATED = {"grammar/src/parser.c", "grammar/src/tree_sitter", "core/syntax/nodes.h", "core/syntax/symbols.h"}
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(root, tops, ends):
    """Paths relative to root of the files below the folders tops that end in one of ends, but for generated ones."""
    for top in tops:
        for folder, inner, names in os.walk(os.path.join(root, top)):
            inner.sort()
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), root)
                if name.endswith(ends) and not any(path == g or path.startswith(g + "/") for g in GENERATED):
                    yield path


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def bare(text):
    """The text with comments and the insides of strings and characters blanked; lines stay where they are."""
    def blank(found):
        token = found.group()
        if token[0] in "\"'":
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)
    return TOKEN.sub(blank, text)


def report(complaints, summary):
    """Ends the lint: prints what is wrong, or the summary."""
    for complaint in complaints:
        print(complaint)
    if not complaints:
        print(summary)
    sys.exit(1 if complaints else 0)
