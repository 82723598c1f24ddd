// The types as values: their names, and what calling them makes of other values.
#include <math.h>

#include "builtin/builtin.h"
#include "builtin/reply.h"
#include "builtin/texts.h"
#include "builtin/unicode.h"
#include "builtin/walk.h"
#include "value/number.h"
#include "value/range.h"
#include "vm/keys.h"

// Constructors are natives with the class as their argument 0.
enum { ARG = 1 };

static enum native_status not_a(struct call *c, const char *kind)
{
  struct buf quoted;
  buf_init(&quoted, &c->vm->alloc);
  struct string *s = AS_STRING(c->args[ARG]);
  struct string *part = string_count(s) > 40 ? string_slice(c->heap, s, 0, 40) : s;
  if (part) string_quote(c->heap, part, &quoted);
  enum native_status thrown = throw_error(c->vm, c->vm->errors.value, "%s%s is not %s", buf_text(&quoted),
                                          string_count(s) > 40 ? "..." : "", kind);
  buf_fini(&quoted);
  return thrown;
}

// The text of the argument without white space around it.
static void trimmed(struct call *c, const char **text, size_t *len)
{
  struct string *s = AS_STRING(c->args[ARG]);
  const char *from = string_bytes(c->heap, s), *to = from + s->len;
  while (from < to && unicode_is_space((u8)*from)) from++;
  while (to > from && (u8)to[-1] < 0x80 && unicode_is_space((u8)to[-1])) to--;
  *text = from;
  *len = (size_t)(to - from);
}

// Numbers

static int base_of_prefix(char letter)
{
  switch (letter | 0x20) {
  case 'x': return 16;
  case 'o': return 8;
  case 'b': return 2;
  default: return 0;
  }
}

static Value parse_int(struct call *c, const char *text, size_t len, int base)
{
  bool is_negative = len && *text == '-';
  size_t sign = len && (*text == '-' || *text == '+');
  bool has_prefix = len > sign + 2 && text[sign] == '0' && base_of_prefix(text[sign + 1]) == base;
  if (!has_prefix) return number_parse_int(c->heap, text, len, base);
  const char *digits = text + sign + 2;
  if (*digits == '-' || *digits == '+') return UNSET;
  Value n = number_parse_int(c->heap, digits, len - sign - 2, base);
  if (is_negative && !is_unset(n) && number_negate(c->heap, n, &n)) return UNSET;
  return n;
}

static enum native_status int_of_text(struct call *c)
{
  i64 base = 10;
  const char *text;
  size_t len;
  if (!arg_int_or(c, ARG + 1, &base)) return NATIVE_THROW;
  if (base < 2 || base > 36) return throw_error(c->vm, c->vm->errors.value, "int: the base must be from 2 to 36");
  trimmed(c, &text, &len);
  Value n = parse_int(c, text, len, (int)base);
  if (!is_unset(n)) return native_return(c, n);
  if (c->heap->exhausted) return throw_memory(c->vm);
  return not_a(c, base == 10 ? "an int" : "an int in that base");
}

static enum native_status int_new(struct call *c)
{
  Value v = c->args[ARG];
  if (IS_STRING(v)) return int_of_text(c);
  if (arg_has(c, ARG + 1)) return arg_fail(c, ARG, "a string where a base is given");
  if (is_integer(v)) return native_return(c, v);
  if (is_bool(v)) return return_int(c, !is_falsy(v));
  if (!is_float(v)) return arg_fail(c, ARG, "a number or a string");
  Value n = number_from_double(c->heap, trunc(as_float(v)));
  if (!is_unset(n)) return native_return(c, n);
  if (c->heap->exhausted) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.value, "int: nan and the infinities are no int");
}

static enum native_status float_new(struct call *c)
{
  Value v = c->args[ARG];
  double d = 0;
  if (IS_STRING(v)) {
    const char *text;
    size_t len;
    trimmed(c, &text, &len);
    return number_parse_float(text, len, &d) ? native_return(c, value_float(d)) : not_a(c, "a number");
  }
  if (is_bool(v)) return native_return(c, value_float(is_falsy(v) ? 0 : 1));
  if (!is_number(v)) return arg_fail(c, ARG, "a number or a string");
  if (number_to_double(v, &d)) return native_return(c, value_float(d));
  return throw_error(c->vm, c->vm->errors.arithmetic, "float: the int is too large for a float");
}

