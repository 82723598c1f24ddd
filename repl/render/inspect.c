#include "render/inspect.h"

#include <string.h>

#include "render/flow.h"
#include "render/records.h"
#include "render/tokens.h"
#include "term/cluster.h"

enum {
  LAID_OUT = 64 * 1024,      // bytes of a text that are looked at for the screen
  TABLE_LAID_OUT = 1 << 20,  // a table needs the whole text
  INDENT = 2,
};

struct piece {
  struct token token;
  u32 width;
  u32 match;       // of an opening bracket: the piece that closes it
  bool is_simple;  // of an opening bracket: there are no brackets within
  u64 before;      // columns of all pieces before it, on one row
};

struct group {
  bool is_broken, fills;
  size_t indent;
};

struct layout {
  struct alloc *alloc;
  VEC(struct piece) pieces;
  VEC(u32) open;
  VEC(struct group) groups;
  struct flow flow;
  size_t cols, at;
  bool failed;
};

static u32 width_of(const char *text, size_t len)
{
  size_t width = 0;
  for (const char *at = text, *end = text + len; at < end;) {
    struct cluster cluster;
    at += cluster_read(at, end, &cluster);
    width += cluster.width;
  }
  return (u32)width;
}

static void add_piece(struct layout *l, struct token token)
{
  struct piece piece = { .token = token, .width = width_of(token.text, token.len), .is_simple = true };
  if (token.kind == TOKEN_BLANK) piece.width = 1;
  if (l->pieces.len > 0) piece.before = vec_last(&l->pieces).before + vec_last(&l->pieces).width;
  u32 index = l->pieces.len;
  piece.match = index;
  if (!vec_push(l->alloc, &l->pieces, piece)) {
    l->failed = true;
    return;
  }
  if (token.kind == TOKEN_OPEN) {
    if (l->open.len > 0) l->pieces.data[vec_last(&l->open)].is_simple = false;
    if (!vec_push(l->alloc, &l->open, index)) l->failed = true;
  } else if (token.kind == TOKEN_CLOSE && l->open.len > 0) {
    l->pieces.data[vec_pop(&l->open)].match = index;
  }
}

static void read_pieces(struct layout *l, const char *text, size_t len)
{
  const char *at = text, *end = text + len;
  while (at < end && !l->failed) {
    struct token token = token_read(at, end);
    add_piece(l, token);
    at += token.len;
  }
  // What was never closed goes to the end.
  while (l->open.len > 0) l->pieces.data[vec_pop(&l->open)].match = l->pieces.len - 1;
}

static enum style style_of(const struct layout *l, u32 index)
{
  switch (l->pieces.data[index].token.kind) {
  case TOKEN_STRING: return STYLE_STRING;
  case TOKEN_NUMBER: return STYLE_NUMBER;
  case TOKEN_CONSTANT: return STYLE_CONSTANT;
  case TOKEN_HANDLE: return STYLE_TYPE;
  case TOKEN_OPEN:
  case TOKEN_CLOSE:
  case TOKEN_COMMA:
  case TOKEN_COLON: return STYLE_PUNCTUATION;
  case TOKEN_NAME:
    if (index + 1 < l->pieces.len && l->pieces.data[index + 1].token.kind == TOKEN_COLON) return STYLE_PROPERTY;
    return STYLE_PLAIN;
  default: return STYLE_PLAIN;
  }
}

static void put(struct layout *l, u32 index)
{
  const struct piece *p = &l->pieces.data[index];
  flow_put(&l->flow, style_of(l, index), p->token.text, p->token.len);
  l->at += p->width;
}

static void new_row(struct layout *l, size_t indent)
{
  flow_puts(&l->flow, STYLE_PLAIN, "\n");
  for (size_t i = 0; i < indent; i++) flow_puts(&l->flow, STYLE_PLAIN, " ");
  l->at = indent;
}

static size_t indent_now(const struct layout *l) { return l->groups.len > 0 ? vec_last(&l->groups).indent : 0; }

static void put_open(struct layout *l, u32 index)
{
  const struct piece *p = &l->pieces.data[index], *close = &l->pieces.data[p->match];
  u64 flat = close->before + close->width - p->before;
  bool is_inside_flat = l->groups.len > 0 && !vec_last(&l->groups).is_broken;
  bool breaks = !is_inside_flat && l->at + flat + 1 > l->cols && p->match > index + 1;
  size_t indent = indent_now(l) + (breaks ? INDENT : 0);
  if (indent > l->cols / 2) indent = l->cols / 2;
  struct group group = { .is_broken = breaks, .fills = p->is_simple && *p->token.text == '[', .indent = indent };
  put(l, index);
  if (!vec_push(l->alloc, &l->groups, group)) l->failed = true;
  if (breaks) new_row(l, indent);
}

