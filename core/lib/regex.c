// regex: the natives. Patterns are compiled and run in regex_run.c, texts changed in regex_replace.c.
#include "lib/regex.h"

#include "base/utf8.h"
#include "lib/lib.h"

static void mark(struct heap *heap, struct object *o)
{
  struct regex *r = (struct regex *)(void *)o;
  heap_mark_object(heap, r->pattern);
  heap_mark_object(heap, r->flags);
}

static void finish(struct heap *heap, struct object *o)
{
  struct regex *r = (struct regex *)(void *)o;
  (void)heap;
  pcre2_match_context_free(r->context);
  pcre2_match_data_free(r->data);
  pcre2_jit_stack_free(r->stack);
  pcre2_code_free(r->code);
  pcre2_code_free(r->slow);
}

static void print(struct heap *heap, struct object *o, struct buf *out)
{
  struct regex *r = (struct regex *)(void *)o;
  buf_puts(out, "regex(");
  string_quote(heap, r->pattern, out);
  if (r->flags->len) {
    buf_puts(out, ", ");
    string_quote(heap, r->flags, out);
  }
  buf_putc(out, ')');
}

struct code_points code_points_of(struct call *c, u32 i)
{
  struct string *s = AS_STRING(c->args[i]);
  return (struct code_points){ .text = string_bytes(c->heap, s), .is_ascii = s->object.flags & STRING_ASCII };
}

static size_t code_point_at(struct code_points *p, size_t byte)
{
  if (p->is_ascii) return byte;
  if (byte < p->byte) return utf8_count(p->text, byte);
  p->point += utf8_count(p->text + p->byte, byte - p->byte);
  p->byte = byte;
  return p->point;
}

// Matches as values

static Value group_value(struct call *c, const struct regex *r, u32 i, struct text t)
{
  size_t from, to;
  if (!regex_group(r, i, &from, &to)) return NIL;
  struct string *s = string_new(c->heap, t.s + from, to - from);
  return s ? value_object(s) : UNSET;
}

static struct list *groups_value(struct call *c, const struct regex *r, struct text t)
{
  struct list *groups = list_new(c->heap, r->groups);
  for (u32 i = 1; groups && i <= r->groups; i++) {
    Value v = group_value(c, r, i, t);
    if (is_unset(v) || !list_push(c->heap, groups, v)) return NULL;
  }
  return groups;
}

// What the named groups matched, by name; without [groups] their numbers.
static struct map *named_value(struct call *c, const struct regex *r, const struct list *groups)
{
  u32 count = 0, size = 0;
  const u8 *table = NULL;
  pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
  struct map *named = map_new(c->heap, count);
  for (u32 group = 1; named && count && group <= r->groups; group++) {
    for (u32 i = 0; i < count; i++) {
      const u8 *entry = table + (size_t)i * size;
      if ((u32)(entry[0] << 8 | entry[1]) != group) continue;
      struct string *name = vm_intern(c->vm, (const char *)entry + 2);
      Value v = groups ? groups->items[group - 1] : value_int(group);
      if (!name || !map_set(c->heap, named, value_object(name), v)) return NULL;
    }
  }
  return named;
}

static bool put(struct call *c, struct map *m, const char *name, Value v)
{
  struct string *key = vm_intern(c->vm, name);
  return key && !is_unset(v) && map_set(c->heap, m, value_object(key), v);
}

Value regex_match_value(struct call *c, struct regex *r, struct text t, struct code_points *points)
{
  size_t from, to;
  regex_group(r, 0, &from, &to);
  struct map *m = map_new(c->heap, 5);
  struct list *groups = groups_value(c, r, t);
  struct map *named = groups ? named_value(c, r, groups) : NULL;
  bool is_made = m && named && put(c, m, "text", group_value(c, r, 0, t)) &&
                 put(c, m, "start", value_int((i64)code_point_at(points, from))) &&
                 put(c, m, "end", value_int((i64)code_point_at(points, to))) &&
                 put(c, m, "groups", value_object(groups)) && put(c, m, "named", value_object(named));
  return is_made ? value_object(m) : UNSET;
}

// Natives: the regex, or the text where they are methods of strings, is argument 0, the other one argument 1.

static bool begin(struct call *c, u32 regex_at, struct regex_walk *w, struct code_points *points)
{
  struct string *s;
  u32 text_at = 1 - regex_at;
  *w = (struct regex_walk){ 0 };
  if (!arg_string(c, text_at, &s) || !(w->regex = arg_regex(c, regex_at))) return false;
  w->text = text_of(c, text_at);
  *points = code_points_of(c, text_at);
  return true;
}