static enum native_status number_new(struct call *c)
{
  if (is_number(c->args[ARG])) return native_return(c, c->args[ARG]);
  if (!IS_STRING(c->args[ARG])) return arg_fail(c, ARG, "a number or a string");
  const char *text;
  size_t len;
  trimmed(c, &text, &len);
  Value n = number_parse_int(c->heap, text, len, 10);
  return is_unset(n) ? float_new(c) : native_return(c, n);
}

static enum native_status bool_new(struct call *c)
{
  return return_bool(c, arg_given(c, ARG) && !is_falsy(c->args[ARG]));
}

// Text and bytes

static enum native_status string_new_of(struct call *c)
{
  if (!arg_given(c, ARG)) return return_object(c, string_from(c->heap, ""));
  if (IS_STRING(c->args[ARG])) return native_return(c, c->args[ARG]);
  enum part p;
  if (c->step == 0) {
    texts_begin(c, 0, false);
    p = texts_put(c, 0, c->args[ARG]);
  } else {
    p = texts_resume(c, 0);
  }
  return p == PART_DONE ? texts_return(c, 0) : part_leave(p);
}

static enum native_status bytes_of_list(struct call *c, const struct list *list)
{
  struct bytes *b = bytes_new(c->heap, NULL, list->len);
  for (u32 i = 0; b && i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    Value v = list->items[i];
    if (!is_int(v)) {
      return throw_error(c->vm, c->vm->errors.type, "bytes: octets are ints, not %s", type_name(c->vm, v));
    }
    if (as_int(v) < 0 || as_int(v) > 255) {
      return throw_error(c->vm, c->vm->errors.value, "bytes: %lld is not from 0 to 255", (long long)as_int(v));
    }
    b->data[i] = (u8)as_int(v);
  }
  return return_object(c, b);
}

static enum native_status bytes_new_of(struct call *c)
{
  Value v = c->args[ARG];
  if (!arg_given(c, ARG)) return return_object(c, bytes_new(c->heap, NULL, 0));
  if (IS_BYTES(v)) return native_return(c, v);
  if (IS_STRING(v)) {
    const char *text = string_bytes(c->heap, AS_STRING(v));
    return return_object(c, bytes_new(c->heap, text, AS_STRING(v)->len));
  }
  if (is_int(v)) {
    u32 count;
    return arg_count(c, ARG, &count) ? return_object(c, bytes_new(c->heap, NULL, count)) : NATIVE_THROW;
  }
  struct list *list;
  enum walk_status s = walk_gather(c, 0, v, &list);
  return s == WALK_END ? bytes_of_list(c, list) : walk_leave(s);
}

// Collections

static enum native_status list_new_of(struct call *c)
{
  struct list *list;
  if (!arg_given(c, ARG)) return return_object(c, list_new(c->heap, 0));
  enum walk_status s = walk_gather(c, 0, c->args[ARG], &list);
  if (s != WALK_END) return walk_leave(s);
  return return_object(c, IS_LIST(c->args[ARG]) ? list_slice(c->heap, list, 0, list->len) : list);
}

// Of maps and sets made of something, a local behind those of the walk: the map, once all is to be put into it.
enum { MADE = GATHER_LOCALS, MADE_LOCALS };

static enum native_status map_of_pairs(struct call *c, const struct list *pairs)
{
  struct map *m = map_new(c->heap, pairs->len);
  struct list *flat = list_new(c->heap, pairs->len * 2);
  for (u32 i = 0; flat && i < pairs->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    Value pair = pairs->items[i];
    if (!IS_LIST(pair)) {
      return throw_error(c->vm, c->vm->errors.type, "map: entries are lists of key and value, not %s",
                         type_name(c->vm, pair));
    }
    if (AS_LIST(pair)->len != 2) {
      return throw_error(c->vm, c->vm->errors.value, "map: an entry is a list of two, not of %u", AS_LIST(pair)->len);
    }
    if (!list_append(c->heap, flat, AS_LIST(pair)->items, 2)) flat = NULL;
  }
  if (!m || !flat) return throw_memory(c->vm);
  c->result = c->locals[MADE] = value_object(m);
  return keys_put(c, m, value_object(flat));
}

