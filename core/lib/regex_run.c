// Compiling and running patterns.
#include "lib/regex.h"

#include <stdio.h>

#include "base/sys.h"
#include "base/utf8.h"

#define CACHE_MAX 100       // compiled patterns kept
#define STEPS_MAX 10000000  // of one search
#define HEAP_MAX_KIB 131072  // it is copied as it grows, which nothing ends in the midst of
#define PART_MAX 65536u  // bytes
#define PART_FIRST 256u
#define PART_FIRST_OF_LONG 16u
#define LONG_TEXT 65536u
#define SOON 0.001  // seconds
#define LATE 0.01
#define STACK_MIN ((size_t)32 << 10)
#define STACK_MAX ((size_t)32 << 20)  // address space; taken as it is needed
#define PATTERN_SHOWN 70  // bytes of a pattern that are repeated in messages

// Memory. PCRE2 frees without a size, so blocks carry theirs.

#define BLOCK_HEADER 16

static void *take_block(PCRE2_SIZE size, void *alloc)
{
  char *block = size > SIZE_MAX - BLOCK_HEADER ? NULL : mem_alloc(alloc, size + BLOCK_HEADER);
  if (!block) return NULL;
  size += BLOCK_HEADER;
  memcpy(block, &size, sizeof size);
  return block + BLOCK_HEADER;
}

static void give_block(void *at, void *alloc)
{
  if (!at) return;
  char *block = (char *)at - BLOCK_HEADER;
  size_t size;
  memcpy(&size, block, sizeof size);
  mem_free(alloc, block, size);
}

// Compiling

static bool read_flags(struct call *c, struct string *flags, u32 *options)
{
  static const struct {
    char letter;
    u32 option;
  } letters[] = { { 'i', PCRE2_CASELESS }, { 'm', PCRE2_MULTILINE }, { 's', PCRE2_DOTALL }, { 'x', PCRE2_EXTENDED } };
  const char *text = string_bytes(c->heap, flags);
  for (u32 i = 0; i < flags->len; i++) {
    u32 option = 0;
    for (u32 at = 0; at < COUNT_OF(letters); at++) {
      if (letters[at].letter == text[i]) option = letters[at].option;
    }
    if (!option) {
      throw_error(c->vm, c->vm->errors.value,
                  "regex: the flags are i (any case), m (^ and $ at lines), s (. takes line ends), x (blanks and "
                  "comments do not count), not `%.*s`",
                  (int)flags->len, text);
      return false;
    }
    *options |= option;
  }
  return true;
}

// Shows a short pattern with a caret where it went wrong.
static void throw_pattern(struct call *c, struct text pattern, int error, size_t offset)
{
  char message[160];
  if (error == PCRE2_ERROR_HEAP_FAILED) {
    throw_memory(c->vm);
    return;
  }
  if (pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message) < 0) strcpy(message, "not a pattern");
  if (offset > pattern.len) offset = pattern.len;
  size_t column = utf8_count(pattern.s, offset);
  bool is_shown = pattern.len <= PATTERN_SHOWN && !memchr(pattern.s, '\n', pattern.len);
  if (is_shown) {
    throw_error(c->vm, c->vm->errors.value, "regex: %s, at %zu\n  %.*s\n  %*s^", message, column, (int)pattern.len,
                pattern.s, (int)column, "");
  } else {
    throw_error(c->vm, c->vm->errors.value, "regex: %s, at %zu", message, column);
  }
}

static struct text pattern_of(struct call *c, struct regex *r)
{
  const char *text = string_bytes(c->heap, r->pattern);
  return (struct text){ text, r->pattern->len };
}

// The context is only needed until the code has taken over what it says.
static pcre2_code *compile_with(struct call *c, struct regex *r, u32 options, pcre2_general_context *memory)
{
  int error = PCRE2_ERROR_HEAP_FAILED;
  size_t offset = 0;
  pcre2_code *code = NULL;
  struct text pattern = pattern_of(c, r);
  pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
  options |= r->options | PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C;
  if (context) code = pcre2_compile((PCRE2_SPTR)pattern.s, pattern.len, options, &error, &offset, context);
  pcre2_compile_context_free(context);
  if (!code) throw_pattern(c, pattern, error, offset);
  return code;
}

static bool compile_slow(struct call *c, struct regex *r)
{
  if (r->slow) return true;
  pcre2_general_context *memory = pcre2_general_context_create(take_block, give_block, r->alloc);
  r->slow = compile_with(c, r, PCRE2_AUTO_CALLOUT, memory);
  pcre2_general_context_free(memory);
  return r->slow != NULL;
}

