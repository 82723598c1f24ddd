#include "base/utf8.h"
#include "syntax/compiler.h"
#include "syntax/quoted.h"
#include "syntax/registers.h"
#include "value/function.h"
#include "value/module.h"

#define PARTS_MAX 64  // of a text joined at once

bool string_is_plain(const struct compiler *c, u32 node)
{
  for (u32 part = tree_first(c->tree, node); part; part = tree_next(c->tree, part)) {
    if (kind_of(c, part) == SYM_INTERPOLATION) return false;
  }
  return true;
}

// Escapes

static u32 parse_hex(const char *text, u32 len)
{
  u32 n = 0;
  for (u32 i = 0; i < len; i++) {
    char ch = text[i];
    n = n * 16 + (u32)(ch <= '9' ? ch - '0' : (ch | 0x20) - 'a' + 10);
  }
  return n;
}

// \uXXXX, a pair of them, or \u{X}. A lone surrogate becomes the replacement character.
static u32 unicode_escape(const char *text, u32 len)
{
  if (text[2] == '{') return parse_hex(text + 3, len - 4);
  u32 first = parse_hex(text + 2, 4);
  if (len == 12) return 0x10000 + ((first - 0xD800) << 10) + (parse_hex(text + 8, 4) - 0xDC00);
  return first >= 0xD800 && first <= 0xDFFF ? 0xFFFD : first;
}

static void append_escape(struct compiler *c, u32 node, struct buf *out)
{
  u32 len;
  const char *text = tree_text(c->tree, node, &len);
  switch (text[1]) {
  case 'b': buf_putc(out, '\b'); break;
  case 'f': buf_putc(out, '\f'); break;
  case 'n': buf_putc(out, '\n'); break;
  case 'r': buf_putc(out, '\r'); break;
  case 't': buf_putc(out, '\t'); break;
  case 'u': buf_putu(out, unicode_escape(text, len)); break;
  default: buf_putc(out, text[1]);
  }
}

// Blocks: """ with the indent that all lines share removed

struct indent {
  const char *text;  // NULL: no line seen yet
  u32 len;
};

static u32 blanks(const char *text, const char *end)
{
  u32 n = 0;
  while (text + n < end && (text[n] == ' ' || text[n] == '\t')) n++;
  return n;
}

// The line break at [text], as its length: 0 for none.
static u32 line_break(const char *text, const char *end)
{
  if (text < end && *text == '\n') return 1;
  return text + 1 < end && text[0] == '\r' && text[1] == '\n' ? 2 : 0;
}

static void share_indent(struct indent *common, const char *line, u32 len)
{
  if (!common->text) *common = (struct indent){ line, len };
  u32 same = 0;
  while (same < len && same < common->len && line[same] == common->text[same]) same++;
  common->len = same;
}

// Looks at each line that begins in the text. A line of blanks does not count, but for the closing one.
static void share_indents(struct indent *common, const char *text, const char *end)
{
  while (text < end) {
    const char *next = memchr(text, '\n', (size_t)(end - text));
    if (!next) return;
    text = next + 1;
    u32 len = blanks(text, end);
    if (!line_break(text + len, end)) share_indent(common, text, len);
  }
}

static struct indent common_indent(struct compiler *c, u32 node)
{
  struct indent common = { NULL, 0 };
  for (u32 part = tree_first(c->tree, node); part; part = tree_next(c->tree, part)) {
    u32 len;
    const char *text = tree_text(c->tree, part, &len);
    if (kind_of(c, part) == SYM_STRING_CONTENT) share_indents(&common, text, text + len);
  }
  return common;
}

