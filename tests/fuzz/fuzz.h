// What is fuzzed: each takes any bytes, and stops the process (abort) where a promise is broken.
#ifndef LULL_TESTS_FUZZ_H
#define LULL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

typedef void fuzz_target(const char *bytes, size_t len);

// A text as a program: driver, tree, compiler. Nothing of it runs. Every message has its place, and a text that is whole gives no syntax error.
fuzz_target fuzz_source;
// A text as a program that runs, for a tenth of a second and 64 MiB, with neither files nor network nor processes.
fuzz_target fuzz_run;
// JSON: what parses reads back the same from what is written of it.
fuzz_target fuzz_json;
// Numbers: what is a number reads back the same from its text.
fuzz_target fuzz_number;
// A pattern, a line feed and a text: found or not, in bounded time.
fuzz_target fuzz_regex;
// Markdown for a terminal of 40 columns: no control character comes out but line feeds.
fuzz_target fuzz_markdown;
// Keys from a terminal: pieces give the same keys as the whole.
fuzz_target fuzz_keys;
// A history file: it loads, takes an entry and has it after it is loaded again.
fuzz_target fuzz_history;
// Output of a program as it may stand above the prompt: nothing but text and colours comes out.
fuzz_target fuzz_output;
// Packets between a program and an attached terminal: what is taken apart is the same when put together again.
fuzz_target fuzz_packet;
// Colours while typing: what is coloured piece by piece looks like the whole at once.
fuzz_target fuzz_highlight;

#endif
