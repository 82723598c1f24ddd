// Targets that read programs and run none: the exact driver against tree-sitter, and the compiler.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/syntax_agree.h"
#include "base/utf8.h"
#include "derive.h"
#include "fuzz.h"
#include "syntax/compile.h"
#include "syntax/driver.h"
#include "value/number.h"

static void broken(const char *what, const char *text, size_t len, const struct buf *messages)
{
  fprintf(stderr, "%s:\n%.*s\n%s\n", what, (int)len, text, messages ? buf_text(messages) : "");
  abort();
}

// What the compiler needs of a state, made for each text: one that remembers would not tell which text did it.
struct bench {
  struct alloc alloc;
  struct heap heap;
  struct intern names;
  struct proto *protos;
  struct module *main;
};

static struct string *name(struct bench *b, const char *text) { return string_intern(&b->heap, &b->names, text, strlen(text)); }

static void bench_init(struct bench *b)
{
  *b = (struct bench){ 0 };
  alloc_init(&b->alloc, SIZE_MAX);
  if (!heap_init(&b->heap, &b->alloc)) abort();
  b->heap.stopped = true;
  string_register(&b->heap);
  number_register(&b->heap);
  function_register(&b->heap);
  module_register(&b->heap);
  chunk_register(&b->heap);
  struct module *builtins = module_new(&b->heap, name(b, "builtins"), NULL);
  b->main = module_new(&b->heap, name(b, "main"), builtins);
  static const char *const known[] = { "print", "len", "string", "int", "list", "map", "Error", "json" };
  for (size_t i = 0; i < COUNT_OF(known); i++) module_define(&b->heap, builtins, name(b, known[i]), value_int(1));
}

static void bench_fini(struct bench *b)
{
  intern_fini(&b->heap, &b->names);
  heap_fini(&b->heap);
  if (b->alloc.used) abort();
}

static void compile_as(struct bench *b, struct source *source, enum compile_mode mode, struct buf *messages)
{
  struct diagnostics d;
  struct compile_options options = { .mode = mode, .wants_value = mode == COMPILE_CELL };
  diagnostics_init(&d, &b->alloc);
  struct proto *p = compile(&b->heap, &b->names, &b->protos, b->main, source, options, &d);
  if (!p && !d.errors && !d.failed) broken("not compiled, and no error", source->text, source->len, NULL);
  buf_clear(messages);
  diagnostics_render(&d, source, messages);
  if (strstr(buf_text(messages), "driver disagree about")) broken("driver and tree disagree", source->text, source->len, messages);
  if (p) chunk_disassemble(&b->heap, p, messages);
  diagnostics_fini(&d);
}

static void check_messages(struct diagnostics *d, const struct source *s, struct buf *out)
{
  diagnostics_render(d, s, out);
  if (utf8_valid_prefix(buf_text(out), out->len) != out->len) broken("a message that is no UTF-8", s->text, s->len, out);
  for (u32 i = 0; i < d->list.len; i++) {
    if (d->list.data[i].start > d->list.data[i].end || d->list.data[i].end > s->len) broken("a place outside", s->text, s->len, out);
  }
}

// Where tree-sitter reads the whole text without an error the driver must, and the other way round.
static void check_agreement(const struct source *s, enum syntax_status status, const struct buf *messages)
{
  if (utf8_valid_prefix(s->text, s->len) != s->len || strstr(buf_text(messages), "control character")) return;
  if (strstr(buf_text(messages), "nested too deeply")) return;
  TSParser *parser = ts_parser_new();
  if (!ts_parser_set_language(parser, tree_sitter_lull())) abort();
  bool is_right = is_tree_right(parser, s->text, s->len);
  ts_parser_delete(parser);
  if (is_right != (status == SYNTAX_COMPLETE)) broken(is_right ? "only tree-sitter takes" : "only the driver takes", s->text, s->len, messages);
}

static void check_program(const char *text, size_t len)
{
  struct bench b;
  struct buf messages;
  struct diagnostics d;
  struct syntax_expected expected;
  bench_init(&b);
  buf_init(&messages, &b.alloc);
  diagnostics_init(&d, &b.alloc);
  struct source *source = source_create(&b.alloc, "fuzz", text, len);
  enum syntax_status status = syntax_check(source, &d);
  if ((status == SYNTAX_ERROR) != (d.errors > 0) && status != SYNTAX_MORE) broken("status and errors differ", text, len, NULL);
  check_messages(&d, source, &messages);
  check_agreement(source, status, &messages);
  if (utf8_valid_prefix(text, len) == len) (void)!syntax_expected(&b.alloc, text, (u32)len, &expected);
  if (status == SYNTAX_COMPLETE) compile_as(&b, source, COMPILE_FILE, &messages);
  if (status == SYNTAX_COMPLETE) compile_as(&b, source, COMPILE_CELL, &messages);
  diagnostics_fini(&d);
  source_unref(source);
  buf_fini(&messages);
  bench_fini(&b);
}

void fuzz_source(const char *bytes, size_t len) { check_program(bytes, len); }

void fuzz_grammar(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct buf text;
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&text, &alloc);
  derive(bytes, len, &text);
  check_program(buf_text(&text), text.len);
  buf_fini(&text);
}
