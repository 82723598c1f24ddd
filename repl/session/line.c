#include "session/line.h"

#include <string.h>

#include "base/utf8.h"
#include "term/cluster.h"

enum { TAB = 8 };

// A row being made. Text before [start] belongs to others.
struct row {
  struct buf *out;
  size_t start;
  size_t cols;
  struct attr *look;
  struct attr shown;  // the look the terminal would be in behind `out`
  enum color_depth colors;
};

static void show_look(struct row *r)
{
  if (r->colors == COLORS_NONE || attr_equal(r->shown, *r->look)) return;
  sgr_put(r->out, r->shown, *r->look);
  r->shown = *r->look;
}

static void restart(struct row *r)
{
  buf_truncate(r->out, r->start);
  r->cols = 0;
  r->shown = (struct attr){ 0 };
}

static void put_blanks(struct row *r)
{
  size_t blanks = TAB - r->cols % TAB;
  show_look(r);
  buf_repeat(r->out, ' ', blanks);
  r->cols += blanks;
}

static void put_cluster(struct row *r, const struct cluster *c)
{
  show_look(r);
  if (c->is_made_up) style_put(r->out, STYLE_CONTROL, r->colors, c->text, c->len);
  else buf_append(r->out, c->text, c->len);
  if (c->is_made_up && r->colors != COLORS_NONE) r->shown = (struct attr){ 0 };
  r->cols += c->width;
}

// Erasing from the cursor on does nothing at the end of a row, where the cursor always is; erasing the whole row
// empties it.
static bool is_erasing(struct row *r, const char *sequence, size_t len)
{
  if (len < 3 || sequence[1] != '[' || sequence[len - 1] != 'K') return false;
  if (len == 4 && (sequence[2] == '1' || sequence[2] == '2')) restart(r);
  return true;
}

// An escape sequence at [at]: returns the bytes it takes, 0 where it is to be shown.
static size_t take_sequence(struct row *r, const char *at, const char *end)
{
  size_t len = sgr_sequence(at, end);
  if (len == 0) return 0;
  if (sgr_is(at, len)) {
    sgr_apply(r->look, at, len);
    return len;
  }
  return is_erasing(r, at, len) ? len : 0;
}

static const char *take(struct row *r, const char *at, const char *end)
{
  struct cluster cluster;
  if (*at == '\t') {
    put_blanks(r);
    return at + 1;
  }
  size_t len = *at == '\033' ? take_sequence(r, at, end) : 0;
  if (len > 0) return at + len;
  len = cluster_read(at, end, &cluster);
  put_cluster(r, &cluster);
  return at + len;
}

// How much of a line that goes on can be shown: not the beginning of a character or of a sequence.
static size_t whole_part(const char *bytes, size_t len)
{
  len -= utf8_tail(bytes, len);
  for (size_t back = 1; back <= len && back < 32; back++) {
    const char *at = bytes + len - back;
    if (*at == '\033') return sgr_sequence(at, bytes + len) == 0 ? len - back : len;
  }
  return len;
}

void line_clean(struct buf *out, const char *bytes, size_t len, struct attr *look, enum color_depth colors, bool is_cut)
{
  struct row r = { .out = out, .start = out->len, .look = look, .colors = colors };
  if (is_cut) len = whole_part(bytes, len);
  while (len > 0 && bytes[len - 1] == '\r') len--;
  for (const char *at = bytes, *end = bytes + len; at < end;) {
    if (*at == '\r') {
      restart(&r);
      at++;
    } else {
      at = take(&r, at, end);
    }
  }
  if (!attr_is_plain(r.shown)) buf_puts(out, "\033[0m");
}

void line_clean_all(struct buf *out, const char *text, size_t len, enum color_depth colors)
{
  struct attr look = { 0 };
  for (const char *at = text, *end = text + len; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
    line_clean(out, at, (size_t)(stop - at), &look, colors, false);
    if (newline) buf_putc(out, '\n');
    at = stop + 1;
  }
}
