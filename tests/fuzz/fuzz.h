// What is fuzzed: each takes any bytes, and stops the process (abort) where a promise is broken. What the targets in checks/ promise is
// written there.
#ifndef LULL_TESTS_FUZZ_H
#define LULL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

typedef void fuzz_target(const char *bytes, size_t len);

// A text as a program, none of which runs: the exact driver and tree-sitter agree on whether it is one, the compiler says what is wrong with
// it or makes code, and every message is text and has a place within it.
fuzz_target fuzz_source;
// The same for programs that the grammar derives, each byte of the input being a choice.
fuzz_target fuzz_grammar;
// A text as a program that runs, within limits of steps, time and memory, with neither files nor network nor processes.
fuzz_target fuzz_run;
// A derived program that runs, with names of all kinds declared before it.
fuzz_target fuzz_evaluate;

// In checks/, written in the language.
fuzz_target fuzz_json, fuzz_number, fuzz_csv, fuzz_codec, fuzz_time, fuzz_regex, fuzz_path;
fuzz_target fuzz_request, fuzz_response;  // HTTP: what a client sends to our server, and a server to our client

// Two ints of up to a few thousand bits: every operation gives what GMP does, and so do their texts.
fuzz_target fuzz_bigint;
// Floats by their bits: printed as the shortest text that reads back the same, here and by the C library.
fuzz_target fuzz_float;
// Texts of numbers: ints are read as GMP reads them, floats as strtod does.
fuzz_target fuzz_digits;
// Zone files and rules: what is taken can be asked for any time.
fuzz_target fuzz_zone;

// Markdown for a terminal of 40 columns: no control character comes out but line feeds.
fuzz_target fuzz_markdown;
// The text of a value, laid out, and the report of an error: likewise.
fuzz_target fuzz_inspect;
// Keys from a terminal: pieces give the same keys as the whole.
fuzz_target fuzz_keys;
// A history file: it loads, takes an entry and has it after it is loaded again.
fuzz_target fuzz_history;
// Output of a program as it may stand above the prompt: nothing but text and colours comes out.
fuzz_target fuzz_output;
// Packets between a program and an attached terminal: what is taken apart is the same when put together again.
fuzz_target fuzz_packet;
// Colours while typing: what was coloured piece by piece looks like the whole at once.
fuzz_target fuzz_highlight;

#endif
