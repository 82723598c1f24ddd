// Methods of strings that look for a text inside, and take apart or put together by it. Bytes are compared:
// UTF-8 cannot match in the middle of a character.
#include "builtin/builtin.h"

#include "base/utf8.h"
#include "builtin/text.h"
#include "builtin/unicode.h"

static const char *find(struct call *c, struct text t, struct text part)
{
  if (part.len == 0) return t.s;
  if (part.len == 1) return memchr(t.s, *part.s, t.len);  // a gigabyte takes less than a tenth of a second
  return bytes_search(c->heap, t.s, t.len, part.s, part.len);
}

static const char *find_last(struct call *c, struct text t, struct text part)
{
  for (u32 at = t.len + 1; at-- > 0;) {
    if (heap_must_stop_at(c->heap, at)) break;
    if (text_starts_with((struct text){ t.s + at, t.len - at }, part)) return t.s + at;
  }
  return NULL;
}

static struct text behind(struct text t, const char *at)
{
  return (struct text){ at, (u32)(t.s + t.len - at) };
}

static enum native_status return_position(struct call *c, struct text t, const char *found)
{
  if (!found) return native_return(c, NIL);
  size_t offset = (size_t)(found - t.s);
  bool is_ascii = AS_STRING(c->args[0])->object.flags & STRING_ASCII;
  return return_int(c, (i64)(is_ascii ? offset : utf8_count(t.s, offset)));
}

static enum native_status string_fn_index_of(struct call *c)
{
  struct string *self = AS_STRING(c->args[0]), *part;
  i64 from = 0;
  if (!arg_string(c, 1, &part) || !arg_int_or(c, 2, &from)) return NATIVE_THROW;
  if (from < 0) from = from + string_count(self) < 0 ? 0 : from + string_count(self);
  if (from > string_count(self)) return native_return(c, NIL);
  struct text t = text_of(c, 0), p = text_of(c, 1);
  return return_position(c, t, find(c, behind(t, t.s + string_offset(c->heap, self, (u32)from)), p));
}

static enum native_status string_fn_last_index_of(struct call *c)
{
  struct string *part;
  if (!arg_string(c, 1, &part)) return NATIVE_THROW;
  struct text t = text_of(c, 0);
  return return_position(c, t, find_last(c, t, text_of(c, 1)));
}

// A pattern knows for itself how texts are searched: s.split(p) is p.split(s).
static bool is_pattern(struct call *c) { return is_kind(c->args[1], KIND_BOX); }

static enum native_status ask_pattern(struct call *c, const char *name)
{
  if (c->step > 0) return native_return(c, c->value);
  struct string *interned = vm_intern(c->vm, name);
  if (!interned) return throw_memory(c->vm);
  Value method = class_find_method(type_of(c->vm, c->args[1]), interned);
  if (is_unset(method)) return arg_fail(c, 1, "a string or a regex");
  Value args[] = { c->args[0], NIL, NIL };
  u32 count = 1;
  for (u32 i = 2; i <= c->native->max && count < COUNT_OF(args); i++) args[count++] = arg_given(c, i) ? c->args[i] : NIL;
  return native_call_method(c, c->args[1], method, args, count);
}

static enum native_status string_fn_contains(struct call *c)
{
  if (is_pattern(c)) return ask_pattern(c, "test");
  struct string *part;
  if (!arg_string(c, 1, &part)) return NATIVE_THROW;
  return return_bool(c, find(c, text_of(c, 0), text_of(c, 1)) != NULL);
}

static enum native_status string_fn_starts_with(struct call *c)
{
  struct string *part;
  if (!arg_string(c, 1, &part)) return NATIVE_THROW;
  return return_bool(c, text_starts_with(text_of(c, 0), text_of(c, 1)));
}

static enum native_status string_fn_ends_with(struct call *c)
{
  struct string *part;
  if (!arg_string(c, 1, &part)) return NATIVE_THROW;
  return return_bool(c, text_ends_with(text_of(c, 0), text_of(c, 1)));
}

