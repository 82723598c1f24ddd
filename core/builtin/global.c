// Functions that are simply there: print, len, assert, exit ...
#include "base/utf8.h"
#include "builtin/builtin.h"
#include "builtin/sequence.h"
#include "builtin/sort.h"
#include "builtin/texts.h"
#include "value/number.h"
#include "value/range.h"
#include "vm/keys.h"

// Printing

// Where nothing has to be called, the text is made at once. False: a printer is needed.
static bool print_at_once(struct call *c, const char *end)
{
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  bool is_simple = true;
  for (u32 i = 0; i < c->count && is_simple; i++) {
    if (i) buf_putc(&out, ' ');
    is_simple = value_print_simple(c->heap, c->args[i], false, &out);
  }
  buf_puts(&out, end);
  is_simple &= !out.failed;
  if (is_simple) vm_write(c->vm, 1, buf_text(&out), out.len);
  buf_fini(&out);
  return is_simple;
}

enum { PRINT_PRINTER, PRINT_NEXT, PRINT_LOCALS };

static enum native_status print_values(struct call *c, const char *end)
{
  enum part p = PART_DONE;
  if (c->step == 0) {
    if (print_at_once(c, end)) return native_return(c, NIL);
    texts_begin(c, PRINT_PRINTER, false);
    c->locals[PRINT_NEXT] = value_int(0);
  } else {
    p = texts_resume(c, PRINT_PRINTER);
  }
  struct printer *printer = texts_printer(c, PRINT_PRINTER);
  for (i64 i = as_int(c->locals[PRINT_NEXT]); p == PART_DONE && i < c->count; i++) {
    if (i) buf_putc(&printer->out, ' ');
    c->locals[PRINT_NEXT] = value_int(i + 1);
    p = texts_put(c, PRINT_PRINTER, c->args[i]);
  }
  if (p != PART_DONE) return part_leave(p);
  buf_puts(&printer->out, end);
  if (printer->out.failed) return throw_memory(c->vm);
  vm_write(c->vm, 1, buf_text(&printer->out), printer->out.len);
  buf_fini(&printer->out);
  return native_return(c, NIL);
}

static enum native_status global_print(struct call *c) { return print_values(c, "\n"); }
static enum native_status global_write(struct call *c) { return print_values(c, ""); }

static enum native_status global_repr(struct call *c)
{
  enum part p;
  if (c->step == 0) {
    texts_begin(c, 0, true);
    p = texts_put(c, 0, c->args[0]);
  } else {
    p = texts_resume(c, 0);
  }
  return p == PART_DONE ? texts_return(c, 0) : part_leave(p);
}

// About values

static enum native_status global_len(struct call *c)
{
  Value v = c->args[0];
  if (c->step > 0) return native_return(c, c->value);
  if (IS_STRING(v)) return return_int(c, string_count(AS_STRING(v)));
  if (IS_BYTES(v)) return return_int(c, AS_BYTES(v)->len);
  if (IS_LIST(v)) return return_int(c, AS_LIST(v)->len);
  if (IS_MAP(v) || IS_SET(v)) return return_int(c, AS_MAP(v)->count);
  if (IS_RANGE(v)) return native_return(c, number_from_u64(c->heap, range_len(AS_RANGE(v))));
  Value method = class_find_method(type_of(c->vm, v), c->vm->known.len);
  if (is_unset(method)) return throw_error(c->vm, c->vm->errors.type, "%s has no length", type_name(c->vm, v));
  return native_call_method(c, v, method, NULL, 0);
}

static enum native_status global_type(struct call *c)
{
  return native_return(c, value_object(type_of(c->vm, c->args[0])));
}

static enum native_status global_hash(struct call *c)
{
  Value v = c->args[0];
  if (c->step > 0) return native_return(c, c->value);
  Value method = IS_INSTANCE(v) ? class_find_method(AS_INSTANCE(v)->class, c->vm->known.hash) : UNSET;
  if (!is_unset(method)) return native_call_method(c, v, method, NULL, 0);
  u32 hash;
  if (key_plain_hash(c->heap, v, &hash)) return return_int(c, hash);
  if (map_is_key(v)) return return_int(c, value_hash(c->heap, v));
  if (c->heap->exhausted) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.type, "%s has no hash", IS_LIST(v) ? "a list of values that are not plain" : type_name(c->vm, v));
}

static enum native_status global_char(struct call *c)
{
  i64 n;
  char text[4];
  if (!arg_int(c, 0, &n)) return NATIVE_THROW;
  if (n < 0 || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF)) {
    return throw_error(c->vm, c->vm->errors.value, "char: %lld is not a code point", (long long)n);
  }
  return return_object(c, string_new(c->heap, text, utf8_encode((u32)n, text)));
}

