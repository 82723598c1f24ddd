// help(x): the signature and the documentation of whatever it is given, as markdown. Natives carry theirs in
// their table; functions and classes of the program in the comment lines above them.
#include "builtin/help.h"

#include "builtin/builtin.h"
#include "builtin/display.h"
#include "vm/signature.h"

static void put_name(struct string *name, struct buf *out)
{
  if (name && name->len) string_write(name, out);
  else buf_puts(out, "function");
}

static void put_comment(const struct proto *p, struct buf *out)
{
  if (p->doc_start == p->doc_end) return;
  buf_puts(out, "\n\n");
  source_comment_text(p->source, p->doc_start, p->doc_end, out);
}

// The first line is a sentence of its own; indented lines are an example, which markdown wants a blank line before.
static void put_text(const char *doc, struct buf *out)
{
  if (!doc || !*doc) return;
  buf_puts(out, "\n\n");
  size_t first = strcspn(doc, "\n");
  buf_append(out, doc, first);
  bool was_example = false;
  for (const char *line = doc + first; *line;) {
    size_t len = strcspn(++line, "\n");
    bool is_example = strncmp(line, "    ", 4) == 0;
    buf_puts(out, line == doc + first + 1 || (is_example && !was_example) ? "\n\n" : "\n");
    buf_append(out, line, len);
    was_example = is_example;
    line += len;
  }
}

static void put_signature(struct lull *vm, Value v, struct buf *out)
{
  buf_puts(out, "**`");
  signature_print(vm, v, out);
  buf_puts(out, "`**");
}

static void put_first_line(const struct proto *p, struct buf *out)
{
  if (p->doc_start == p->doc_end) return;
  buf_puts(out, " — ");
  size_t start = out->len;
  source_comment_text(p->source, p->doc_start, p->doc_end, out);
  const char *end = out->failed ? NULL : memchr(out->data + start, '\n', out->len - start);
  if (end) buf_truncate(out, (size_t)(end - out->data));
  if (out->len == start) buf_truncate(out, start - strlen(" — "));
}

// One line for each member: its signature and what it does.
static void put_members(struct lull *vm, const struct table *members, bool are_cells, struct buf *out)
{
  for (u32 i = 0; i < members->count; i++) {
    Value v = members->entries[i].value;
    if (are_cells) v = AS_CELL(v)->value;
    if (are_cells && *string_bytes(&vm->heap, members->entries[i].key) == '_') continue;
    if (i == 0) buf_putc(out, '\n');
    buf_puts(out, "\n- `");
    bool is_function = IS_CLOSURE(v) || IS_NATIVE(v);
    if (is_function) signature_print(vm, v, out);
    else put_name(members->entries[i].key, out);
    buf_putc(out, '`');
    if (IS_CLOSURE(v)) put_first_line(AS_CLOSURE(v)->proto, out);
    if (!IS_NATIVE(v)) continue;
    const char *doc = AS_NATIVE(v)->native->doc;
    buf_puts(out, " — ");
    buf_append(out, doc, strcspn(doc, "\n"));
  }
}

static void put_class(struct lull *vm, struct class *class, struct buf *out)
{
  buf_puts(out, "**`");
  if (!is_nil(class->construct) || class->proto) signature_print(vm, value_object(class), out);
  else string_write(class->name, out);
  buf_puts(out, "`**");
  if (class->super) {
    buf_puts(out, " : ");
    string_write(class->super->name, out);
  }
  if (class->proto) put_comment(class->proto, out);
  put_text(class->doc, out);
  put_members(vm, &class->methods, false, out);
}

// What a module does that can be called.
static void put_call(struct lull *vm, struct object *call, struct buf *out)
{
  if (!call) return;
  Value v = value_object(call);
  buf_puts(out, "\n\n");
  put_signature(vm, v, out);
  if (IS_CLASS(v)) v = AS_CLASS(v)->construct;
  if (IS_NATIVE(v)) put_text(AS_NATIVE(v)->native->doc, out);
}

void help_write(struct lull *vm, Value v, struct buf *out)
{
  if (is_kind(v, KIND_BOUND)) v = AS_BOUND(v)->method;
  if (IS_CLASS(v)) {
    put_class(vm, AS_CLASS(v), out);
  } else if (is_kind(v, KIND_MODULE)) {
    buf_puts(out, "**module `");
    string_write(AS_MODULE(v)->name, out);
    buf_puts(out, "`**");
    if (!vm_open_module(vm, AS_MODULE(v))) out->failed = true;
    put_call(vm, AS_MODULE(v)->call, out);
    put_members(vm, &AS_MODULE(v)->names, true, out);
  } else if (IS_NATIVE(v)) {
    put_signature(vm, v, out);
    put_text(AS_NATIVE(v)->native->doc, out);
  } else if (IS_CLOSURE(v)) {
    put_signature(vm, v, out);
    put_comment(AS_CLOSURE(v)->proto, out);
  } else {
    // Of any other value: its type.
    put_class(vm, type_of(vm, v), out);
  }
}

static enum native_status global_help(struct call *c)
{
  struct lull *vm = c->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  if (arg_given(c, 0)) help_write(vm, c->args[0], &text);
  else buf_puts(&text, "`help(x)` tells about a function, type, module or value: `help(after)`, `help(list)`.");
  if (text.failed && is_unset(vm->thrown)) throw_memory(vm);
  if (!text.failed && vm->host.show)
    display_text(c, arg_given(c, 0) ? c->args[0] : NIL, LULL_MARKDOWN, buf_text(&text), text.len);
  bool ok = !text.failed;
  buf_fini(&text);
  return ok ? native_return(c, NIL) : NATIVE_THROW;
}

static const struct native natives[] = {
  { .name = "help",
    .fn = global_help,
    .max = 1,
    .usage = "help(x)",
    .doc = "Shows how x is used: its signature and documentation.\n"
           "Of a type or module also its members; of any other value those of its type. The documentation of a function\n"
           "or class of the program is the comment above it.\n"
           "    help(sleep)" },
};

bool builtin_open_help(struct lull *vm) { return vm_define_natives(vm, natives, COUNT_OF(natives)); }