static bool compile(struct call *c, struct regex *r)
{
  pcre2_general_context *memory = pcre2_general_context_create(take_block, give_block, r->alloc);
  r->code = compile_with(c, r, PCRE2_USE_OFFSET_LIMIT, memory);
  if (r->code) {
    r->data = pcre2_match_data_create_from_pattern(r->code, memory);
    r->context = pcre2_match_context_create(memory);
    // Where there is no room for machine code the pattern is interpreted.
    if (pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0) r->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, memory);
  }
  pcre2_general_context_free(memory);
  if (r->code && (!r->data || !r->context)) throw_memory(c->vm);
  if (!r->code || !r->data || !r->context) return false;
  pcre2_set_match_limit(r->context, STEPS_MAX);
  pcre2_set_heap_limit(r->context, HEAP_MAX_KIB);
  if (r->stack) pcre2_jit_stack_assign(r->context, NULL, r->stack);
  pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &r->groups);
  return true;
}

static struct regex *make(struct call *c, struct string *pattern, struct string *flags, u32 options)
{
  struct regex *r = box_new(c->vm, &regex_class);
  if (!r) {
    throw_memory(c->vm);
    return NULL;
  }
  r->alloc = &c->vm->alloc;
  r->pattern = pattern;
  r->flags = flags;
  r->options = options;
  struct text text = pattern_of(c, r);
  r->is_in_parts = !memmem(text.s, text.len, "\\G", 2);  // which stands for where a search begins
  return compile(c, r) ? r : NULL;
}

// The compiled patterns lie in a private name of the module.
static struct map *cache(struct lull *vm)
{
  struct string *module_name = vm_intern(vm, "regex"), *name = vm_intern(vm, "_compiled");
  struct cell *cell = module_name && name ? module_find(vm->builtins, module_name) : NULL;
  if (!cell || !is_kind(cell->value, KIND_MODULE)) return NULL;
  struct module *m = AS_MODULE(cell->value);
  cell = module_find(m, name);
  if (cell && IS_MAP(cell->value)) return AS_MAP(cell->value);
  struct map *map = map_new(&vm->heap, 0);
  return map && module_define(&vm->heap, m, name, value_object(map)) ? map : NULL;
}

struct regex *regex_of(struct call *c, struct string *pattern, struct string *flags)
{
  u32 options = 0;
  if (!read_flags(c, flags, &options)) return NULL;
  struct map *known = cache(c->vm);
  struct string *key = known ? string_printf(c->heap, "%.*s/", (int)flags->len, string_bytes(c->heap, flags)) : NULL;
  key = key ? string_concat(c->heap, key, pattern) : NULL;
  if (!key) {
    throw_memory(c->vm);
    return NULL;
  }
  Value v = map_get(c->heap, known, value_object(key));
  if (!is_unset(v)) return (struct regex *)(void *)as_object(v);
  struct regex *r = make(c, pattern, flags, options);
  if (!r) return NULL;
  if (known->count >= CACHE_MAX) map_clear(c->heap, known);
  if (map_set(c->heap, known, value_object(key), value_object(r))) return r;
  throw_memory(c->vm);
  return NULL;
}

struct regex *arg_regex(struct call *c, u32 i)
{
  Value v = c->args[i];
  if (is_box(v, &regex_class)) return (struct regex *)(void *)as_object(v);
  if (!IS_STRING(v)) {
    arg_fail(c, i, "a regex or a pattern");
    return NULL;
  }
  struct string *none = string_new(c->heap, "", 0);
  return regex_of(c, AS_STRING(v), none);
}

// Running

static enum regex_found throw_run(struct call *c, int error)
{
  struct lull *vm = c->vm;
  char message[160] = "";
  switch (error) {
  case PCRE2_ERROR_NOMEMORY: throw_memory(vm); break;
  case PCRE2_ERROR_CALLOUT: throw_stopped(vm); break;
  case PCRE2_ERROR_MATCHLIMIT:
  case PCRE2_ERROR_DEPTHLIMIT:
  case PCRE2_ERROR_HEAPLIMIT:
    throw_error(vm, vm->errors.limit, "regex: the pattern tries too many ways for this text (nested repeats such as "
                                      "`(a+)+` do that)");
    break;
  default:
    pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
    throw_error(vm, vm->errors.value, "regex: %s", message);
  }
  return REGEX_THROWN;
}