static enum native_status map_new_of(struct call *c)
{
  if (!is_nil(c->locals[MADE])) return native_return(c, c->locals[MADE]);
  if (!arg_given(c, ARG)) return return_object(c, map_new(c->heap, 0));
  if (IS_MAP(c->args[ARG])) return return_object(c, map_copy(c->heap, AS_MAP(c->args[ARG])));
  struct list *pairs;
  enum walk_status s = walk_gather(c, 0, c->args[ARG], &pairs);
  return s == WALK_END ? map_of_pairs(c, pairs) : walk_leave(s);
}

static enum native_status set_new_of(struct call *c)
{
  if (!is_nil(c->locals[MADE])) return native_return(c, c->locals[MADE]);
  if (!arg_given(c, ARG)) return return_object(c, set_new(c->heap, 0));
  struct list *list;
  enum walk_status s = walk_gather(c, 0, c->args[ARG], &list);
  if (s != WALK_END) return walk_leave(s);
  struct map *set = set_new(c->heap, list->len);
  if (!set) return throw_memory(c->vm);
  c->result = c->locals[MADE] = value_object(set);
  return keys_put(c, set, value_object(list));
}

static enum native_status range_new_of(struct call *c)
{
  i64 from = 0, to, step = 1;
  bool has_from = arg_has(c, ARG + 1);
  if (!arg_int(c, ARG, has_from ? &from : &to)) return NATIVE_THROW;
  if (has_from && !arg_int(c, ARG + 1, &to)) return NATIVE_THROW;
  if (!arg_int_or(c, ARG + 2, &step)) return NATIVE_THROW;
  if (step == 0) return throw_error(c->vm, c->vm->errors.value, "range: the step cannot be 0");
  return return_object(c, range_new(c->heap, from, to, step, false));
}

static enum native_status not_made(struct call *c)
{
  const struct string *name = AS_CLASS(c->args[0])->name;
  return throw_error(c->vm, c->vm->errors.type, "%s is a type to test for; calling it makes nothing", string_text(name));
}

static const struct native constructors[] = {
  { .name = "int",
    .fn = int_new,
    .required = 1,
    .max = 2,
    .usage = "int(value, base = 10)",
    .doc = "The int that a number or a text stands for.\n"
           "Floats lose their fraction. Texts may have white space around them, a sign, and single _ between digits; in\n"
           "[base] 16, 8 and 2 also 0x, 0o and 0b before the digits. A text that is no int is a ValueError, as are nan and\n"
           "the infinities.\n"
           "    int(\"12\")                # 12\n"
           "    int(-3.7)                # -3\n"
           "    int(\"ff\", 16)            # 255" },
  { .name = "float",
    .fn = float_new,
    .required = 1,
    .max = 1,
    .usage = "float(value)",
    .doc = "The float that a number or a text stands for.\n"
           "A text that is no number is a ValueError, an int too large for a float an ArithmeticError.\n"
           "    float(\"1e3\")             # 1000.0" },
  { .name = "number",
    .fn = number_new,
    .required = 1,
    .max = 1,
    .usage = "number(value)",
    .doc = "The number that a text stands for: an int where it is one, else a float. x is number tests for both.\n"
           "    number(\"12\")             # 12\n"
           "    number(\"1.5\")            # 1.5" },
  { .name = "bool",
    .fn = bool_new,
    .max = 1,
    .usage = "bool(value = nil)",
    .doc = "false for nil and false, true for everything else.\n"
           "    bool(0)                  # true" },
  { .name = "string",
    .fn = string_new_of,
    .max = 1,
    .locals = 1,
    .usage = "string(value = \"\")",
    .doc = "The text of a value, as print shows it: instances by their method to_string.\n"
           "    string(5)                # \"5\"" },
  { .name = "bytes",
    .fn = bytes_new_of,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "bytes(value = nil)",
    .doc = "The UTF-8 of a text, the octets of ints from 0 to 255, or, given an int, so many zeros.\n"
           "    bytes(\"é\").len()         # 2\n"
           "    bytes([1, 255]).hex()    # \"01ff\"" },
  { .name = "list",
    .fn = list_new_of,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "list(values = [])",
    .doc = "A new list of all that [values] gives when looped over; of a map the keys.\n"
           "    list(0..3)               # [0, 1, 2]" },
  { .name = "map",
    .fn = map_new_of,
    .max = 1,
    .locals = MADE_LOCALS,
    .usage = "map(entries = {})",
    .doc = "A new map of entries, each a list of key and value; of a map a copy.\n"
           "    map([[\"a\", 1]])          # {a: 1}" },
  { .name = "set",
    .fn = set_new_of,
    .max = 1,
    .locals = MADE_LOCALS,
    .usage = "set(values = [])",
    .doc = "A new set of all that [values] gives when looped over.\n"
           "    set([1, 2, 1]).len()     # 2" },
  { .name = "range",
    .fn = range_new_of,
    .required = 1,
    .max = 3,
    .usage = "range(from, to = nil, step = 1)",
    .doc = "The ints from [from] up to, not including, [to]; given one alone, from 0 up to it.\n"
           "    list(range(0, 10, 5))    # [0, 5]" },
};

