// Targets of the program's side: what comes from the terminal and what goes there.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/packet.h"
#include "base/sys.h"
#include "edit/highlight.h"
#include "edit/keys.h"
#include "fuzz.h"
#include "render/inspect.h"
#include "render/markdown.h"
#include "render/trace.h"
#include "session/history.h"
#include "session/line.h"
#include "syntax/driver.h"

static struct alloc *new_alloc(struct alloc *alloc)
{
  alloc_init(alloc, SIZE_MAX);
  return alloc;
}

static void check_empty(const struct alloc *alloc)
{
  if (alloc->used) abort();
}

// Nothing but text, the controls in [controls], and sequences that set colours.
static void check_harmless(const char *text, size_t len, const char *controls)
{
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == 0x1b) {
      if (++i >= len || text[i] != '[') abort();
      for (i++; i < len && (strchr("0123456789;:", text[i]) && text[i]); i++) {}
      if (i >= len || text[i] != 'm') abort();
    } else if ((c < 0x20 && !(c && strchr(controls, c))) || c == 0x7f) {
      abort();
    } else if (c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0) {
      abort();  // C1
    }
  }
}

void fuzz_markdown(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct buf out;
  buf_init(&out, new_alloc(&alloc));
  markdown_render(bytes, len, 40, COLORS_NONE, &out);
  check_harmless(buf_text(&out), out.len, "\n");
  buf_clear(&out);
  markdown_render(bytes, len, 40, COLORS_256, &out);
  check_harmless(buf_text(&out), out.len, "\n");
  buf_fini(&out);
  check_empty(&alloc);
}

static void take_key(struct key key, void *user)
{
  struct buf *taken = user;
  buf_append(taken, (const char *)&key.code, sizeof key.code);
  buf_append(taken, (const char *)&key.mods, sizeof key.mods);
}

void fuzz_keys(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct keys whole, pieces;
  struct buf a, b;
  new_alloc(&alloc);
  buf_init(&a, &alloc);
  buf_init(&b, &alloc);
  keys_init(&whole, &alloc);
  keys_init(&pieces, &alloc);
  keys_feed(&whole, bytes, len, take_key, &a);
  for (size_t i = 0; i < len; i++) keys_feed(&pieces, bytes + i, 1, take_key, &b);
  if (keys_is_waiting(&whole)) keys_timeout(&whole, take_key, &a);
  if (keys_is_waiting(&pieces)) keys_timeout(&pieces, take_key, &b);
  if (a.len != b.len || memcmp(buf_text(&a), buf_text(&b), a.len)) abort();
  keys_fini(&whole);
  keys_fini(&pieces);
  buf_fini(&a);
  buf_fini(&b);
  check_empty(&alloc);
}

void fuzz_history(const char *bytes, size_t len)
{
  static const char entry[] = "let fuzzed = 1";
  char path[] = "/tmp/lull-fuzz-XXXXXX";
  struct alloc alloc;
  size_t found;
  int fd = mkstemp(path);
  if (fd < 0 || !sys_write_all(fd, bytes, len)) abort();
  sys_close(fd);
  struct history *h = history_create(new_alloc(&alloc), path);
  if (!h || (!history_append(h, entry, sizeof entry - 1) && history_error(h))) abort();
  history_destroy(h);
  h = history_create(&alloc, path);
  const char *last = h ? history_entry(h, history_before(h, history_bound(h)), &found) : NULL;
  if (!last || found != sizeof entry - 1 || memcmp(last, entry, found)) abort();
  history_destroy(h);
  unlink(path);
  check_empty(&alloc);
}

// Values, reports of errors: the text comes from a program, so it may be anything.
void fuzz_inspect(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct buf out;
  buf_init(&out, new_alloc(&alloc));
  for (int i = 0; i < 4; i++) {
    struct inspect_form form = { .cols = i & 1 ? 80 : 13, .rows = i & 2 ? 5 : 0, .colors = i & 1 ? COLORS_256 : COLORS_NONE };
    buf_clear(&out);
    inspect_render(bytes, len, &form, &out);
    check_harmless(buf_text(&out), out.len, "\n");
    buf_clear(&out);
    trace_render(bytes, len, form.colors, &out);
    check_harmless(buf_text(&out), out.len, "\n");
  }
  buf_fini(&out);
  check_empty(&alloc);
}

void fuzz_output(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct buf out;
  struct attr look = { 0 };
  buf_init(&out, new_alloc(&alloc));
  for (const char *at = bytes, *end = bytes + len; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
    line_clean(&out, at, (size_t)(stop - at), &look, COLORS_256, !newline);
    at = stop + 1;
  }
  check_harmless(buf_text(&out), out.len, "");
  buf_fini(&out);
  check_empty(&alloc);
}