static enum native_status match_first(struct call *c, u32 regex_at, u32 options)
{
  struct regex_walk w;
  struct code_points points;
  i64 from = 0;
  if (!begin(c, regex_at, &w, &points) || (c->native->max > 1 && !arg_int_or(c, 2, &from))) return NATIVE_THROW;
  struct string *s = AS_STRING(c->args[1 - regex_at]);
  if (from < 0) from = from + string_count(s) < 0 ? 0 : from + string_count(s);
  if (from > string_count(s)) return native_return(c, NIL);
  enum regex_found found = regex_run(c, w.regex, w.text, string_offset(c->heap, s, (u32)from), options);
  if (found != REGEX_FOUND) return found == REGEX_NONE ? native_return(c, NIL) : NATIVE_THROW;
  Value v = regex_match_value(c, w.regex, w.text, &points);
  return is_unset(v) ? throw_memory(c->vm) : native_return(c, v);
}

static enum native_status match_all(struct call *c, u32 regex_at, bool is_text_only)
{
  struct regex_walk w;
  struct code_points points;
  if (!begin(c, regex_at, &w, &points)) return NATIVE_THROW;
  struct list *all = list_new(c->heap, 0);
  enum regex_found found = REGEX_FOUND;
  while (all && (found = regex_next(c, &w)) == REGEX_FOUND) {
    Value v = is_text_only ? group_value(c, w.regex, 0, w.text) : regex_match_value(c, w.regex, w.text, &points);
    if (is_unset(v) || !list_push(c->heap, all, v)) all = NULL;
  }
  return found == REGEX_THROWN ? NATIVE_THROW : return_object(c, all);
}

static enum native_status regex_fn_match(struct call *c) { return match_first(c, 0, 0); }
static enum native_status regex_fn_match_all(struct call *c) { return match_all(c, 0, false); }
static enum native_status regex_fn_find_all(struct call *c) { return match_all(c, 0, true); }
static enum native_status string_fn_match(struct call *c) { return match_first(c, 1, 0); }
static enum native_status string_fn_match_all(struct call *c) { return match_all(c, 1, false); }
static enum native_status string_fn_find_all(struct call *c) { return match_all(c, 1, true); }

