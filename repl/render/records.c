#include "render/records.h"

#include <string.h>

#include "render/sheet.h"
#include "render/tokens.h"

// Reads the text from left to right; `is_wrong` once it turns out not to be a list of alike maps.
struct records {
  const char *end;
  struct token now;
  bool is_wrong;
  struct sheet table;
  u32 columns;
  struct token keys[SHEET_COLUMNS_MAX];
  struct token values[SHEET_COLUMNS_MAX];  // of the map under way; len 0: it has none
  enum token_kind kinds[SHEET_COLUMNS_MAX];
  bool is_number[SHEET_COLUMNS_MAX];  // all values of the column are
  u32 rows;
};

static void advance(struct records *r)
{
  do r->now = token_read(r->now.text + r->now.len, r->end);
  while (r->now.kind == TOKEN_BLANK);
}

static bool take(struct records *r, enum token_kind kind, char c)
{
  if (r->now.kind != kind || *r->now.text != c) return false;
  advance(r);
  return true;
}

static void expect(struct records *r, enum token_kind kind, char c)
{
  if (!take(r, kind, c)) r->is_wrong = true;
}

// A value goes to the comma or bracket that ends it; brackets in it are counted.
static struct token read_value(struct records *r, enum token_kind *kind)
{
  struct token value = r->now;
  size_t depth = 0;
  const char *stop = value.text;
  *kind = value.kind;
  while (r->now.kind != TOKEN_END) {
    if (depth == 0 && (r->now.kind == TOKEN_COMMA || r->now.kind == TOKEN_CLOSE)) break;
    if (r->now.kind == TOKEN_OPEN) depth++;
    if (r->now.kind == TOKEN_CLOSE) depth--;
    if (r->now.text != value.text) *kind = TOKEN_OTHER;
    stop = r->now.text + r->now.len;
    advance(r);
  }
  value.len = (size_t)(stop - value.text);
  if (r->now.kind == TOKEN_END || value.len == 0) r->is_wrong = true;
  return value;
}

static u32 column_of(struct records *r, struct token key)
{
  for (u32 c = 0; c < r->columns; c++)
    if (r->keys[c].len == key.len && memcmp(r->keys[c].text, key.text, key.len) == 0) return c;
  if (r->rows > 0 || r->columns == SHEET_COLUMNS_MAX) {
    r->is_wrong = true;
    return 0;
  }
  r->keys[r->columns] = key;
  r->is_number[r->columns] = true;
  return r->columns++;
}

static void read_entry(struct records *r)
{
  struct token key = r->now;
  if (key.kind != TOKEN_NAME && key.kind != TOKEN_STRING && key.kind != TOKEN_CONSTANT && key.kind != TOKEN_NUMBER) {
    r->is_wrong = true;
    return;
  }
  advance(r);
  expect(r, TOKEN_COLON, ':');
  if (r->is_wrong) return;
  u32 column = column_of(r, key);
  r->values[column] = read_value(r, &r->kinds[column]);
}

static enum style style_of(enum token_kind kind)
{
  return kind == TOKEN_STRING     ? STYLE_STRING
         : kind == TOKEN_NUMBER   ? STYLE_NUMBER
         : kind == TOKEN_CONSTANT ? STYLE_CONSTANT
                                  : STYLE_PLAIN;
}

// Strings stand in a table without their quotes.
static void put_cell(struct records *r, struct token text, enum token_kind kind, enum style style)
{
  struct flow *cell = sheet_cell(&r->table);
  if (!cell) {
    r->is_wrong = true;
    return;
  }
  bool is_quoted = kind == TOKEN_STRING && text.len >= 2 && text.text[text.len - 1] == *text.text;
  if (text.len > 0) flow_put(cell, style, text.text + is_quoted, text.len - 2 * is_quoted);  // an entry may be missing
}

static void put_head(struct records *r, struct alloc *alloc)
{
  sheet_init(&r->table, alloc, r->columns);
  for (u32 c = 0; c < r->columns; c++) put_cell(r, r->keys[c], r->keys[c].kind, STYLE_STRONG);
}

static void put_row(struct records *r)
{
  for (u32 c = 0; c < r->columns; c++) {
    if (r->values[c].len > 0 && r->kinds[c] != TOKEN_NUMBER) r->is_number[c] = false;
    put_cell(r, r->values[c], r->kinds[c], style_of(r->kinds[c]));
  }
}

static void read_map(struct records *r, struct alloc *alloc)
{
  memset(r->values, 0, sizeof r->values);
  expect(r, TOKEN_OPEN, '{');
  while (!r->is_wrong) {
    read_entry(r);
    if (!take(r, TOKEN_COMMA, ',')) break;
  }
  expect(r, TOKEN_CLOSE, '}');
  if (r->is_wrong) return;
  if (r->rows == 0) put_head(r, alloc);
  put_row(r);
  r->rows++;
}

static void read_list(struct records *r, struct alloc *alloc)
{
  advance(r);
  expect(r, TOKEN_OPEN, '[');
  while (!r->is_wrong) {
    read_map(r, alloc);
    if (!take(r, TOKEN_COMMA, ',')) break;
  }
  expect(r, TOKEN_CLOSE, ']');
  if (r->now.kind != TOKEN_END || r->rows < 2) r->is_wrong = true;
}

bool records_render(const char *text, size_t len, size_t cols, enum color_depth colors, struct buf *out)
{
  struct records r = { .end = text + len, .now = { .text = text } };
  read_list(&r, out->alloc);
  if (!r.is_wrong) {
    for (u32 c = 0; c < r.columns; c++)
      if (r.is_number[c]) r.table.align[c] = SHEET_RIGHT;
    sheet_write(&r.table, cols, colors, out);
  }
  if (r.table.alloc) sheet_fini(&r.table);
  return !r.is_wrong;
}