// The packet as it would be sent.
static void put_again(const struct packet *f, struct buf *out)
{
  struct hello hello;
  struct farewell end;
  struct buf text;
  u16 version;
  int cols, rows, status;
  buf_init(&text, out->alloc);
  if (packet_read_size(f, &cols, &rows)) packet_put_size(out, cols, rows);
  else if (packet_read_back(f, &status)) packet_put_back(out, status);
  else if (packet_read_end(f, &end) && end.len <= 1024 && !memchr(end.text, 0, end.len)) {
    buf_append(&text, end.text, end.len);
    packet_put_end(out, end.why, end.status, buf_text(&text));
  } else {
    packet_put(out, f->type, f->payload, f->len);
  }
  if (packet_read_hello(f, &hello) && hello.version == PACKET_VERSION && (!hello.cols || !hello.rows)) abort();
  if (packet_read_welcome(f, &version, &text) && f->type != PACKET_HELLO) abort();
  buf_fini(&text);
}

void fuzz_packet(const char *bytes, size_t len)
{
  struct alloc alloc;
  struct buf again;
  struct packet f, part;
  size_t at = 0;
  enum packet_status status;
  buf_init(&again, new_alloc(&alloc));
  while ((status = packet_next(bytes + at, len - at, &f)) == PACKET_WHOLE) {
    if (f.size > len - at || f.payload + f.len != bytes + at + f.size || f.len > PACKET_MOST) abort();
    if (packet_next(bytes + at, f.size - 1, &part) != PACKET_PART) abort();
    if (!packet_has(bytes, at + f.size, f.type)) abort();
    buf_clear(&again);
    put_again(&f, &again);
    bool is_zero_size = f.type == PACKET_SIZE && (!(f.payload[0] | f.payload[1]) || !(f.payload[2] | f.payload[3]));
    if (!is_zero_size && (again.len != f.size || memcmp(again.data, bytes + at, f.size))) abort();
    at += f.size;
  }
  if (status == PACKET_PART && len - at >= PACKET_HEAD + PACKET_MOST) abort();
  buf_fini(&again);
  check_empty(&alloc);
}

// --- colours while typing

static void check_spans(const struct spans *spans, size_t len)
{
  for (u32 i = 0; i < spans->list.len; i++) {
    struct span s = spans->list.data[i];
    if (s.start > s.end || s.end > len || s.style >= STYLE_COUNT) abort();
  }
}

static void colour(struct highlight *h, const char *text, size_t len, struct spans *out)
{
  out->list.len = 0;
  highlight_text(h, text, len, len / 2, out);
  check_spans(out, len);
}

static bool is_equal(const struct spans *a, const struct spans *b)
{
  bool is = a->list.len == b->list.len;
  for (u32 i = 0; is && i < a->list.len; i++) {
    struct span x = a->list.data[i], y = b->list.data[i];
    is = x.start == y.start && x.end == y.end && x.style == y.style;
  }
  return is;
}

static bool is_program(struct alloc *alloc, const char *text, size_t len)
{
  struct diagnostics d;
  diagnostics_init(&d, alloc);
  struct source *source = source_create(alloc, "fuzz", text, len);
  bool is = source->len == len && syntax_check(source, &d) == SYNTAX_COMPLETE;
  source_unref(source);
  diagnostics_fini(&d);
  return is;
}

// Typed piece by piece, with half of it taken out again and again: in the end, where the text is a program, the colours are
// those of the text at once. How the library mends what is broken may depend on the way.
void fuzz_highlight(const char *bytes, size_t len)
{
  struct alloc alloc;
  if (len > 4096) return;
  struct spans typed = { .alloc = new_alloc(&alloc) }, whole = { .alloc = &alloc };
  struct highlight *h = highlight_create(&alloc);
  if (!h) abort();
  size_t step = len / 8 + 1;
  for (size_t i = 0; i < len + step; i += step) {
    size_t now = i < len ? i : len;
    colour(h, bytes, now / 2, &typed);
    colour(h, bytes, now, &typed);
    if (now < len || !is_program(&alloc, bytes, now)) continue;
    struct highlight *fresh = highlight_create(&alloc);
    colour(fresh, bytes, now, &whole);
    highlight_destroy(fresh);
    if (!is_equal(&typed, &whole)) abort();
  }
  highlight_destroy(h);
  vec_free(&alloc, &typed.list);
  vec_free(&alloc, &whole.list);
  check_empty(&alloc);
}