static enum native_status not_empty(struct call *c)
{
  return throw_error(c->vm, c->vm->errors.value, "the text to look for is empty");
}

static enum native_status string_fn_count(struct call *c)
{
  struct string *part;
  if (!arg_string(c, 1, &part)) return NATIVE_THROW;
  if (part->len == 0) return not_empty(c);
  struct text t = text_of(c, 0), p = text_of(c, 1);
  i64 count = 0;
  for (const char *at = t.s; (at = find(c, behind(t, at), p)); at += p.len) {
    if (native_must_stop_at(c, (u64)count++)) return NATIVE_THROW;
  }
  return return_int(c, count);
}

static enum native_status string_fn_replace(struct call *c)
{
  if (is_pattern(c)) return ask_pattern(c, "replace");
  struct string *old, *new;
  u32 limit = UINT32_MAX;
  if (!arg_string(c, 1, &old) || !arg_string(c, 2, &new) || !arg_count_or(c, 3, &limit)) return NATIVE_THROW;
  if (old->len == 0) return not_empty(c);
  struct text t = text_of(c, 0), from = text_of(c, 1), to = text_of(c, 2);
  const char *at = t.s, *found = limit ? find(c, t, from) : NULL;
  if (!found) return native_return(c, c->args[0]);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  for (; found && limit-- > 0 && !out.failed; found = find(c, behind(t, at), from)) {
    out.failed |= heap_must_stop_at(c->heap, limit);
    buf_append(&out, at, (size_t)(found - at));
    buf_append(&out, to.s, to.len);
    at = found + from.len;
  }
  buf_append(&out, at, behind(t, at).len);
  return return_text(c, &out);
}

// Taking apart. The same pieces tend to come again and again: those that came first are remembered in a hashed table, at
// most half full, and become one string each; until the table is full and has met too few.

#define KNOWN_MIN 64  // places for pieces remembered
#define KNOWN_MAX 16384
#define KNOWN_LEN 32  // bytes of the longest piece remembered
#define BYTES_PER_PIECE 8

struct cutter {
  struct call *c;
  struct list *list;
  struct string **known;  // NULL: none
  u32 size;               // of it, a power of two
  u32 made, met;
};

static void forget(struct cutter *cut)
{
  mem_free(&cut->c->vm->alloc, cut->known, cut->size * sizeof *cut->known);
  cut->known = NULL;
}

static bool cutter_init(struct cutter *cut, struct call *c, u32 len)
{
  *cut = (struct cutter){ .c = c, .list = list_new(c->heap, 0), .size = KNOWN_MIN };
  while (cut->size < KNOWN_MAX && cut->size * BYTES_PER_PIECE < len) cut->size *= 2;
  if (len > KNOWN_MIN * BYTES_PER_PIECE) cut->known = mem_alloc_zero(&c->vm->alloc, cut->size * sizeof *cut->known);
  return cut->list != NULL;
}

static enum native_status cutter_return(struct cutter *cut, bool is_done)
{
  forget(cut);
  return return_object(cut->c, is_done ? cut->list : NULL);
}

// A piece of 1 to 32 bytes, mixed: of its beginning and its end.
static u32 place_of(struct text t)
{
  u64 head = 0, tail = 0;
  if (t.len >= 8) {
    memcpy(&head, t.s, 8);
    memcpy(&tail, t.s + t.len - 8, 8);
  } else if (t.len >= 4) {
    memcpy(&head, t.s, 4);
    memcpy(&tail, t.s + t.len - 4, 4);
  } else {
    head = (u8)t.s[0] | (u64)(u8)t.s[t.len / 2] << 8 | (u64)(u8)t.s[t.len - 1] << 16;
  }
  u64 mixed = (head ^ (tail << 29 | tail >> 35) ^ t.len) * UINT64_C(0x9E3779B97F4A7C15);
  return (u32)(mixed >> 40);
}