static const struct native no_constructor = { .name = "type",
                                              .fn = not_made,
                                              .max = NATIVE_REST,
                                              .usage = "type(...args)",
                                              .doc = "Types whose values are made otherwise." };

static bool set_constructor(struct lull *vm, struct class *class, const struct native *native)
{
  class->construct = native_value(vm, native, class->name, NATIVE_METHOD);
  class->doc = native->doc;
  return true;
}

static const struct native *find_constructor(const char *name)
{
  for (u32 i = 0; i < COUNT_OF(constructors); i++) {
    if (strcmp(constructors[i].name, name) == 0) return &constructors[i];
  }
  return NULL;
}

static enum native_status class_fn_name(struct call *c) { return return_object(c, AS_CLASS(c->args[0])->name); }

static enum native_status function_fn_name(struct call *c)
{
  Value f = c->args[0];
  if (is_kind(f, KIND_BOUND)) f = AS_BOUND(f)->method;
  const struct string *name = IS_CLOSURE(f) ? AS_CLOSURE(f)->proto->name : IS_NATIVE(f) ? AS_NATIVE(f)->name : NULL;
  return return_object(c, name ? name : string_from(c->heap, ""));
}

static const struct native class_getters[] = {
  { .name = "name", .fn = class_fn_name, .usage = "name", .doc = "The name of the class, as a string.\n    type(3).name   # \"int\"" },
};
static const struct native function_getters[] = {
  { .name = "name",
    .fn = function_fn_name,
    .usage = "name",
    .doc = "The name the function was declared with; an empty string for one without.\n    print.name     # \"print\"" },
};

// All types have their name, but for nil and class, which are words of the language.
bool builtin_open_types(struct lull *vm)
{
  struct class **classes = (struct class **)(void *)&vm->types;
  if (!class_add_getters(vm, vm->types.class_, class_getters, COUNT_OF(class_getters)) ||
      !class_add_getters(vm, vm->types.function_, function_getters, COUNT_OF(function_getters)))
    return false;
  for (size_t i = 0; i < sizeof vm->types / sizeof *classes; i++) {
    const char *name = string_cstr(&vm->heap, classes[i]->name);
    const struct native *native = find_constructor(name);
    if (!set_constructor(vm, classes[i], native ? native : &no_constructor)) return false;
    bool is_word = classes[i] == vm->types.nil_ || classes[i] == vm->types.class_;
    if (!is_word && !vm_define(vm, name, value_object(classes[i]))) return false;
  }
  return true;
}
