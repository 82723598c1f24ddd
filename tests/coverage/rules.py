"""Why places of the code are not reached: rules over their text, and the table `reasons` for single places."""
import fnmatch, os, re

UNKNOWN = "no reason: to be tested"
FOLLOWS = "code that only the branch before it leads to"
MEMORY = "refused memory"
SYSTEM = "a system call that fails"
MOMENT = "a moment in time: asked to come again, interrupted, dropped or stopped meanwhile"
LIBRARY = "another library fails, or reaches a limit of its own"
SIZE = "more than a test can hold: the largest sizes and counts"
GUARD = "a guard: no caller gives NULL, or what is not among the cases"
FINDS = "a search that ends as it finds, or a loop that is left from within"
PARTLY = "the end of what was made in part"
PLATFORM = "platforms other than the reference"
TESTS = "code of test builds alone"
BUILDS = "code that the measured build has no use for, and others do"
LONG = "a wait of minutes and more"
# As the table `reasons` names them.
NAMES = {"memory": MEMORY, "system": SYSTEM, "moment": MOMENT, "library": LIBRARY, "size": SIZE, "guard": GUARD, "finds": FINDS, "platform": PLATFORM,
         "builds": BUILDS, "long": LONG}

# Calls that give NULL, false, unset or a negative number where memory is refused, and for no other reason that counts here.
MAKES = (r"\b(?:\w+_)?(?:alloc\w*|resize|reserve|new|create|make\w*|init|copy|clone|dup|grow|push\w*|append\w*|insert|add\w*|put\w*|set\w*|define\w*|intern\w*"
         r"|from\w*|open|open_\w+|keep|begin|queue|concat|join|slice|text|cstr|bytes|quote|convert|object|function|value|name|wait|run_later|call_later"
         r"|take|kin_\w+|transform_\w+|sequence_\w+|sort_\w+|extreme_\w+)\("
         r"|\b(?:native_call\w*|walk_start|operation_wait|job_start\w*|number_negate|start|keep|begin|put|cut_piece)\(|\bvec_push\b")
COMPUTES = r"\b(?:number_(?:arith|pow)|arith|magnitude|product|mean_of)\("  # of big numbers; errors are told as not 0
CALLS = (r"\b(?:sys_\w+|[lf]?stat|open|close|read|write|poll|pipe|fcntl|ioctl|f?chmod|chdir|getcwd|unlink|rename|mkdir|bind|listen|accept|connect|socket|getsockname|getsockopt"
         r"|setsockopt|shutdown|lseek|mmap|mprotect|getrlimit|setrlimit|waitpid|kill|tc[gs]etattr|tcsetpgrp|sigaction|fork|setsid|setpgid|isatty|access|realpath|dladdr|dlopen"
         r"|dlsym|pthread_\w+|posix_\w+|grantpt|unlockpt|ptsname\w*|getpw\w+|modes_\w+|enter_terminal|sigaltstack|timerfd_\w+|epoll_\w+|inotify_\w+|getcontext|gethostname|uname|getloadavg|getsid|getentropy|clock_gettime|sysconf)\(")
LIBRARIES = r"\b(?:curl_\w+|CURL\w+|MHD_\w+|SSL_\w+|ares_\w+|ARES_\w+|SQLITE_\w+|sqlite3_\w+|pcre2_\w+|PCRE2_\w+|md_parse|el_\w+|tok_\w+|utf8proc_\w+|ev_loop_new|library_bind)\b|\bapi\."
# REASON, which result did not come of what is asked (of "!x", "is_unset(x)" and "x < 0" that x held nothing: false), where a regular
# expression is looked for: the condition, what its variable was assigned last (origin), its statement. The first that fits holds.
RULES = [
    (TESTS, "", "file", r"^core/base/fault\.c$|^core/value/heap_check\.c$"),
    (MOMENT, "", "condition", r"\bE(AGAIN|WOULDBLOCK|INTR|INPROGRESS)\b|\w*is_(dropped|stopped|leaving|ending|closing|cancelled)\b|interrupt_pending|is_not_yet|\w+_must_stop(_at)?\(|\b[A-Z]+_AGAIN\b|\bheap->poll\b"),
    (MEMORY, "", "condition", r"\b(failed|exhausted|is_out_of_memory|ENOMEM|size_add|size_mul)\b"),
    (PLATFORM, "", "condition", r"\bDT_UNKNOWN\b|\bENOSYS\b"),
    (SYSTEM, "", "condition", r"\bEV_ERROR\b|\bis_refused\b|\berrno\b|\berror (==|!=) E[A-Z]+|" + CALLS),
    (LIBRARY, "", "condition", LIBRARIES),
    (SYSTEM, "", "origin", r"\berrno\b|" + CALLS),
    (LIBRARY, "", "origin", LIBRARIES),
    (MEMORY, "false", "condition", MAKES),
    (MEMORY, "false", "origin", MAKES),
    (MEMORY, "true", "condition", COMPUTES),
    (MEMORY, "true", "origin", COMPUTES),
    (MEMORY, "", "statement", r"throw_memory|no_memory|fail_memory|lose_memory|out of memory|_FULL\b|\bENOMEM\b"),
    (SYSTEM, "", "statement", r"\berrno\b"),
    (SIZE, "", "condition", r"\b\w*_(MAX|MIN|MOST|LIMIT)\b|[<>]=? COUNT_OF"),
    (GUARD, "false", "pointer", "."),
    (GUARD, "false", "member", "."),
    (GUARD, "true", "switch", "."),
    (FINDS, "false", "loop", r" [<>!]=? |^\*|^\w+$"),
    (GUARD, "false", "condition", r"^\*link$"),
    (GUARD, "", "condition", "^default$"),
    (PARTLY, "false", "of_end", "."),
]


