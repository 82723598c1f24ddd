#include "lib/json.h"

#include <math.h>
#include <stdio.h>

#include "lib/parse.h"
#include "value/number.h"
#include "value/range.h"
#include "vm/box.h"

#define PLACE_SHOWN 120  // bytes of the place an error names

// A container under way.
struct json_level {
  Value container;
  u32 at;  // items, entries or slots already taken
  bool has_any;
};

struct json_writer {
  struct box box;
  struct lull *vm;
  Value next;     // written next; UNSET: the innermost container goes on
  Value subject;  // whose method to_json is called; UNSET otherwise
  u32 indent;  // blanks a level; 0: all on one line
  struct buf out;
  VEC(struct json_level) levels;
};

// Text

void json_put_string(struct heap *heap, const char *text, size_t len, struct buf *out)
{
  static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *end = text + len;
  buf_putc(out, '"');
  for (u32 turn = 0; !out->failed; turn++) {
    const char *s = text;
    out->failed |= heap_must_stop_at(heap, turn);
    while (s < end && (u8)*s >= 0x20 && *s != '"' && *s != '\\') s++;
    buf_append(out, text, (size_t)(s - text));
    if (s == end) break;
    const char *name = *s ? strchr(names, *s) : NULL;
    if (name) {
      buf_putc(out, '\\');
      buf_putc(out, letters[name - names]);
    } else {
      buf_printf(out, "\\u%04x", (u8)*s);
    }
    text = s + 1;
  }
  buf_putc(out, '"');
}

static void put_text(struct json_writer *w, struct string *s, struct buf *out)
{
  const char *text = string_bytes(&w->vm->heap, s);
  json_put_string(&w->vm->heap, text, s->len, out);
}

static void put_line(struct json_writer *w)
{
  if (!w->indent) return;
  buf_putc(&w->out, '\n');
  buf_repeat(&w->out, ' ', (size_t)w->indent * w->levels.len);
}

// Faults

static bool is_name(const char *text, u32 len)
{
  for (u32 i = 0; i < len; i++) {
    bool is_letter = text[i] == '_' || ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z');
    if (!is_letter && (i == 0 || text[i] < '0' || text[i] > '9')) return false;
  }
  return len > 0;
}

// The element of a container that was taken last: `.name`, `["a key"]`, `[3]`.
static void put_step(struct json_writer *w, const struct json_level *level, struct buf *out)
{
  Value c = level->container, key = UNSET;
  u32 at = level->at - 1;
  if (IS_INSTANCE(c)) key = value_object(shape_name(shape_of(&w->vm->shapes, as_object(c)->shape), at));
  else if (IS_MAP(c)) key = AS_MAP(c)->entries[at].key;
  if (!IS_STRING(key)) {
    buf_printf(out, "[%u]", at);
    return;
  }
  const char *text = string_bytes(&w->vm->heap, AS_STRING(key));
  bool is_plain = is_name(text, AS_STRING(key)->len);
  buf_putc(out, is_plain ? '.' : '[');
  if (is_plain) string_write(AS_STRING(key), out);
  else put_text(w, AS_STRING(key), out);
  if (!is_plain) buf_putc(out, ']');
}

static COLD enum part fail(struct json_writer *w, struct class *class, const char *what, const char *why)
{
  struct buf place;
  buf_init(&place, &w->vm->alloc);
  for (u32 i = 0; i < w->levels.len && place.len < PLACE_SHOWN; i++) {
    if (w->levels.data[i].at) put_step(w, &w->levels.data[i], &place);
  }
  const char *cut = place.len >= PLACE_SHOWN ? " ..." : "";
  if (place.len) throw_error(w->vm, class, "json.text: %s%s (at %s%s)", what, why, buf_text(&place), cut);
  else throw_error(w->vm, class, "json.text: %s%s", what, why);
  buf_fini(&place);
  return PART_THROW;
}

static enum part fail_kind(struct json_writer *w, Value v)
{
  if (IS_BYTES(v)) {
    return fail(w, w->vm->errors.type, "bytes have no form in JSON",
                " (decode() makes text of them, hex() and base64.encode too)");
  }
  char what[80];
  snprintf(what, sizeof what, "a %s has no form in JSON", type_name(w->vm, v));
  return fail(w, w->vm->errors.type, what, "");
}

