#include "vm/signature.h"

#include <string.h>

// One parameter of a usage line "after(delay, f = nil, ...args)".
struct usage_param {
  const char *name;
  u32 len;
  bool is_rest, is_optional;
};

// Takes the next parameter from *text, which points behind '(' or ','; false at the end.
static bool usage_next(const char **text, struct usage_param *param)
{
  const char *s = *text;
  s += strspn(s, " ,[");
  if (*s == 0 || *s == ')') return false;
  param->is_rest = strncmp(s, "...", 3) == 0;
  if (param->is_rest) s += 3;
  param->name = s;
  param->len = (u32)strcspn(s, " ,)=]:");
  s += param->len;
  u32 depth = 0;
  const char *default_start = s;
  for (; *s && (depth > 0 || (*s != ',' && *s != ')')); s++) {
    if (*s == '(' || *s == '[' || *s == '{') depth++;
    if ((*s == ')' || *s == '}') && depth > 0) depth--;
    if (*s == ']' && depth > 0) depth--;
  }
  param->is_optional = memchr(default_start, '=', (size_t)(s - default_start)) != NULL;
  *text = s;
  return true;
}

static const char *usage_open(const struct native *native)
{
  const char *open = strchr(native->usage, '(');
  return open ? open + 1 : "";
}

u32 signature_params(const struct native *native)
{
  const char *text = usage_open(native);
  struct usage_param param;
  u32 count = 0;
  while (usage_next(&text, &param) && !param.is_rest) count++;
  return count;
}

static Value underlying(struct lull *vm, Value callee, bool *has_self)
{
  *has_self = false;
  if (is_kind(callee, KIND_BOUND)) {
    *has_self = true;
    return AS_BOUND(callee)->method;
  }
  if (IS_CLASS(callee)) {
    *has_self = true;
    struct class *class = AS_CLASS(callee);
    return is_nil(class->construct) ? class_find_method(class, vm->known.init) : class->construct;
  }
  if (IS_INSTANCE(callee)) {
    *has_self = true;
    return class_find_method(AS_INSTANCE(callee)->class, vm->known.call);
  }
  return callee;
}

static void print_default(const struct proto *p, u32 i, struct buf *out)
{
  // The text of the default lies in the source behind the parameter's name; the declaration's own text is the truth,
  // so none is repeated here.
  if (i >= p->required) buf_puts(out, "?");
}

static void print_proto(struct lull *vm, const struct proto *p, struct buf *out)
{
  bool is_first = true;
  for (u32 i = p->is_method ? 1 : 0; i < (u32)p->params + p->has_rest; i++) {
    if (!is_first) buf_puts(out, ", ");
    is_first = false;
    if (i == p->params) buf_puts(out, "...");
    struct string *name = p->param_names ? p->param_names[i] : NULL;
    if (name) buf_append(out, string_bytes(&vm->heap, name), name->len);
    else buf_puts(out, "_");
    if (i < p->params) print_default(p, i, out);
  }
}

void signature_print(struct lull *vm, Value callee, struct buf *out)
{
  bool has_self;
  Value f = underlying(vm, callee, &has_self);
  if (IS_NATIVE(f)) {
    buf_puts(out, AS_NATIVE(f)->native->usage);
    return;
  }
  if (IS_CLASS(callee)) buf_puts(out, string_bytes(&vm->heap, AS_CLASS(callee)->name));
  if (IS_CLOSURE(f)) {
    const struct proto *p = AS_CLOSURE(f)->proto;
    if (!IS_CLASS(callee)) buf_append(out, string_bytes(&vm->heap, p->name), p->name->len);
    buf_putc(out, '(');
    print_proto(vm, p, out);
    buf_putc(out, ')');
  } else {
    buf_puts(out, "()");
  }
}

static void expected(struct lull *vm, Value f, u32 *low, u32 *high, bool *has_rest)
{
  *low = *high = 0;
  *has_rest = false;
  if (IS_CLOSURE(f)) {
    const struct proto *p = AS_CLOSURE(f)->proto;
    *low = p->required - p->is_method;
    *high = p->params - p->is_method;
    *has_rest = p->has_rest;
  } else if (IS_NATIVE(f)) {
    const struct native *n = AS_NATIVE(f)->native;
    *low = n->required;
    *high = n->max;
    *has_rest = n->max == NATIVE_REST;
  }
  (void)vm;
}

enum vm_step throw_arity(struct lull *vm, Value callee, u32 argc)
{
  bool has_self, has_rest;
  Value f = underlying(vm, callee, &has_self);
  u32 low, high;
  expected(vm, f, &low, &high, &has_rest);
  if (IS_CLOSURE(f) && AS_CLOSURE(f)->proto->is_method && !IS_CLASS(callee)) argc--;
  if (IS_NATIVE(f) && (as_object(f)->flags & NATIVE_METHOD) && !IS_CLASS(callee)) argc--;
  struct buf signature;
  buf_init(&signature, &vm->alloc);
  signature_print(vm, callee, &signature);
  const char *bound = has_rest ? "at least " : low == high ? "" : argc < low ? "at least " : "at most ";
  u32 wanted = argc < low ? low : high;
  throw_error(vm, vm->errors.type, "%s takes %s%u argument%s, not %u", buf_text(&signature), bound, wanted,
              wanted == 1 ? "" : "s", argc);
  buf_fini(&signature);
  return STEP_THROW;
}

// Position of the parameter called [name], or -1; *count is how many there are.
static i64 find_param(struct lull *vm, Value f, struct string *name, u32 *count)
{
  i64 found = -1;
  *count = 0;
  const char *bytes = string_bytes(&vm->heap, name);
  if (IS_CLOSURE(f)) {
    const struct proto *p = AS_CLOSURE(f)->proto;
    *count = p->params - p->is_method;
    for (u32 i = 0; i < *count; i++) {
      struct string *param = p->param_names ? p->param_names[i + p->is_method] : NULL;
      if (param && string_equal(&vm->heap, param, name)) found = i;
    }
  } else if (IS_NATIVE(f)) {
    const char *text = usage_open(AS_NATIVE(f)->native);
    struct usage_param param;
    while (usage_next(&text, &param) && !param.is_rest) {
      if (param.len == name->len && memcmp(param.name, bytes, name->len) == 0) found = *count;
      ++*count;
    }
  }
  return found;
}

struct list *signature_arrange(struct lull *vm, Value callee, struct list *list, struct map *named)
{
  bool has_self;
  Value f = underlying(vm, callee, &has_self);
  struct list *all = list_slice(&vm->heap, list, 0, list->len);
  if (!all) return throw_memory(vm), NULL;
  for (u32 i = map_next(named, 0); i < named->used; i = map_next(named, i + 1)) {
    struct string *name = AS_STRING(named->entries[i].key);
    u32 count;
    i64 at = find_param(vm, f, name, &count);
    if (at < 0 || at < list->len) {
      struct buf signature;
      buf_init(&signature, &vm->alloc);
      signature_print(vm, callee, &signature);
      const char *why = at < 0 ? "has no parameter" : "was given twice the argument";
      throw_error(vm, vm->errors.type, "%s %s `%.*s`", buf_text(&signature), why, (int)name->len,
                  string_bytes(&vm->heap, name));
      buf_fini(&signature);
      return NULL;
    }
    while (all->len <= at) {
      if (!list_push(&vm->heap, all, UNSET)) return throw_memory(vm), NULL;
    }
    all->items[at] = named->entries[i].value;
  }
  return all;
}