// Where the piece is or would go.
static struct string **place_in(const struct cutter *cut, struct text t)
{
  for (u32 at = place_of(t);; at++) {
    struct string **place = &cut->known[at & (cut->size - 1)], *s = *place;
    if (!s || (s->len == t.len && memcmp(string_text(s), t.s, t.len) == 0)) return place;
  }
}

static bool cut_known(struct cutter *cut, struct text t)
{
  struct string **place = place_in(cut, t), *s = *place;
  if (s) {
    cut->met++;
  } else {
    s = string_new(cut->c->heap, t.s, t.len);
    if (!s) return false;
    if (cut->made < cut->size / 2) *place = s;
    cut->made++;
    if (cut->made == cut->size && cut->met < cut->size) forget(cut);
  }
  return list_push(cut->c->heap, cut->list, value_object(s));
}

static bool cut_piece(struct cutter *cut, struct text t)
{
  return cut->known && t.len && t.len <= KNOWN_LEN ? cut_known(cut, t) : text_push(cut->c, cut->list, t);
}

static enum native_status split_at(struct call *c, struct text sep, u32 limit)
{
  struct text t = text_of(c, 0);
  struct cutter cutter;
  bool is_done = cutter_init(&cutter, c, t.len);
  const char *found;
  for (; is_done && limit > 0 && (found = find(c, t, sep)); limit--) {
    is_done = !heap_must_stop_at(c->heap, limit) && cut_piece(&cutter, (struct text){ t.s, (u32)(found - t.s) });
    t = behind(t, found + sep.len);
  }
  return cutter_return(&cutter, is_done && cut_piece(&cutter, t));
}

static bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The end of the run of characters at [s] that are white space, or are not.
static const char *skip(const char *s, const char *end, bool is_space)
{
  while (s < end) {
    u32 point;
    if ((u8)*s < 0x80) {
      if (is_ascii_space(*s) != is_space) break;
      s++;
      continue;
    }
    int len = utf8_decode(s, end, &point);
    if (unicode_is_space(point) != is_space) break;
    s += len;
  }
  return s;
}

static enum native_status split_words(struct call *c, u32 limit)
{
  struct text t = text_of(c, 0);
  struct cutter cutter;
  bool is_done = cutter_init(&cutter, c, t.len);
  const char *end = t.s + t.len;
  for (const char *s = skip(t.s, end, true); is_done && s < end;) {
    if (heap_must_stop_at(c->heap, cutter.list->len)) break;
    const char *to = cutter.list->len < limit ? skip(s, end, false) : end;
    is_done = cut_piece(&cutter, (struct text){ s, (u32)(to - s) });
    s = skip(to, end, true);
  }
  return cutter_return(&cutter, is_done);
}

static enum native_status string_fn_split(struct call *c)
{
  if (is_pattern(c)) return ask_pattern(c, "split");
  struct string *sep = NULL;
  u32 limit = UINT32_MAX;
  if (!arg_string_or(c, 1, &sep) || !arg_count_or(c, 2, &limit)) return NATIVE_THROW;
  if (!sep) return split_words(c, limit);
  if (sep->len == 0) {
    return throw_error(c->vm, c->vm->errors.value, "the separator is empty; chars() gives the characters");
  }
  return split_at(c, text_of(c, 1), limit);
}

static enum native_status string_fn_split_once(struct call *c)
{
  struct string *sep;
  if (!arg_string(c, 1, &sep)) return NATIVE_THROW;
  struct text t = text_of(c, 0), p = text_of(c, 1);
  if (p.len == 0) return not_empty(c);
  const char *found = find(c, t, p);
  if (!found) return native_return(c, NIL);
  struct list *pair = list_new(c->heap, 2);
  bool is_done = pair && text_push(c, pair, (struct text){ t.s, (u32)(found - t.s) }) &&
                 text_push(c, pair, behind(t, found + p.len));
  return return_object(c, is_done ? pair : NULL);
}

