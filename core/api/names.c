// Names for completion: what could stand for the word at the cursor.
#include <ctype.h>

#include "builtin/help.h"
#include "vm/signature.h"
#include "vm/state.h"

struct completion {
  struct lull *vm;
  const char *prefix;
  size_t len, count;
  bool (*each)(void *user, const struct lull_name *name);
  void *user;
  bool is_over;
};

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || (u8)c >= 0x80; }

static void offer(struct completion *c, struct string *name, Value v)
{
  struct lull *vm = c->vm;
  const char *bytes = string_cstr(&vm->heap, name);
  if (c->is_over || is_unset(v) || name->len < c->len || memcmp(bytes, c->prefix, c->len) != 0 ||
      strchr(bytes, ' '))  // the compiler's own names have a blank in them
    return;
  struct buf usage;
  buf_init(&usage, &vm->alloc);
  bool is_callable = IS_CLOSURE(v) || IS_NATIVE(v) || is_kind(v, KIND_BOUND) ||
                     (IS_CLASS(v) && (!is_nil(AS_CLASS(v)->construct) || AS_CLASS(v)->proto));
  if (is_callable) signature_print(vm, v, &usage);
  else buf_puts(&usage, type_name(vm, v));
  const char *doc = IS_NATIVE(v)                      ? AS_NATIVE(v)->native->doc
                    : IS_CLASS(v) && AS_CLASS(v)->doc ? AS_CLASS(v)->doc
                                                      : "";
  struct buf first;
  buf_init(&first, &vm->alloc);
  buf_append(&first, doc, strcspn(doc, "\n"));
  struct lull_name found = { .name = bytes, .usage = buf_text(&usage), .doc = buf_text(&first) };
  c->count++;
  if (!c->each(c->user, &found)) c->is_over = true;
  buf_fini(&usage);
  buf_fini(&first);
}

// [is_outside]: names with a leading `_` are the module's own.
static void offer_module(struct completion *c, const struct module *m, bool is_outside)
{
  for (u32 i = 0; i < m->names.count; i++) {
    const struct cell *cell = AS_CELL(m->names.entries[i].value);
    bool is_hidden = is_outside && *string_text(m->names.entries[i].key) == '_';
    if (!is_hidden && !(cell->object.flags & NAME_BORROWED)) offer(c, m->names.entries[i].key, cell->value);
  }
}

// Nobody is there to be told why it cannot be opened.
static bool open_quietly(struct lull *vm, struct module *m)
{
  if (vm_open_module(vm, m)) return true;
  vm->thrown = UNSET;
  return false;
}

static void offer_members(struct completion *c, Value v)
{
  struct lull *vm = c->vm;
  if (IS_INSTANCE(v)) {
    const struct shape *shape = shape_of(&vm->shapes, as_object(v)->shape);
    for (u32 i = 0; i < shape->count; i++) offer(c, shape_name(shape, i), *instance_slot(AS_INSTANCE(v), i));
  } else if (IS_MAP(v)) {
    const struct map *m = AS_MAP(v);
    for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
      if (IS_STRING(m->entries[i].key)) offer(c, AS_STRING(m->entries[i].key), m->entries[i].value);
    }
  } else if (is_kind(v, KIND_MODULE)) {
    if (open_quietly(vm, AS_MODULE(v))) offer_module(c, AS_MODULE(v), true);
  }
  for (const struct class *class = type_of(vm, v); class; class = class->super) {
    for (u32 i = 0; i < class->methods.count; i++)
      offer(c, class->methods.entries[i].key, class->methods.entries[i].value);
  }
}

static Value look_up(struct lull *vm, const char *text, size_t len)
{
  struct string *name = string_intern(&vm->heap, &vm->names, text, len);
  for (const struct module *m = vm->main; m && name; m = m->outer) {
    const struct cell *cell = module_find(m, name);
    if (cell && !is_unset(cell->value)) return cell->value;
  }
  return UNSET;
}

static Value member(struct lull *vm, Value v, const char *text, size_t len)
{
  struct string *name = string_intern(&vm->heap, &vm->names, text, len);
  if (!name) return UNSET;
  if (IS_INSTANCE(v)) return instance_get(&vm->shapes, AS_INSTANCE(v), name);
  if (IS_MAP(v)) return map_get(&vm->heap, AS_MAP(v), value_object(name));
  if (is_kind(v, KIND_MODULE)) {
    const struct cell *cell = open_quietly(vm, AS_MODULE(v)) ? module_find(AS_MODULE(v), name) : NULL;
    return cell ? cell->value : UNSET;
  }
  return UNSET;
}

// A method of the value, or of the type that the value is, or that a module is named after.
static Value method(struct lull *vm, Value v, const char *text, size_t len)
{
  struct string *name = string_intern(&vm->heap, &vm->names, text, len);
  if (is_kind(v, KIND_MODULE) && AS_MODULE(v)->call) v = value_object(AS_MODULE(v)->call);
  Value own = name && IS_CLASS(v) ? class_find_method(AS_CLASS(v), name) : UNSET;
  return is_unset(own) && name ? class_find_method(type_of(vm, v), name) : own;
}

// A dot of a path, and not the last one of a range or of a spread argument.
static bool is_path_dot(const char *text, size_t at) { return text[at] == '.' && !(at > 0 && text[at - 1] == '.'); }

// The value of the path of plain names that ends at [end], before a dot: `a.b` of `a.b.c`. No code runs for it.
static Value path_value(struct lull *vm, const char *text, size_t end)
{
  size_t start = end;
  while (start > 0 && (is_word(text[start - 1]) || is_path_dot(text, start - 1))) start--;
  if (start > 0 && strchr(")]}\"'", text[start - 1])) return UNSET;
  size_t at = start + strcspn(text + start, ".");
  if (at > end) at = end;
  Value v = look_up(vm, text + start, at - start);
  while (at < end && !is_unset(v)) {
    size_t from = at + 1, to = from;
    while (to < end && text[to] != '.') to++;
    v = member(vm, v, text + from, to - from);
    at = to;
  }
  return v;
}

bool lull_help(struct lull *vm, const char *path, size_t len, struct buf *out)
{
  Value v = path_value(vm, path, len);
  const char *dot = memrchr(path, '.', len);
  if (is_unset(v) && dot) {
    size_t start = (size_t)(dot + 1 - path);
    Value owner = path_value(vm, path, start - 1);
    if (!is_unset(owner)) v = method(vm, owner, path + start, len - start);
  }
  if (is_unset(v)) return false;
  help_write(vm, v, out);
  return true;
}

size_t lull_complete(struct lull *vm, const char *text, size_t len, size_t cursor, size_t *start,
                     bool (*each)(void *user, const struct lull_name *name), void *user)
{
  if (cursor > len) cursor = len;
  size_t from = cursor;
  while (from > 0 && is_word(text[from - 1])) from--;
  *start = from;
  struct completion c = { .vm = vm, .prefix = text + from, .len = cursor - from, .each = each, .user = user };
  bool is_member = from > 0 && text[from - 1] == '.' && !(from > 1 && text[from - 2] == '.');
  if (is_member) {
    Value v = path_value(vm, text, from - 1);
    if (!is_unset(v)) offer_members(&c, v);
  } else {
    for (const struct module *m = vm->main; m; m = m->outer) offer_module(&c, m, false);
  }
  return c.count;
}