// Copies the text of a """ without the indent at its line starts, with LF as line breaks. [is_first]: it stands right
// behind the opening.
static void append_lines(const struct indent *indent, const char *text, const char *end, bool is_first, struct buf *out)
{
  bool at_line_start = false;
  u32 skip = is_first ? line_break(text, end) : 0;
  if (skip) {
    text += skip;
    at_line_start = true;
  }
  while (text < end) {
    if (at_line_start) {
      u32 len = blanks(text, end);
      text += len < indent->len ? len : indent->len;
    }
    at_line_start = false;
    u32 len = line_break(text, end);
    if (len) {
      buf_putc(out, '\n');
      at_line_start = true;
    } else if (text < end) buf_putc(out, *text);
    text += len ? len : text < end;
  }
}

// Where the content ends: before a last line of blanks and its line break.
static const char *closing_line(const char *text, const char *end)
{
  const char *at = end;
  while (at > text && (at[-1] == ' ' || at[-1] == '\t')) at--;
  if (at == text || at[-1] != '\n') return end;
  at--;
  return at > text && at[-1] == '\r' ? at - 1 : at;
}

// Parts

static void append_content(struct compiler *c, u32 node, u32 part, const struct indent *indent, struct buf *out)
{
  u32 len;
  const char *text = tree_text(c->tree, part, &len), *end = text + len;
  if (!indent) {
    buf_append(out, text, len);
    return;
  }
  if (!tree_next(c->tree, part)) end = closing_line(text, end);
  append_lines(indent, text, end, part == tree_first(c->tree, node), out);
}

// Collects the text from [part] on up to the next interpolation, which is returned (0: the end).
static u32 collect(struct compiler *c, u32 node, u32 part, const struct indent *indent, struct buf *out)
{
  for (; part && kind_of(c, part) != SYM_INTERPOLATION; part = tree_next(c->tree, part)) {
    if (kind_of(c, part) == SYM_ESCAPE_SEQUENCE) append_escape(c, part, out);
    else append_content(c, node, part, indent, out);
  }
  if (out->failed) c->failed = c->diagnostics->failed = true;
  return part;
}

static bool is_block(const struct compiler *c, u32 node) { return kind_of(c, node) == SYM_BLOCK_STRING; }

struct string *string_literal(struct compiler *c, u32 node)
{
  if (kind_of(c, node) == SYM_RAW_STRING) {
    u32 len;
    const char *text = tree_text(c->tree, node, &len);
    return compile_intern(c, text + 1, len - 2);
  }
  struct buf text;
  struct indent indent = { NULL, 0 };
  buf_init(&text, c->alloc);
  if (is_block(c, node)) indent = common_indent(c, node);
  collect(c, node, tree_first(c->tree, node), is_block(c, node) ? &indent : NULL, &text);
  struct string *s = compile_intern(c, buf_text(&text), text.len);
  buf_fini(&text);
  return s;
}

// Parts wait side by side in registers from [first] on; when there are many they are joined into the first.
static void join_full(struct compiler *c, u32 node, u16 first)
{
  u16 count = (u16)(registers_mark(c) - first);
  if (count < PARTS_MAX) return;
  emit(c, node, OP_CONCAT, first, first, count);
  registers_release(c, (u16)(first + 1));
}

static void compile_interpolation(struct compiler *c, u32 part)
{
  u16 reg = register_take(c);
  emit(c, part, OP_TOSTR, reg, compile_operand(c, field_of(c, part, FIELD_VALUE), reg), 0);
}

static void compile_parts(struct compiler *c, u32 node, u16 dest, const struct indent *indent)
{
  u16 mark = registers_mark(c), first = register_is_scratch(c, dest) ? dest : mark;
  struct buf text;
  registers_release(c, first);
  buf_init(&text, c->alloc);
  for (u32 part = tree_first(c->tree, node); part && !c->failed;) {
    buf_clear(&text);
    u32 next = collect(c, node, part, indent, &text);
    if (text.len) compile_value(c, node, value_object(compile_intern(c, buf_text(&text), text.len)), register_take(c));
    if (!next) break;
    compile_interpolation(c, next);
    join_full(c, node, first);
    part = tree_next(c->tree, next);
  }
  buf_fini(&text);
  emit(c, node, OP_CONCAT, dest, first, (u16)(registers_mark(c) - first));
  registers_release(c, mark);
}