// Containers

// Whoever goes down a cycle comes by one and the same container again and again, in the same way each time. So it is
// enough to compare with the one container at the depth that was the last power of two.
static bool is_inside_itself(const struct json_writer *w, Value v)
{
  u32 depth = w->levels.len;
  if (!depth) return false;
  u32 power = (u32)1 << (31 - __builtin_clz(depth));
  return is_same(w->levels.data[power - 1].container, v);
}

static char bracket(Value container, bool is_end)
{
  bool is_map = IS_MAP(container) || IS_INSTANCE(container);
  return is_map ? (is_end ? '}' : '{') : (is_end ? ']' : '[');
}

static enum part open_level(struct json_writer *w, Value v)
{
  if (is_inside_itself(w, v)) return fail(w, w->vm->errors.value, "a value that contains itself", " has no end in JSON");
  if (w->levels.len >= JSON_DEPTH_MAX) return fail(w, w->vm->errors.limit, "nested too deep", "");
  if (!vec_push(&w->vm->alloc, &w->levels, (struct json_level){ .container = v })) {
    throw_memory(w->vm);
    return PART_THROW;
  }
  buf_putc(&w->out, bracket(v, false));
  return PART_DONE;
}

static void close_level(struct json_writer *w)
{
  struct json_level level = vec_pop(&w->levels);
  if (level.has_any) put_line(w);
  buf_putc(&w->out, bracket(level.container, true));
}

static bool put_number(struct json_writer *w, Value v)
{
  bool is_finite = !is_float(v) || isfinite(as_float(v));
  if (is_finite) number_print(&w->vm->heap, v, &w->out);
  return is_finite;
}

static enum part fail_key(struct json_writer *w, struct class *class, const char *what)
{
  vec_last(&w->levels).at = 0;
  return fail(w, class, what, " cannot be keys in JSON");
}

// Keys are texts; numbers and bools become theirs.
static enum part put_key(struct json_writer *w, Value key)
{
  struct known_errors *errors = &w->vm->errors;
  if (IS_STRING(key)) {
    put_text(w, AS_STRING(key), &w->out);
  } else if (is_number(key) || is_bool(key)) {
    buf_putc(&w->out, '"');
    if (is_bool(key)) buf_puts(&w->out, is_falsy(key) ? "false" : "true");
    else if (!put_number(w, key)) return fail_key(w, errors->value, "nan and the infinities");
    buf_putc(&w->out, '"');
  } else {
    return fail_key(w, errors->type, "objects other than strings");
  }
  buf_putc(&w->out, ':');
  if (w->indent) buf_putc(&w->out, ' ');
  return PART_DONE;
}

// The next public field with a value: its name and value.
static bool next_field(struct json_writer *w, struct json_level *level, Value *key, Value *v)
{
  struct instance *i = AS_INSTANCE(level->container);
  const struct shape *shape = shape_of(&w->vm->shapes, i->object.shape);
  while (level->at < shape->count) {
    u32 slot = level->at++;
    struct string *name = shape_name(shape, slot);
    *v = *instance_slot(i, slot);
    *key = value_object(name);
    bool is_public = *string_bytes(&w->vm->heap, name) != '_';
    if (is_public && !is_unset(*v) && !(i->class->is_error && slot == ERROR_TRACE)) return true;
  }
  return false;
}

// The next element; *key stays unset in lists.
static bool next_element(struct json_writer *w, struct json_level *level, Value *key, Value *v)
{
  Value c = level->container;
  if (IS_INSTANCE(c)) return next_field(w, level, key, v);
  if (IS_LIST(c)) {
    if (level->at >= AS_LIST(c)->len) return false;
    *v = AS_LIST(c)->items[level->at++];
    return true;
  }
  if (IS_RANGE(c)) {
    if (level->at >= range_len(AS_RANGE(c)) || level->at == UINT32_MAX) return false;
    *v = value_int(range_at(AS_RANGE(c), level->at++));
    return true;
  }
  const struct map *m = AS_MAP(c);
  u32 at = map_next(m, level->at);
  if (at >= m->used) return false;
  level->at = at + 1;
  if (IS_MAP(c)) *key = m->entries[at].key;
  *v = IS_MAP(c) ? m->entries[at].value : m->entries[at].key;
  return true;
}