// Columns of the item that begins at [index], up to and with its comma.
static u64 item_width(const struct layout *l, u32 index)
{
  u32 at = index;
  while (at < l->pieces.len && l->pieces.data[at].token.kind != TOKEN_COMMA &&
         l->pieces.data[at].token.kind != TOKEN_CLOSE)
    at++;
  if (at == l->pieces.len) at--;
  return l->pieces.data[at].before + l->pieces.data[at].width - l->pieces.data[index].before;
}

// Returns the piece to go on with: blanks behind a comma are ours.
static u32 put_comma(struct layout *l, u32 index)
{
  u32 next = index + 1;
  put(l, index);
  while (next < l->pieces.len && l->pieces.data[next].token.kind == TOKEN_BLANK) next++;
  const struct group *group = l->groups.len > 0 ? &vec_last(&l->groups) : NULL;
  bool is_full = group && group->fills && next < l->pieces.len && l->at + 1 + item_width(l, next) > l->cols;
  if (group && group->is_broken && (!group->fills || is_full)) {
    new_row(l, group->indent);
  } else if (next > index + 1) {
    flow_puts(&l->flow, STYLE_PLAIN, " ");
    l->at++;
  }
  return next;
}

static void put_close(struct layout *l, u32 index)
{
  bool was_broken = l->groups.len > 0 && vec_last(&l->groups).is_broken;
  if (l->groups.len > 0) (void)vec_pop(&l->groups);
  if (was_broken) new_row(l, indent_now(l));
  put(l, index);
}

static void lay_out(struct layout *l)
{
  for (u32 i = 0; i < l->pieces.len && !l->failed;) {
    switch (l->pieces.data[i].token.kind) {
    case TOKEN_OPEN: put_open(l, i++); break;
    case TOKEN_CLOSE: put_close(l, i++); break;
    case TOKEN_COMMA: i = put_comma(l, i); break;
    default: put(l, i++); break;
    }
  }
}

static void put_more(const struct inspect_form *form, struct buf *out)
{
  style_puts(out, STYLE_STATUS, form->colors, "... (:out shows the rest)");
  buf_putc(out, '\n');
}

// Leaves the first rows of what was added to [out] from [start] on.
static bool cut_rows(const struct inspect_form *form, struct buf *out, size_t start)
{
  size_t at = start;
  for (size_t row = 0; row < form->rows; row++) {
    const char *newline = at < out->len ? memchr(out->data + at, '\n', out->len - at) : NULL;
    if (!newline) return true;
    at = (size_t)(newline - out->data) + 1;
  }
  if (form->rows == 0 || at == out->len) return true;
  buf_truncate(out, at);
  put_more(form, out);
  return false;
}

static bool put_rows(const struct layout *l, const struct inspect_form *form, bool is_whole, struct buf *out)
{
  size_t at = 0;
  for (size_t row = 0; form->rows == 0 || row < form->rows; row++) {
    if (!flow_row(&l->flow, &at, form->cols, form->colors, out, NULL)) {
      if (!is_whole) put_more(form, out);
      return is_whole;
    }
    buf_putc(out, '\n');
  }
  struct buf rest;
  buf_init(&rest, l->alloc);
  bool is_more = flow_row(&l->flow, &at, form->cols, form->colors, &rest, NULL) || !is_whole;
  buf_fini(&rest);
  if (is_more) put_more(form, out);
  return !is_more;
}

bool inspect_render(const char *text, size_t len, const struct inspect_form *form, struct buf *out)
{
  size_t start = out->len;
  if (len <= TABLE_LAID_OUT && records_render(text, len, form->cols, form->colors, out))
    return cut_rows(form, out, start);
  size_t seen = len < LAID_OUT || form->rows == 0 ? len : LAID_OUT;
  struct layout l = { .alloc = out->alloc, .cols = form->cols };
  flow_init(&l.flow, out->alloc);
  read_pieces(&l, text, seen);
  lay_out(&l);
  bool is_whole = put_rows(&l, form, seen == len, out);
  flow_fini(&l.flow);
  vec_free(l.alloc, &l.pieces);
  vec_free(l.alloc, &l.open);
  vec_free(l.alloc, &l.groups);
  return is_whole;
}
