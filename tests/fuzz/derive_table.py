#!/usr/bin/env python3
"""derive_table.py GRAMMAR.json HEADER DICTIONARY: the grammar as a table that derive.c walks, and its words for the fuzzers' dictionaries.

Nodes are numbered; each has a kind, a list of children and its height: how deep the shallowest text it derives lies, which
is what derive.c takes where it has to come to an end.
"""
import json
import sys

# What stands for the tokens that are no fixed text. Names are those that derive.c's programs find declared, and some they do not.
LEXEMES = {
    "identifier": ["a", "b", "c", "d", "x", "y", "n", "s", "xs", "ys", "m", "f", "g", "k", "v", "o", "p", "e", "_", "C", "D",
                   "print", "len", "int", "float", "string", "list", "map", "set", "range", "bool", "Error", "TypeError", "deferred",
                   "channel", "sleep", "after", "all", "race", "settle", "min", "max", "sum", "display", "json", "math", "regex", "new1",
                   "type", "bytes", "repr", "é"],
    "property_identifier": ["a", "b", "len", "push", "pop", "keys", "values", "map", "filter", "sort", "join", "split", "then", "catch",
                            "resolve", "fail", "cancel", "get", "set", "remove", "iterate", "next", "init", "to_string", "equals", "hash",
                            "compare", "call", "message", "cause", "step", "slice", "if", "class", "nil", "x", "y", "send", "recv", "close",
                            "replace", "format", "parse", "text", "reversed", "each", "reduce", "find", "insert", "clear", "copy", "name"],
    "integer": ["0", "1", "2", "3", "7", "10", "63", "64", "100", "1_000", "0xff", "0b101", "0o17", "9223372036854775807",
                "9223372036854775808", "18446744073709551616"],
    "float": ["0.5", "1.0", "2.5e3", "1e308", "1e-7", "0.1"],
    "duration": ["1ns", "2us", "1ms", "0s", "0.001s"],
    "invalid_number": ["0"],
    "raw_string": ["''", "'a'", "'b c'", "'${x}'"],
    "comment": ["# a\n"],
    "_line_content": ["a", "b c", "é", "0", "$", "{}"],
    "_block_content": ["a", "\n  b\n  ", "é", "\n", "\""],
    "escape_sequence": ["\\n", "\\\"", "\\u{1F600}", "\\u00e9", "\\ud83d\\ude00"],
    "_newline": ["\n"],
    "_line_end": ["\""],
    "_block_end": ["\"\"\""],
    "_interpolation_start": ["${"],
    "_error_sentinel": [],
}
TIGHT = {"_line_content", "_block_content", "escape_sequence", "_line_end", "_block_end", "_interpolation_start"}
KINDS = ["TEXT", "LEXEME", "TIGHT", "SEQ", "CHOICE", "REPEAT"]


class Table:
    def __init__(self, grammar):
        self.grammar = grammar
        self.nodes = []  # [kind, children or texts, height]
        self.rules = {}  # name: number
        self.words = set()

    def add(self, kind, parts):
        self.nodes.append([kind, parts, None])
        return len(self.nodes) - 1

    def rule(self, name):
        if name not in self.rules:
            if name in LEXEMES:
                self.rules[name] = self.add("TIGHT" if name in TIGHT else "LEXEME", LEXEMES[name])
            else:
                self.rules[name] = self.add("SEQ", [])
                self.nodes[self.rules[name]][1] = [self.node(self.grammar["rules"][name])]
        return self.rules[name]

    def node(self, rule):
        kind = rule["type"]
        if kind == "SYMBOL":
            return self.rule(rule["name"])
        if kind == "STRING":
            self.words.add(rule["value"])
            return self.add("TEXT", [rule["value"]])
        if kind in ("SEQ", "CHOICE"):
            return self.add(kind, [self.node(member) for member in rule["members"]])
        if kind in ("REPEAT", "REPEAT1"):
            content = self.node(rule["content"])
            repeat = self.add("REPEAT", [content])
            return self.add("SEQ", [content, repeat]) if kind == "REPEAT1" else repeat
        if kind == "BLANK":
            return self.add("SEQ", [])
        if kind == "ALIAS" and rule["named"] and rule["value"] in LEXEMES and rule["content"]["type"] == "SYMBOL":
            return self.rule(rule["value"])
        return self.node(rule["content"])  # FIELD, PREC..., TOKEN, ALIAS

    def measure(self):
        changed = True
        while changed:
            changed = False
            for node in self.nodes:
                kind, parts, height = node
                below = None if kind in ("TEXT", "LEXEME", "TIGHT") else [self.nodes[p][2] for p in parts]
                if below is None:
                    now = 0 if parts else None
                elif kind == "REPEAT" or not parts:
                    now = 0
                elif kind == "SEQ":
                    now = None if None in below else 1 + max(below)
                else:
                    known = [h for h in below if h is not None]
                    now = 1 + min(known) if known else None
                if now is not None and (height is None or now < height):
                    node[2] = now
                    changed = True

    def prune(self):
        for node in self.nodes:
            if node[0] == "CHOICE":
                node[1] = [p for p in node[1] if self.nodes[p][2] is not None]


def quoted(text):
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\?' else "".join("\\%03o" % b for b in c.encode()) for c in text) + '"'


def header(table, root):
    texts, parts, rows = [], [], []
    for kind, of, height in table.nodes:
        pool = texts if kind in ("TEXT", "LEXEME", "TIGHT") else parts
        rows.append("  { DERIVE_%s, %d, %d, %d }," % (kind, 255 if height is None else height, len(pool), len(of)))
        pool.extend(of)
    yield "// Made by tests/fuzz/derive_table.py from grammar/src/grammar.json."
    yield "enum { DERIVE_ROOT = %d };" % root
    yield "static const struct derive_node derive_nodes[] = {"
    yield from rows
    yield "};"
    yield "static const unsigned short derive_parts[] = { %s };" % ", ".join(map(str, parts))
    yield "static const char *const derive_texts[] = { %s };" % ", ".join(map(quoted, texts))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        table = Table(json.load(f))
    root = table.rule("program")
    table.measure()
    table.prune()
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write("\n".join(header(table, root)) + "\n")
    names = {word for name in ("identifier", "property_identifier", "integer", "float", "duration", "escape_sequence") for word in LEXEMES[name]}
    with open(sys.argv[3], "w", encoding="utf-8") as f:
        for word in sorted(table.words | names):
            f.write('"%s"\n' % "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else "".join("\\x%02x" % b for b in c.encode()) for c in word))


main()
