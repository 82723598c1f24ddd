// json: the natives. Reading is in json_parse.c, writing in json_write.c.
#include "lib/json.h"

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

static enum native_status json_fn_lines(struct call *c)
{
  struct text t;
  struct json_fault fault;
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
    .usage = "lines(text)",
    .doc = "A list of the values in a text that holds one JSON text a line; empty lines are skipped.\n"
           "A stream of lines is read with a loop over it and json.parse.\n"
           "    json.lines(\"1\\n[2]\\n\")         # [1, [2]]" },
};

bool lib_open_json(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