struct question {
  struct heap *heap;
  u32 turn;
};

static int ask(pcre2_callout_block *place, void *user)
{
  struct question *q = user;
  (void)place;
  return heap_must_stop_at(q->heap, q->turn++) ? PCRE2_ERROR_CALLOUT : 0;
}

static int run_slow(struct call *c, struct regex *r, struct text t, size_t from, u32 options)
{
  struct question question = { .heap = c->heap };
  if (!compile_slow(c, r)) return PCRE2_ERROR_NOMEMORY;
  pcre2_set_offset_limit(r->context, PCRE2_UNSET);
  pcre2_set_callout(r->context, ask, &question);
  int found = pcre2_match(r->slow, (PCRE2_SPTR)t.s, t.len, from, options | PCRE2_NO_JIT, r->data, r->context);
  pcre2_set_callout(r->context, NULL, NULL);
  return found;
}

static bool is_whole(const struct regex *r, struct text t, size_t from) { return !r->is_in_parts || t.len - from <= r->part; }

// The next part is twice as long while that takes no time, or where it is not longer parts that take longer (a search may
// go over all of the text in any case); shorter where each place of the text takes long.
static u32 next_part(u32 part, double seconds, double *pace)
{
  double before = *pace, now = part / (seconds + 1e-9);
  *pace = now;
  if (seconds < SOON) return part < PART_MAX ? 2 * part : part;
  if (now > 1.5 * before) return part < UINT32_MAX / 2 ? 2 * part : part;
  return seconds > LATE ? part / 8 + 1 : part;
}

// Machine code cannot be asked to stop, and may take some steps at each place of a text or many. So it looks for matches
// that begin in one part of the text after the other.
static int run_fast(struct call *c, struct regex *r, struct text t, size_t from, u32 options)
{
  if (from == 0 || !r->part) r->part = t.len > LONG_TEXT ? PART_FIRST_OF_LONG : PART_FIRST;
  double start = is_whole(r, t, from) ? 0 : sys_now(), pace = 0;
  for (;;) {
    size_t until = is_whole(r, t, from) ? t.len : from + r->part;
    while (until < t.len && utf8_is_continuation(t.s[until])) until++;
    pcre2_set_offset_limit(r->context, until < t.len ? until : PCRE2_UNSET);
    int found = pcre2_match(r->code, (PCRE2_SPTR)t.s, t.len, from, options, r->data, r->context);
    if (found != PCRE2_ERROR_NOMATCH || until == t.len) return found;
    if (heap_must_stop(c->heap)) return PCRE2_ERROR_CALLOUT;
    double now = sys_now();
    r->part = next_part(r->part, now - start, &pace);
    start = now;
    options &= ~PCRE2_NOTEMPTY_ATSTART;
    from = until;
  }
}

enum regex_found regex_run(struct call *c, struct regex *r, struct text t, size_t from, u32 options)
{
  if (native_must_stop_at(c, r->turn++)) return REGEX_THROWN;
  options |= PCRE2_NO_UTF_CHECK;
  int found = r->stack ? run_fast(c, r, t, from, options) : PCRE2_ERROR_JIT_STACKLIMIT;
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = run_slow(c, r, t, from, options);
  if (found > 0) return REGEX_FOUND;
  return found == PCRE2_ERROR_NOMATCH ? REGEX_NONE : throw_run(c, found);
}

enum regex_found regex_next(struct call *c, struct regex_walk *w)
{
  if (w->at > w->text.len) return REGEX_NONE;
  enum regex_found found = regex_run(c, w->regex, w->text, w->at, w->was_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
  if (found != REGEX_FOUND) return found;
  regex_group(w->regex, 0, &w->from, &w->to);
  w->at = w->to;
  w->was_empty = w->from == w->to;
  return REGEX_FOUND;
}

bool regex_group(const struct regex *r, u32 i, size_t *from, size_t *to)
{
  const size_t *spans = pcre2_get_ovector_pointer(r->data);
  *from = spans[2 * i];
  *to = spans[2 * i + 1];
  return *from != PCRE2_UNSET;
}

int regex_group_number(const struct regex *r, const char *name, size_t len)
{
  char text[64];
  if (len >= sizeof text) return -1;
  memcpy(text, name, len);
  text[len] = 0;
  int number = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)text);
  return number < 0 ? -1 : number;
}
