#include "vm/signature.h"

#include <string.h>

#include "base/suggest.h"

#define PARAMS_SHOWN 100  // bytes of a declaration's parameters that are repeated

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
    if (*s == '"') s += 1 + strcspn(s + 1, "\"");
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

u32 signature_options(const struct native *native)
{
  const char *text = usage_open(native);
  struct usage_param param;
  u32 count = 0;
  bool is_behind = false;
  while (usage_next(&text, &param)) {
    count += is_behind;
    is_behind = is_behind || param.is_rest;
  }
  return count;
}

const char *signature_param(const struct native *native, u32 i, u32 *len)
{
  const char *text = usage_open(native);
  struct usage_param param = { .name = "" };
  for (u32 at = 0; at <= i && usage_next(&text, &param); at++) {}
  *len = param.len;
  return param.name;
}

static Value underlying(struct lull *vm, Value callee, bool *has_self)
{
  *has_self = false;
  if (is_kind(callee, KIND_MODULE) && vm_open_module(vm, AS_MODULE(callee)) && AS_MODULE(callee)->call)
    callee = value_object(AS_MODULE(callee)->call);
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

// Behind the quoted text that begins at [s].
static const char *skip_quoted(const char *s, const char *end)
{
  char quote = *s++;
  while (s < end && *s != quote) s += *s == '\\' && quote == '"' && s + 1 < end ? 2 : 1;
  return s < end ? s + 1 : end;
}

// The declaration's own parameters, from '(' to behind its ')'. False: it has no such list, or one too long to repeat.
static bool source_params(const struct proto *p, const char **from, const char **to)
{
  const char *s = p->source->text + p->span_start, *end = p->source->text + p->span_end, *open = memchr(s, '(', end - s);
  const char *arrow = memchr(s, '=', (size_t)(end - s)), *brace = memchr(s, '{', (size_t)(end - s));
  if (!open || (arrow && arrow < open) || (brace && brace < open)) return false;
  int depth = 0;
  *from = open;
  for (s = open; s < end && s - open < PARAMS_SHOWN; s++) {
    if (*s == '\n' || *s == '#') return false;
    if (*s == '(' || *s == '[' || *s == '{') depth++;
    if ((*s == ')' || *s == ']' || *s == '}') && --depth == 0) return *to = s + 1, true;
    if (*s == '"' || *s == '\'') s = skip_quoted(s, end) - 1;
  }
  return false;
}

static void print_names(struct lull *vm, const struct proto *p, struct buf *out)
{
  buf_putc(out, '(');
  bool is_first = true;
  for (u32 i = p->is_method ? 1 : 0; i < (u32)p->params + p->has_rest; i++) {
    if (!is_first) buf_puts(out, ", ");
    is_first = false;
    if (i == p->params) buf_puts(out, "...");
    struct string *name = p->param_names ? p->param_names[i] : NULL;
    if (name) buf_append(out, string_bytes(&vm->heap, name), name->len);
    else buf_puts(out, "_");
    if (i < p->params && i >= p->required) buf_puts(out, "?");
  }
  buf_putc(out, ')');
}

static void print_proto(struct lull *vm, const struct proto *p, struct buf *out)
{
  const char *from, *to;
  if (source_params(p, &from, &to)) buf_append(out, from, (size_t)(to - from));
  else print_names(vm, p, out);
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
    const struct class *made = p->name == vm->known.init ? AS_CLOSURE(f)->home : NULL;
    if (!IS_CLASS(callee)) string_write(made ? made->name : p->name, out);
    print_proto(vm, p, out);
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
  const char *what = IS_CLOSURE(callee) && !AS_CLOSURE(callee)->proto->name->len ? "the function " : "";
  throw_error(vm, vm->errors.type, "%s%s takes %s%u argument%s, not %u", what, buf_text(&signature), bound, wanted,
              wanted == 1 ? "" : "s", argc);
  buf_fini(&signature);
  return STEP_THROW;
}

// Position of the parameter called [name] in its declaration, or -1. All names are offered to [similar].
static i64 find_param(struct lull *vm, Value f, struct string *name, struct suggest *similar)
{
  i64 found = -1, count = 0;
  const char *bytes = string_bytes(&vm->heap, name);
  if (IS_CLOSURE(f)) {
    const struct proto *p = AS_CLOSURE(f)->proto;
    for (u32 i = p->is_method; p->param_names && i < p->params; i++) {
      struct string *param = p->param_names[i];
      if (param && string_equal(&vm->heap, param, name)) found = i - p->is_method;
      if (param) suggest_offer(similar, string_bytes(&vm->heap, param), param->len);
    }
  } else if (IS_NATIVE(f)) {
    const char *text = usage_open(AS_NATIVE(f)->native);
    for (struct usage_param param; usage_next(&text, &param); count++) {
      if (param.is_rest) continue;
      if (param.len == name->len && memcmp(param.name, bytes, name->len) == 0) found = count;
      suggest_offer(similar, param.name, param.len);
    }
  }
  return found;
}

// [why] ends the sentence that the signature begins.
static struct list *throw_named(struct lull *vm, Value callee, const char *why, struct string *name, const char *similar)
{
  struct buf signature;
  buf_init(&signature, &vm->alloc);
  signature_print(vm, callee, &signature);
  throw_error(vm, vm->errors.type, "%s %s `%.*s`%s%s%s", buf_text(&signature), why, (int)name->len,
              string_bytes(&vm->heap, name), similar ? "; did you mean `" : "", similar ? similar : "",
              similar ? "`?" : "");
  buf_fini(&signature);
  return NULL;
}

// The name of the required parameter that the arguments leave out before a named one; NULL: none, or it has no name.
static struct string *left_out(Value f, const struct list *all)
{
  const struct proto *p = IS_CLOSURE(f) ? AS_CLOSURE(f)->proto : NULL;
  for (u32 i = 0; p && p->param_names && i < all->len && i + p->is_method < p->required; i++) {
    if (is_unset(all->items[i])) return p->param_names[i + p->is_method];
  }
  return NULL;
}

static bool put_at(struct heap *heap, struct list *all, u32 at, Value v)
{
  while (all->len <= at) {
    if (!list_push(heap, all, UNSET)) return false;
  }
  all->items[at] = v;
  return true;
}

// The options of a native: all of them, those not given UNSET, or none where none is given.
static bool put_options(struct lull *vm, const struct native *native, struct list *all, struct map *named)
{
  u32 count = signature_options(native), params = signature_params(native), first = 0;
  for (u32 k = 0; k < count; k++) {
    u32 len;
    const char *text = signature_param(native, params + 1 + k, &len);
    struct string *name = string_intern(&vm->heap, &vm->names, text, len);
    Value v = name ? map_get(&vm->heap, named, value_object(name)) : UNSET;
    if (is_unset(v)) continue;
    if (!first) first = (all->len > params ? all->len : params) + 1;
    if (!put_at(&vm->heap, all, first + k, v)) return false;
  }
  return !first || first + count == all->len || put_at(&vm->heap, all, first + count - 1, UNSET);
}

struct list *signature_arrange(struct lull *vm, Value callee, struct list *list, struct map *named)
{
  bool has_self;
  Value f = underlying(vm, callee, &has_self);
  struct list *all = list_slice(&vm->heap, list, 0, list->len);
  const struct native *native = IS_NATIVE(f) && AS_NATIVE(f)->native->max == NATIVE_REST ? AS_NATIVE(f)->native : NULL;
  u32 rest = native ? signature_params(native) : UINT32_MAX;
  if (!all) return throw_memory(vm), NULL;
  for (u32 i = map_next(named, 0); i < named->used; i = map_next(named, i + 1)) {
    struct string *name = AS_STRING(named->entries[i].key);
    struct suggest similar;
    suggest_init(&similar, string_bytes(&vm->heap, name), name->len);
    i64 at = find_param(vm, f, name, &similar);
    if (at < 0) return throw_named(vm, callee, "has no parameter", name, suggest_best(&similar));
    if (at > rest) continue;
    if (at < list->len) return throw_named(vm, callee, "was given twice the argument", name, NULL);
    if (!put_at(&vm->heap, all, (u32)at, named->entries[i].value)) return throw_memory(vm), NULL;
  }
  if (native && !put_options(vm, native, all, named)) return throw_memory(vm), NULL;
  struct string *missing = left_out(f, all);
  return missing ? throw_named(vm, callee, "needs the argument", missing, NULL) : all;
}