class Place:
    """A line, or a way of a branch, that was not reached."""

    def __init__(self, file, text, pointers, line, columns=(), way=""):
        self.file, self.line, self.column, self.way = file, line, columns[0] if columns else 0, way
        self.function, self.statement = text.function(line), text.statement(line)
        self.condition = text.condition(line, *columns) if columns else self.statement
        self.asked, self.came = asked(self.condition, way)
        is_name = re.fullmatch(r"\w+(?:(?:->|\.)\w+|\[\w+\])*", self.asked)
        self.origin = text.origin(line, self.asked) if is_name else ""
        self.pointer = self.asked if re.fullmatch(r"\w+", self.asked) and text.is_pointer(line, self.asked) else ""
        self.field = self.asked if is_name and not self.pointer else ""
        # Members that structures declare as pointers; what is optional to hosts is to be tested.
        self.member = self.field if self.field.rpartition("->")[2] in pointers and not file.startswith("core/api/") else ""
        self.switch = self.condition if self.statement.startswith("switch (" + self.condition + ")") else ""
        self.loop = self.condition if re.match(r"(for|while) \(", text.code[line - 1]) else ""
        self.of_end = self.field if re.search(r"(^|_)(fini|destroy|free|drop|finish|abandon|release|teardown)(_|$)", self.function) else ""
        self.reason = ""

    def __str__(self):
        if not self.column:
            return "%s:%d: %s" % (self.file, self.line, self.statement)
        return "%s:%d:%d: never %s: %s" % (self.file, self.line, self.column, self.way, self.condition)

    def by_rule(self):
        for reason, way, where, pattern in RULES:
            if (not way or way == self.came) and re.search(pattern, getattr(self, where)):
                return reason
        return ""


def asked(condition, way):
    """What a condition asks about, and which result of that is meant by [way]."""
    flip = {"true": "false", "false": "true"}
    while True:
        for pattern, flips in ((r"!(\w.*)", True), (r"is_unset\((.*)\)", True), (r"(.*) < 0", True), (r"(.*) >= 0", False), (r"(.*) == NATIVE_CALL", False)):
            found = re.fullmatch(pattern, condition)
            if found and not re.search(r" (&&|\|\|) ", condition):
                condition, way = found.group(1), flip.get(way, "") if flips else way
                break
        else:
            return condition, way


class Reasons:
    """The table `reasons`: a line FILE:FUNCTION | PART OF THE CONDITION | REASON, names as in the shell; or | THE CONDITION => WAY |."""

    def __init__(self, path):
        self.rows = []
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    where, rest = line.strip().split(" | ", 1)
                    part, reason = rest.rsplit(" | ", 1)
                    self.rows.append((where.partition(":")[::2], part, NAMES.get(reason, reason)))
        self.used = set()

    def of(self, place):
        for n, ((file, function), part, reason) in enumerate(self.rows):
            if fnmatch.fnmatch(place.file, file) and fnmatch.fnmatch(place.function, function) and (part == "*" or part in place.condition or part == "%s => %s" % (place.condition, place.way)):
                self.used.add(n)
                return reason
        return ""

    def unused(self):
        return ["%s:%s | %s" % (*row[0], row[1]) for n, row in enumerate(self.rows) if n not in self.used]


def give_reasons(places, reasons):
    """[places] of one file, in their order: of each a reason."""
    never = {(p.line, p.column) for p in places if p.way == "true"} & {(p.line, p.column) for p in places if p.way == "false"}
    before = None
    for place in places:
        place.reason = reasons.of(place) or place.by_rule()
        is_led_to = not place.column or (place.line, place.column) in never
        if not place.reason and is_led_to and before and before.function == place.function:
            place.reason = FOLLOWS if before.reason != UNKNOWN else UNKNOWN
        place.reason = place.reason or UNKNOWN
        before = place