void compile_string(struct compiler *c, u32 node, u16 dest)
{
  if (string_is_plain(c, node)) {
    compile_constant(c, node, dest);
    return;
  }
  struct indent indent = { NULL, 0 };
  if (is_block(c, node)) indent = common_indent(c, node);
  compile_parts(c, node, dest, is_block(c, node) ? &indent : NULL);
}

// Texts in parts: what a command is made of, so that it is known which of it the program wrote and which it put in.

#define QUOTED_MAX 180  // parts

static bool is_text(u16 kind) { return kind == SYM_STRING || kind == SYM_RAW_STRING || kind == SYM_BLOCK_STRING; }

static struct cell *builtin_cell(struct compiler *c, const struct string *name)
{
  const struct module *m = c->module;
  while (m->outer) m = m->outer;
  return module_find(m, name);
}

// The native that a built-in name, or a name of a built-in module, is at the time of compiling; UNSET.
static Value builtin_of(struct compiler *c, u32 callee)
{
  if (kind_of(c, callee) == SYM_MEMBER) {
    u32 object = field_of(c, callee, FIELD_OBJECT);
    Value module = kind_of(c, object) == SYM_IDENTIFIER ? builtin_of(c, object) : UNSET;
    const struct cell *cell =
        is_kind(module, KIND_MODULE) ? module_find(AS_MODULE(module), compile_name(c, field_of(c, callee, FIELD_PROPERTY))) : NULL;
    return cell ? cell->value : UNSET;
  }
  if (kind_of(c, callee) != SYM_IDENTIFIER || scopes_symbol(&c->scopes, callee)) return UNSET;
  const struct string *name = compile_name(c, callee);
  const struct cell *cell = scopes_global(c->module, name);
  return cell && cell == builtin_cell(c, name) ? cell->value : UNSET;
}

void quoted_expect(struct compiler *c, u32 callee, u32 arguments)
{
  u32 first = tree_first(c->tree, arguments);
  if (!first || !is_text(kind_of(c, first))) return;
  Value f = builtin_of(c, callee);
  if (IS_NATIVE(f) && (as_object(f)->flags & NATIVE_QUOTES)) c->quoted = first;
}

static u16 quote_text(struct compiler *c, u32 node, const char *text, size_t len)
{
  u16 reg = register_take(c);
  compile_value(c, node, value_object(compile_intern(c, text, len)), reg);
  return reg;
}

// The texts and the values between them, in turn: text first and last.
static void quote_parts(struct compiler *c, u32 node)
{
  struct indent common = { NULL, 0 }, *indent = is_block(c, node) ? &common : NULL;
  struct buf text;
  buf_init(&text, c->alloc);
  if (indent) common = common_indent(c, node);
  for (u32 part = tree_first(c->tree, node), count = 0; !c->failed; count += 2) {
    buf_clear(&text);
    u32 next = collect(c, node, part, indent, &text);
    quote_text(c, node, buf_text(&text), text.len);
    if (!next) break;
    if (count > QUOTED_MAX) compile_error(c, next, "a command of more than %d parts", QUOTED_MAX);
    compile_to(c, field_of(c, next, FIELD_VALUE), register_take(c));
    part = tree_next(c->tree, next);
  }
  buf_fini(&text);
}

void quoted_compile(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c), window = registers_take(c, 2);
  const struct cell *make = builtin_cell(c, compile_intern(c, QUOTED_NAME, strlen(QUOTED_NAME)));
  c->quoted = 0;
  if (kind_of(c, node) == SYM_RAW_STRING) {
    struct string *s = string_literal(c, node);
    const char *text = string_bytes(c->heap, s);
    quote_text(c, node, text, s->len);
  } else {
    quote_parts(c, node);
  }
  emit(c, node, OP_CALLG, window, registers_mark(c) - window - 2, 0);
  emit_object(c, make);
  if (dest != NOWHERE) emit(c, node, OP_MOVE, dest, window, 0);
  registers_release(c, mark);
}
