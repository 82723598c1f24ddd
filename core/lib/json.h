// JSON texts (RFC 8259) to values and back. Nothing here recurses: values nest as deep as memory goes.
#ifndef LULL_LIB_JSON_H
#define LULL_LIB_JSON_H

#include "builtin/reply.h"

#define JSON_DEPTH_MAX 10000000  // containers inside each other, both ways

// Why a text has no value, and where.
struct json_fault {
  size_t at;          // byte offset
  bool is_too_deep;   // a LimitError
  char message[200];  // "" where memory was refused
};

// The value of a text in valid UTF-8: exact ints, maps in the order of the text (of repeated keys the last wins, in the
// first's place). UNSET, and *fault filled, where it has none. No collection may run meanwhile.
Value json_parse(struct lull *vm, const char *text, size_t len, struct json_fault *fault);
// Throws what json_parse found in a text that begins on [line]: "NAME: line 2, column 8: ...".
enum native_status json_throw(struct call *c, const char *text, size_t line, const struct json_fault *fault);

// A value as text, in a native: begins with what lies in [local] from then on, and goes on until it is PART_DONE, over
// calls of methods `to_json`; the text is in json_written then. [indent]: blanks a level, 0 for one line.
bool json_write_begin(struct call *c, u32 local, Value v, u32 indent);  // false: thrown
enum part json_write(struct call *c, u32 local);
struct buf *json_written(struct call *c, u32 local);

// Appends the text of a string, quoted and escaped.
void json_put_string(struct heap *heap, const char *text, size_t len, struct buf *out);

#endif