static enum native_status regex_fn_full_match(struct call *c)
{
  return match_first(c, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

static enum native_status regex_fn_find(struct call *c)
{
  struct regex_walk w;
  struct code_points points;
  if (!begin(c, 0, &w, &points)) return NATIVE_THROW;
  enum regex_found found = regex_run(c, w.regex, w.text, 0, 0);
  if (found == REGEX_THROWN) return NATIVE_THROW;
  Value v = found == REGEX_FOUND ? group_value(c, w.regex, 0, w.text) : NIL;
  return is_unset(v) ? throw_memory(c->vm) : native_return(c, v);
}

static enum native_status regex_fn_test(struct call *c)
{
  struct regex_walk w;
  struct code_points points;
  if (!begin(c, 0, &w, &points)) return NATIVE_THROW;
  enum regex_found found = regex_run(c, w.regex, w.text, 0, 0);
  return found == REGEX_THROWN ? NATIVE_THROW : return_bool(c, found == REGEX_FOUND);
}

static struct regex *self(struct call *c) { return (struct regex *)(void *)as_object(c->args[0]); }

static enum native_status regex_get_pattern(struct call *c) { return return_object(c, self(c)->pattern); }
static enum native_status regex_get_flags(struct call *c) { return return_object(c, self(c)->flags); }
static enum native_status regex_get_groups(struct call *c) { return return_int(c, self(c)->groups); }
static enum native_status regex_get_names(struct call *c) { return return_object(c, named_value(c, self(c), NULL)); }

static enum native_status regex_new(struct call *c)
{
  struct string *pattern, *flags = NULL;
  if (is_box(c->args[1], &regex_class) && !arg_has(c, 2)) return native_return(c, c->args[1]);
  if (!arg_string(c, 1, &pattern) || !arg_string_or(c, 2, &flags)) return NATIVE_THROW;
  if (!flags && !(flags = string_new(c->heap, "", 0))) return throw_memory(c->vm);
  struct regex *r = regex_of(c, pattern, flags);
  return r ? native_return(c, value_object(r)) : NATIVE_THROW;
}

static enum native_status regex_escape(struct call *c)
{
  struct string *s;
  if (!arg_string(c, 0, &s)) return NATIVE_THROW;
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  for (u32 i = 0; i < t.len; i++) {
    if (t.s[i] && strchr("\\^$.|?*+()[]{}-#/ \t\n", t.s[i])) buf_putc(&out, '\\');
    buf_putc(&out, t.s[i]);
  }
  return return_text(c, &out);
}

static const struct native functions[] = {
  { .name = "escape",
    .fn = regex_escape,
    .required = 1,
    .max = 1,
    .usage = "escape(text)",
    .doc = "A pattern that matches just this text.\n"
           "    regex.escape(\"1+1\")          # \"1\\\\+1\"" },
};

static const struct native construct = {
  .name = "regex",
  .fn = regex_new,
  .required = 1,
  .max = 2,
  .usage = "regex(pattern, flags = \"\")",
  .doc = "A regular expression.\n"
         "The flags are the letters i (upper and lower case are one), m (^ and $ match at lines), s (. matches line ends\n"
         "too) and x (blanks and comments in the pattern do not count). What is no pattern is a ValueError that shows\n"
         "where. Raw strings spare doubled backslashes. Patterns are compiled once, however often they are asked for.\n"
         "    regex('^\\d+$').test(\"42\")    # true",
};

static const struct native getters[] = {
  { .name = "pattern", .fn = regex_get_pattern, .usage = "pattern", .doc = "The pattern, a string." },
  { .name = "flags", .fn = regex_get_flags, .usage = "flags", .doc = "The letters of its flags." },
  { .name = "groups", .fn = regex_get_groups, .usage = "groups", .doc = "The number of groups in round brackets." },
  { .name = "names", .fn = regex_get_names, .usage = "names", .doc = "A map from the names of groups to their numbers." },
};

static const struct native methods[] = {
  { .name = "test",
    .fn = regex_fn_test,
    .required = 1,
    .max = 1,
    .usage = "test(text)",
    .doc = "True where the pattern matches anywhere in the text." },
  { .name = "match",
    .fn = regex_fn_match,
    .required = 1,
    .max = 2,
    .usage = "match(text, from = 0)",
    .doc = "The first match at or after index [from], or nil.\n"
           "A match is a map: its `text`, its `start` and `end` as indexes of characters, the list `groups` of what the\n"
           "groups matched (nil for those that took no part), and the same by name in the map `named`.\n"
           "    regex('(?<y>\\d+)-(\\d+)').match(\"at 2026-11\").named.y     # \"2026\"" },
  { .name = "full_match",
    .fn = regex_fn_full_match,
    .required = 1,
    .max = 1,
    .usage = "full_match(text)",
    .doc = "The match of the whole text, or nil." },
  { .name = "match_all",
    .fn = regex_fn_match_all,
    .required = 1,
    .max = 1,
    .usage = "match_all(text)",
    .doc = "A list of all matches, one behind the other." },
  { .name = "find",
    .fn = regex_fn_find,
    .required = 1,
    .max = 1,
    .usage = "find(text)",
    .doc = "The text of the first match, or nil." },
  { .name = "find_all",
    .fn = regex_fn_find_all,
    .required = 1,
    .max = 1,
    .usage = "find_all(text)",
    .doc = "A list of the texts of all matches.\n"
           "    regex('\\d+').find_all(\"3 of 12\")       # [\"3\", \"12\"]" },
  { .name = "replace",
    .fn = regex_fn_replace,
    .required = 2,
    .max = 3,
    .locals = REPLACE_LOCALS,
    .usage = "replace(text, new, limit = nil)",
    .doc = "The text with [new] in place of each match, or of the first [limit].\n"
           "In a string, `$1` stands for a group, `$<name>` for a named one, `$&` for the whole match and `$$` for a dollar.\n"
           "A function is called with each match and gives the string.\n"
           "    regex('(\\w+)@(\\w+)').replace(\"a@b\", \"$2 $1\")     # \"b a\"" },
  { .name = "split",
    .fn = regex_fn_split,
    .required = 1,
    .max = 2,
    .usage = "split(text, limit = nil)",
    .doc = "A list of what is between the matches; at most [limit] cuts are made.\n"
           "    regex(' *, *').split(\"a , b,c\")          # [\"a\", \"b\", \"c\"]" },
};

// Methods of strings.
static const struct native of_strings[] = {
  { .name = "match",
    .fn = string_fn_match,
    .required = 1,
    .max = 2,
    .usage = "match(regex, from = 0)",
    .doc = "The first match of a regex or pattern at or after index [from], a map as regex.match gives, or nil.\n"
           "    \"v1.2\".match('(\\d)\\.(\\d)').groups       # [\"1\", \"2\"]" },
  { .name = "match_all",
    .fn = string_fn_match_all,
    .required = 1,
    .max = 1,
    .usage = "match_all(regex)",
    .doc = "A list of all matches of a regex or pattern." },
  { .name = "find_all",
    .fn = string_fn_find_all,
    .required = 1,
    .max = 1,
    .usage = "find_all(regex)",
    .doc = "A list of the texts of all matches of a regex or pattern." },
};

const struct native_class regex_class = {
  .name = "regex",
  .doc = "A regular expression: regex(pattern, flags = \"\").",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .construct = &construct,
  .size = sizeof(struct regex),
  .mark = mark,
  .finish = finish,
  .print = print,
};

bool lib_open_regex(struct lull *vm, struct module *m)
{
  struct class *class = native_class(vm, &regex_class);
  if (!class) return false;
  m->call = &class->object;
  heap_barrier(&vm->heap, m);
  return module_add_natives(vm, m, functions, COUNT_OF(functions));
}

bool lib_open_regex_strings(struct lull *vm)
{
  return class_add_natives(vm, vm->types.string_, of_strings, COUNT_OF(of_strings));
}
