// json: the natives. Reading is in json_parse.c, writing in json_write.c.
#include "lib/json.h"

#include "builtin/walk.h"
#include "lib/lib.h"
#include "lib/parse.h"

static enum native_status json_fn_parse(struct call *c)
{
  struct text t;
  struct json_fault fault;
  if (!arg_text(c, 0, &t)) return NATIVE_THROW;
  Value v = json_parse(c->vm, t.s, t.len, &fault);
  return is_unset(v) ? json_throw(c, t.s, 1, &fault) : native_return(c, v);
}

static bool is_blank(const char *s, const char *end)
{
  while (s < end && (*s == ' ' || *s == '\t' || *s == '\r')) s++;
  return s == end;
}

// Lines that come one by one, from a stream or a list.
enum { LINES_WALK, LINES_VALUES = WALK_LOCALS, LINES_COUNT, LINES_LOCALS };

static bool take_line(struct call *c, Value line, size_t number)
{
  struct json_fault fault;
  if (!IS_STRING(line)) {
    throw_error(c->vm, c->vm->errors.type, "json.lines: lines are strings, not %s", type_name(c->vm, line));
    return false;
  }
  const char *text = string_bytes(c->heap, AS_STRING(line));
  u32 len = AS_STRING(line)->len;
  if (is_blank(text, text + len)) return true;
  Value v = json_parse(c->vm, text, len, &fault);
  if (is_unset(v)) json_throw(c, text, number, &fault);
  else if (list_push(c->heap, AS_LIST(c->locals[LINES_VALUES]), v)) return true;
  else throw_memory(c->vm);
  return false;
}

static enum native_status walk_lines(struct call *c)
{
  if (c->step == 0) {
    struct list *values = list_new(c->heap, 0);
    if (!values) return throw_memory(c->vm);
    c->locals[LINES_VALUES] = value_object(values);
    c->locals[LINES_COUNT] = value_raw(0);
    if (!walk_start(c, LINES_WALK, c->args[0])) return NATIVE_THROW;
  }
  Value item[2];
  enum walk_status s;
  while ((s = walk_next(c, LINES_WALK, item)) == WALK_ITEM) {
    if (!take_line(c, item[0], ++c->locals[LINES_COUNT].bits)) return NATIVE_THROW;
  }
  return s == WALK_END ? native_return(c, c->locals[LINES_VALUES]) : walk_leave(s);
}

static enum native_status json_fn_lines(struct call *c)
{
  struct text t;
  struct json_fault fault;
  if (!IS_STRING(c->args[0]) && !IS_BYTES(c->args[0])) return walk_lines(c);
  if (!arg_text(c, 0, &t)) return NATIVE_THROW;
  struct list *values = list_new(c->heap, 0);
  if (!values) return throw_memory(c->vm);
  const char *end = t.s + t.len;
  size_t line = 1;
  for (const char *s = t.s; s < end; line++) {
    const char *stop = memchr(s, '\n', (size_t)(end - s)), *to = stop ? stop : end;
    if (!is_blank(s, to)) {
      Value v = json_parse(c->vm, s, (size_t)(to - s), &fault);
      if (is_unset(v)) return json_throw(c, s, line, &fault);
      if (!list_push(c->heap, values, v)) return throw_memory(c->vm);
    }
    s = to + 1;
  }
  return return_object(c, values);
}

static enum native_status json_fn_text(struct call *c)
{
  if (c->step == 0) {
    u32 indent = 0;
    if (!arg_count_or(c, 1, &indent)) return NATIVE_THROW;
    if (indent > 16) return throw_error(c->vm, c->vm->errors.value, "json.text: at most 16 blanks of indent");
    if (!json_write_begin(c, 0, c->args[0], indent)) return NATIVE_THROW;
  }
  enum part p = json_write(c, 0);
  return p == PART_DONE ? return_text(c, json_written(c, 0)) : part_leave(p);
}

static const struct native natives[] = {
  { .name = "parse",
    .fn = json_fn_parse,
    .required = 1,
    .max = 1,
    .usage = "parse(text)",
    .doc = "The value a JSON text stands for.\n"
           "Objects are maps in the order of the text, ints are exact, whatever their size. Text is a string or bytes.\n"
           "What is no JSON is a ValueError that says line, column, and what was expected there.\n"
           "    json.parse(\"{\\\"a\\\": [1, 2.5, null]}\")  # {a: [1, 2.5, nil]}" },
  { .name = "text",
    .fn = json_fn_text,
    .required = 1,
    .max = 2,
    .locals = 1,
    .usage = "text(value, indent = nil)",
    .doc = "A value as JSON text, on one line, or with so many blanks of [indent] for each level.\n"
           "Lists, sets and ranges become arrays, maps objects; keys that are numbers or bools become strings.\n"
           "An instance is what its method to_json gives, else an object of its fields whose names have no leading _.\n"
           "nan, the infinities and a value inside itself are a ValueError, what has no form in JSON is a TypeError;\n"
           "both say where.\n"
           "    json.text({a: [1, nil]})      # \"{\\\"a\\\":[1,null]}\"" },
  { .name = "lines",
    .fn = json_fn_lines,
    .required = 1,
    .max = 1,
    .locals = LINES_LOCALS,
    .usage = "lines(source)",
    .doc = "A list of the values in a text that holds one JSON text a line; empty lines are skipped.\n"
           "The source is a string, bytes, or anything that gives lines when it is looped over: a list, or a stream, which\n"
           "is waited for. Where it has no end, loop over it and json.parse each line.\n"
           "    json.lines(\"1\\n[2]\\n\")         # [1, [2]]" },
};

bool lib_open_json(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
