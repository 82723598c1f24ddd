"""The text around a place that was not reached: its condition, the statement it stands in, what gave its variable, its function."""
import glob, os, re

HEAD = re.compile(r"^[A-Za-z_].*?\b(\w+)\([^;]*$|^[A-Za-z_].*?\b(\w+)\(.*\) \{.*\}$")
ENDS = (";", "{", "}", ":")
COMMENT = re.compile(r"\s*//.*|\s*\\$")


class Text:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.lines = f.read().split("\n")
        self.code = [COMMENT.sub("", line).strip() for line in self.lines]
        self.functions = []  # for each line: the name and the first line of its function
        name, first = "", 0
        for n, line in enumerate(self.lines):
            head = HEAD.match(line)
            if head and not line.startswith(("return", "else")):
                name, first = head.group(1) or head.group(2), n
            self.functions.append((name, first))

    def condition(self, line, column, last, end):
        if line == last:
            return self.lines[line - 1][column - 1 : end - 1]
        parts = [self.lines[line - 1][column - 1 :]] + self.lines[line : last - 1] + [self.lines[last - 1][: end - 1]]
        return " ".join(COMMENT.sub("", part).strip() for part in parts)

    def function(self, line):
        return self.functions[line - 1][0]

    def statement(self, line):
        """All of it, and the first line of the block it may begin."""
        first = last = line - 1
        while first > 0 and self.code[first - 1] and not self.code[first - 1].endswith(ENDS):
            first -= 1
        while last < len(self.code) - 1 and not self.code[last].endswith(ENDS):
            last += 1
        return " ".join(self.code[first : last + 1 + self.code[last].endswith("{")])

    def origin(self, line, name):
        """What the function assigned last to the variable [name], before [line] or in it."""
        assigned = re.compile(r"(?<![\w.>])%s = ([^;]*)" % re.escape(name))
        for n in range(line - 1, self.functions[line - 1][1] - 1, -1):
            found = assigned.findall(" ".join(self.code[n : min(n + 4, line)]))
            if found:
                return found[-1]
        return ""

    def is_pointer(self, line, name):
        """Whether the function declares [name] as one, a parameter or a variable, up to [line]."""
        declared = re.compile(r"\*%s\b" % re.escape(name))
        return any(declared.search(code) for code in self.code[self.functions[line - 1][1] : line])


def pointers(root, folders):
    """The names of members that some structure declares as pointers."""
    declared = re.compile(r"^  +(?:const )?(?:struct |enum )?\w+ (?:const )?\*+(\w+)[;,]|^  +.*\(\*(\w+)\)\(", re.M)
    found = set()
    for folder in folders:
        for path in glob.glob(os.path.join(root, folder, "**", "*.[ch]"), recursive=True):
            with open(path, encoding="utf-8") as f:
                for body in re.findall(r"^(?:static )?(?:const )?struct \w+ \{\n(.*?)^\}", f.read(), re.M | re.S):
                    found.update(a or b for a, b in declared.findall(body))
    return found
