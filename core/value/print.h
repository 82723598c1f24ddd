// The text of values as print, interpolation and string() give it. Instances whose class has a method `to_string`
// need a call into the language, so printing is a machine that stops there, with a stack of its own: nothing here
// recurses, and an object inside itself shows as [...] or {...}.
#ifndef LULL_VALUE_PRINT_H
#define LULL_VALUE_PRINT_H

#include "base/buf.h"
#include "value/string.h"

enum print_status {
  PRINT_DONE,  // the text is in printer->out
  PRINT_CALL,  // call printer->method of printer->subject, give the string to printer_answer, and step on
  PRINT_AGAIN,   // heap->poll is set: step on after the safepoint
  PRINT_FAILED,  // no memory, or longer than STRING_MAX
};

struct print_frame;

struct printer {
  struct object object;
  bool is_quoted;       // strings are, at the top too; inside collections they always are
  bool is_cut;          // the text went over the budget: it ends in "…"
  struct string *name;  // "to_string", interned
  Value value;          // printed next; UNSET: the innermost container goes on
  Value subject, method;
  size_t budget;        // bytes
  struct buf out;
  struct print_frame *frames;  // containers under way
  u32 depth, cap;
  u32 *index;                  // finds them by address; none while they are few
  u32 index_cap;
};

void print_register(struct heap *heap);
// Appends the text of what has no contents and no to_string: true. False: nothing is appended, a printer is needed.
bool value_print_simple(struct heap *heap, Value v, bool is_quoted, struct buf *out);
// [budget]: bytes of the text after which it is cut, SIZE_MAX for none.
struct printer *printer_new(struct heap *heap, Value v, struct string *to_string_name, bool is_quoted, size_t budget);
enum print_status printer_step(struct heap *heap, struct printer *p);
void printer_answer(struct heap *heap, struct printer *p, struct string *text);
// The name of a function, method or class: "add", "Foo.loop"; "" of a lambda.
void print_name(Value v, struct buf *out);

#endif