static enum part go_on(struct json_writer *w)
{
  struct json_level *level = &vec_last(&w->levels);
  Value key = UNSET, v;
  if (!next_element(w, level, &key, &v)) {
    close_level(w);
    return PART_DONE;
  }
  if (level->has_any) buf_putc(&w->out, ',');
  level->has_any = true;
  put_line(w);
  w->next = v;
  return is_unset(key) ? PART_DONE : put_key(w, key);
}

// Values

static enum part call_method(struct json_writer *w, struct call *c, Value v, Value method)
{
  w->subject = v;
  heap_barrier(c->heap, w);
  return native_call_method(c, v, method, NULL, 0) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

static enum part put_object(struct json_writer *w, struct call *c, Value v, bool is_itself)
{
  switch (as_object(v)->kind) {
  case KIND_STRING: put_text(w, AS_STRING(v), &w->out); return PART_DONE;
  case KIND_BIGINT: put_number(w, v); return PART_DONE;
  case KIND_LIST:
  case KIND_MAP:
  case KIND_SET:
  case KIND_RANGE: return open_level(w, v);
  default: break;
  }
  Value method = is_itself ? UNSET : class_find_method(type_of(c->vm, v), c->vm->known.to_json);
  if (!is_unset(method)) return call_method(w, c, v, method);
  return IS_INSTANCE(v) ? open_level(w, v) : fail_kind(w, v);
}

// [is_itself]: what to_json gave for v was v, so its fields are meant.
static enum part put_value(struct json_writer *w, struct call *c, Value v, bool is_itself)
{
  if (is_object(v)) return put_object(w, c, v, is_itself);
  if (is_number(v)) {
    if (put_number(w, v)) return PART_DONE;
    return fail(w, w->vm->errors.value, "nan and the infinities", " have no form in JSON");
  }
  if (is_nil(v)) buf_puts(&w->out, "null");
  else if (is_bool(v)) buf_puts(&w->out, is_falsy(v) ? "false" : "true");
  else return fail_kind(w, v);
  return PART_DONE;
}

// The writer

static void mark_writer(struct heap *heap, struct object *o)
{
  struct json_writer *w = (struct json_writer *)(void *)o;
  heap_mark(heap, w->next);
  heap_mark(heap, w->subject);
  for (u32 i = 0; i < w->levels.len; i++) heap_mark(heap, w->levels.data[i].container);
}

static void finish_writer(struct heap *heap, struct object *o)
{
  struct json_writer *w = (struct json_writer *)(void *)o;
  if (!w->vm) return;
  buf_fini(&w->out);
  vec_free(heap->alloc, &w->levels);
}

static const struct native_class writer_class = {
  .name = "json_writer",
  .size = sizeof(struct json_writer),
  .mark = mark_writer,
  .finish = finish_writer,
};

bool json_write_begin(struct call *c, u32 local, Value v, u32 indent)
{
  struct json_writer *w = box_new(c->vm, &writer_class);
  if (!w) {
    throw_memory(c->vm);
    return false;
  }
  w->vm = c->vm;
  w->next = v;
  w->subject = UNSET;
  w->indent = indent;
  buf_init(&w->out, &c->vm->alloc);
  c->locals[local] = value_object(w);
  return true;
}

struct buf *json_written(struct call *c, u32 local)
{
  return &((struct json_writer *)(void *)as_object(c->locals[local]))->out;
}

enum part json_write(struct call *c, u32 local)
{
  struct json_writer *w = (struct json_writer *)(void *)as_object(c->locals[local]);
  bool is_itself = false;
  if (!is_unset(w->subject)) {
    w->next = c->value;
    is_itself = is_same(c->value, w->subject);
    w->subject = UNSET;
  }
  u32 turn = 0;
  do {
    Value v = w->next;
    w->next = UNSET;
    enum part p = is_unset(v) ? go_on(w) : put_value(w, c, v, is_itself);
    if (p != PART_DONE) return p;
    is_itself = false;
    if (native_must_stop_at(c, turn++)) return PART_THROW;
    if (w->out.failed) {
      throw_memory(w->vm);
      return PART_THROW;
    }
  } while (w->levels.len > 0 || !is_unset(w->next));
  heap_barrier(c->heap, w);
  return PART_DONE;
}