static enum native_status global_ord(struct call *c)
{
  struct string *s;
  u32 point;
  if (!arg_string(c, 0, &s)) return NATIVE_THROW;
  if (string_count(s) != 1) {
    return throw_error(c->vm, c->vm->errors.value, "ord: the text must be one code point, not %u", string_count(s));
  }
  const char *bytes = string_bytes(c->heap, s);
  utf8_decode(bytes, bytes + s->len, &point);
  return return_int(c, point);
}

// Ending things

static enum native_status global_assert(struct call *c)
{
  struct string *message = NULL;
  if (!arg_string_or(c, 1, &message)) return NATIVE_THROW;
  if (!is_falsy(c->args[0])) return native_return(c, NIL);
  if (!message) return throw_error(c->vm, c->vm->errors.assertion, "the condition is not true");
  return throw_value(c->vm, value_object(error_new(c->vm, c->vm->errors.assertion, message)));
}

static enum native_status global_exit(struct call *c)
{
  i64 status = 0;
  if (!arg_int_or(c, 0, &status)) return NATIVE_THROW;
  if (status < 0 || status > 255) {
    return throw_error(c->vm, c->vm->errors.value, "exit: the status must be from 0 to 255, not %lld",
                       (long long)status);
  }
  struct instance *exit = error_new(c->vm, c->vm->errors.exit, NULL);
  *instance_slot(exit, ERROR_MESSAGE) = value_int(status);
  c->vm->thrown = value_object(exit);
  return NATIVE_THROW;
}

static const struct native global_natives[] = {
  { .name = "print",
    .fn = global_print,
    .max = NATIVE_REST,
    .locals = PRINT_LOCALS,
    .usage = "print(...values)",
    .doc = "Writes the texts of the values with a space between them, and a line end.\n"
           "Instances are shown by their method to_string.\n"
           "    print(\"answer:\", 42)     # answer: 42" },
  { .name = "write",
    .fn = global_write,
    .max = NATIVE_REST,
    .locals = PRINT_LOCALS,
    .usage = "write(...values)",
    .doc = "Writes as print does, but no line end.\n"
           "    write(\"loading\"); write(\".\")" },
  { .name = "repr",
    .fn = global_repr,
    .required = 1,
    .max = 1,
    .locals = 1,
    .usage = "repr(value)",
    .doc = "The text of a value as collections show it: strings quoted.\n"
           "    repr(\"a\\n\")              # \"\\\"a\\\\n\\\"\"" },
  { .name = "len",
    .fn = global_len,
    .required = 1,
    .max = 1,
    .usage = "len(value)",
    .doc = "The length of a string, bytes, list, map, set or range, or of what has a method len.\n"
           "    [1, 2] |> len            # 2" },
  { .name = "type",
    .fn = global_type,
    .required = 1,
    .max = 1,
    .usage = "type(value)",
    .doc = "The type of a value: a class.\n"
           "    type(1) == int           # true" },
  { .name = "hash",
    .fn = global_hash,
    .required = 1,
    .max = 1,
    .usage = "hash(value)",
    .doc = "An int that is the same for values that are equal; of instances what their method hash gives.\n"
           "It differs from run to run. A list of plain values has one too, for methods named hash; maps, sets and nil\n"
           "have none: a TypeError.\n"
           "    fn hash() => hash([self.x, self.y])" },
  { .name = "char",
    .fn = global_char,
    .required = 1,
    .max = 1,
    .usage = "char(code_point)",
    .doc = "The string of one code point.\n"
           "    char(233)                # \"é\"" },
  { .name = "ord",
    .fn = global_ord,
    .required = 1,
    .max = 1,
    .usage = "ord(char)",
    .doc = "The code point a string of one consists of, as an int.\n"
           "    ord(\"é\")                 # 233" },
  { .name = "assert",
    .fn = global_assert,
    .required = 1,
    .max = 2,
    .usage = "assert(condition, message = nil)",
    .doc = "Throws an AssertionError where the condition is nil or false.\n"
           "    assert(xs.len() > 0, \"nothing to do\")" },
  { .name = "exit",
    .fn = global_exit,
    .max = 1,
    .usage = "exit(status = 0)",
    .doc = "Ends the program with a status from 0 to 255; deferred calls and finally blocks of this task still run.\n"
           "Another status is a ValueError." },
};

bool builtin_open_global(struct lull *vm)
{
  return vm_define(vm, "done", DONE) && vm_define_natives(vm, global_natives, COUNT_OF(global_natives)) &&
         sequence_open_global(vm) && extreme_open_global(vm) && sort_open_global(vm);
}