static enum native_status string_fn_lines(struct call *c)
{
  struct text t = text_of(c, 0);
  struct list *list = list_new(c->heap, 0);
  if (!list) return throw_memory(c->vm);
  const char *end = t.s + t.len;
  for (const char *s = t.s; s < end;) {
    if (native_must_stop_at(c, list->len)) return NATIVE_THROW;
    const char *stop = memchr(s, '\n', (size_t)(end - s));
    const char *to = stop ? stop : end;
    u32 len = (u32)(to - s);
    if (stop && len > 0 && to[-1] == '\r') len--;
    if (!text_push(c, list, (struct text){ s, len })) return throw_memory(c->vm);
    s = stop ? stop + 1 : end;
  }
  return return_object(c, list);
}

static const struct native string_search_natives[] = {
  { .name = "index_of",
    .fn = string_fn_index_of,
    .required = 1,
    .max = 2,
    .usage = "index_of(part, from = 0)",
    .doc = "The index of the first [part] at or after [from], or nil where there is none.\n"
           "    \"banana\".index_of(\"an\", 2)    # 3" },
  { .name = "last_index_of",
    .fn = string_fn_last_index_of,
    .required = 1,
    .max = 1,
    .usage = "last_index_of(part)",
    .doc = "The index of the last [part], or nil where there is none.\n"
           "    \"banana\".last_index_of(\"an\")  # 3" },
  { .name = "contains",
    .fn = string_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "contains(part)",
    .doc = "True where [part], a text or a regex, occurs. The same as part in s.\n"
           "    \"banana\".contains(\"nan\")      # true" },
  { .name = "starts_with",
    .fn = string_fn_starts_with,
    .required = 1,
    .max = 1,
    .usage = "starts_with(prefix)",
    .doc = "True where the text begins with [prefix].\n"
           "    \"banana\".starts_with(\"ban\")   # true" },
  { .name = "ends_with",
    .fn = string_fn_ends_with,
    .required = 1,
    .max = 1,
    .usage = "ends_with(suffix)",
    .doc = "True where the text ends with [suffix].\n"
           "    \"banana\".ends_with(\"na\")      # true" },
  { .name = "count",
    .fn = string_fn_count,
    .required = 1,
    .max = 1,
    .usage = "count(part)",
    .doc = "How often [part] occurs, without overlaps.\n"
           "An empty part is a ValueError.\n"
           "    \"banana\".count(\"an\")          # 2" },
  { .name = "replace",
    .fn = string_fn_replace,
    .required = 2,
    .max = 3,
    .usage = "replace(old, new, limit = nil)",
    .doc = "The text with [new] in place of each [old], or of the first [limit] of them.\n"
           "An empty old text is a ValueError. With a regex, [new] is as in the regex's method replace.\n"
           "    \"banana\".replace(\"a\", \"o\", 2) # \"bonona\"" },
  { .name = "split",
    .fn = string_fn_split,
    .max = 2,
    .usage = "split(separator = nil, limit = nil)",
    .doc = "A list of the parts between the separators; without one, of the words between white space.\n"
           "At most [limit] cuts are made, and the last part holds the rest. An empty separator is a ValueError; a regex cuts\n"
           "at each match.\n"
           "    \"a,b,,c\".split(\",\")           # [\"a\", \"b\", \"\", \"c\"]\n"
           "    \" one  two \".split()          # [\"one\", \"two\"]\n"
           "    \"k=v=w\".split(\"=\", 1)         # [\"k\", \"v=w\"]" },
  { .name = "split_once",
    .fn = string_fn_split_once,
    .required = 1,
    .max = 1,
    .usage = "split_once(separator)",
    .doc = "A list of what is before and what is behind the first separator; nil where there is none.\n"
           "    let [key, value] = \"k=v\".split_once(\"=\")" },
  { .name = "lines",
    .fn = string_fn_lines,
    .usage = "lines()",
    .doc = "A list of the lines, without their ends: LF or CR LF.\n"
           "    \"a\\nb\\n\".lines()             # [\"a\", \"b\"]" },
};

bool builtin_open_string_search(struct lull *vm)
{
  return class_add_natives(vm, vm->types.string_, string_search_natives, COUNT_OF(string_search_natives));
}
