#include "render/markdown.h"

#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "render/sheet.h"

enum {
  DEPTH_SHOWN = 12,  // containers within each other that still indent
  LEAST_COLS = 8,    // of text, however deep it is
  BEHIND = 8,        // bytes of zero
};

struct container {
  MD_BLOCKTYPE type;  // QUOTE, UL, OL or LI
  bool is_tight;      // lists
  unsigned number;    // of the next item of an ordered list, 0: not ordered
  bool has_mark;      // items: the mark is still to be written
  char mark[16];
  u8 width;
};

struct markdown {
  struct buf *out;
  struct alloc *alloc;
  size_t cols;
  enum color_depth colors;
  VEC(struct container) containers;
  VEC(enum style) styles;  // of the spans around the text
  struct flow flow;        // text of the block under way
  bool wants_blank;        // an empty line belongs before the next block
  enum style base;         // style of the block's text outside of any span
  struct buf link;         // where the link under way leads
  struct sheet *table;     // NULL outside of tables
  struct flow *cell;
  bool failed;
};

static void push_container(struct markdown *m, struct container c)
{
  if (!vec_push(m->alloc, &m->containers, c)) m->failed = true;
}

// What stands before each row: quote bars, marks of items, blanks. Returns its columns.
static size_t put_prefix(struct markdown *m, bool takes_marks)
{
  size_t cols = 0;
  for (u32 i = 0; i < m->containers.len && i < DEPTH_SHOWN; i++) {
    struct container *c = &m->containers.data[i];
    if (c->type == MD_BLOCK_QUOTE) {
      style_puts(m->out, STYLE_QUOTE, m->colors, "│ ");
    } else if (c->type == MD_BLOCK_LI) {
      if (c->has_mark) style_puts(m->out, STYLE_RULE, m->colors, c->mark);
      else buf_repeat(m->out, ' ', c->width);
      if (takes_marks) c->has_mark = false;
    }
    cols += c->width;
  }
  return cols;
}

static size_t prefix_cols(const struct markdown *m)
{
  size_t cols = 0;
  for (u32 i = 0; i < m->containers.len && i < DEPTH_SHOWN; i++) cols += m->containers.data[i].width;
  return cols;
}

static size_t text_cols(const struct markdown *m)
{
  size_t prefix = prefix_cols(m);
  return m->cols >= prefix + LEAST_COLS ? m->cols - prefix : LEAST_COLS;
}

static void end_row(struct markdown *m)
{
  while (m->out->len > 0 && m->out->data[m->out->len - 1] == ' ') buf_truncate(m->out, m->out->len - 1);
  buf_putc(m->out, '\n');
}

// The marks of items that begin here come with the first row, not with the empty line before it.
static void put_blank_line(struct markdown *m)
{
  if (!m->wants_blank) return;
  m->wants_blank = false;
  for (u32 i = 0; i < m->containers.len && i < DEPTH_SHOWN; i++) {
    if (m->containers.data[i].type == MD_BLOCK_QUOTE) style_puts(m->out, STYLE_QUOTE, m->colors, "│ ");
    else buf_repeat(m->out, ' ', m->containers.data[i].width);
  }
  end_row(m);
}

static size_t write_flow(struct markdown *m)
{
  size_t at = 0, widest = 0, width = 0;
  put_blank_line(m);
  for (;;) {
    size_t start = m->out->len;
    put_prefix(m, false);
    if (!flow_row(&m->flow, &at, text_cols(m), m->colors, m->out, &width)) {
      buf_truncate(m->out, start);
      break;
    }
    for (u32 i = 0; i < m->containers.len; i++) m->containers.data[i].has_mark = false;
    if (width > widest) widest = width;
    end_row(m);
  }
  flow_clear(&m->flow);
  return widest;
}

// Text of a tight item stands in no paragraph: it ends where its item or another block begins or ends.
static void flush(struct markdown *m)
{
  if (m->flow.text.len > 0) write_flow(m);
}

static void rule(struct markdown *m, const char *piece, size_t times)
{
  put_prefix(m, true);
  buf_puts(m->out, style_sgr(STYLE_RULE, m->colors));
  for (size_t i = 0; i < times; i++) buf_puts(m->out, piece);
  if (m->colors != COLORS_NONE) buf_puts(m->out, "\033[0m");
  buf_putc(m->out, '\n');
}

static struct container *list_around(struct markdown *m)
{
  for (u32 i = m->containers.len; i-- > 0;) {
    MD_BLOCKTYPE type = m->containers.data[i].type;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) return &m->containers.data[i];
  }
  return NULL;
}

static void enter_item(struct markdown *m, const MD_BLOCK_LI_DETAIL *detail)
{
  struct container *list = list_around(m), item = { .type = MD_BLOCK_LI, .has_mark = true };
  const char *bullet = "• ";
  if (detail->is_task) bullet = detail->task_mark == ' ' ? "☐ " : "☒ ";
  if (list && list->number > 0) snprintf(item.mark, sizeof item.mark, "%u. ", list->number++);
  else snprintf(item.mark, sizeof item.mark, "%s", bullet);
  item.width = (u8)utf8_count(item.mark, strlen(item.mark));
  push_container(m, item);
}

static void leave_container(struct markdown *m)
{
  if (m->containers.len > 0) (void)vec_pop(&m->containers);
  struct container *list = list_around(m);
  m->wants_blank = !list || !list->is_tight;
}

static void leave_item(struct markdown *m)
{
  if (m->containers.len > 0 && vec_last(&m->containers).has_mark) {
    put_blank_line(m);
    put_prefix(m, true);
    end_row(m);
  }
  leave_container(m);
}

static void enter_table(struct markdown *m, const MD_BLOCK_TABLE_DETAIL *detail)
{
  u32 columns = detail->col_count ? detail->col_count : 1;
  m->table = mem_alloc(m->alloc, sizeof *m->table);
  if (!m->table || columns > SHEET_COLUMNS_MAX) m->failed = true;
  if (m->table) sheet_init(m->table, m->alloc, columns > SHEET_COLUMNS_MAX ? SHEET_COLUMNS_MAX : columns);
}

static void enter_cell(struct markdown *m, const MD_BLOCK_TD_DETAIL *detail, bool is_head)
{
  u32 column = m->table->cells.len % m->table->columns;
  m->table->align[column] = detail->align == MD_ALIGN_RIGHT    ? SHEET_RIGHT
                            : detail->align == MD_ALIGN_CENTER ? SHEET_CENTER
                                                               : SHEET_LEFT;
  m->cell = sheet_cell(m->table);
  m->base = is_head ? STYLE_STRONG : STYLE_PLAIN;
  if (!m->cell) m->failed = true;
}

static void leave_table(struct markdown *m)
{
  struct buf text;
  buf_init(&text, m->alloc);
  sheet_write(m->table, text_cols(m), m->colors, &text);
  put_blank_line(m);
  for (const char *at = buf_text(&text), *newline; (newline = strchr(at, '\n')); at = newline + 1) {
    put_prefix(m, true);
    buf_append(m->out, at, (size_t)(newline - at) + 1);
  }
  buf_fini(&text);
  sheet_fini(m->table);
  mem_free(m->alloc, m->table, sizeof *m->table);
  m->table = NULL;
  m->wants_blank = true;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
  struct markdown *m = user;
  flush(m);
  m->base = STYLE_PLAIN;
  switch (type) {
  case MD_BLOCK_QUOTE:
    put_blank_line(m);  // it stands outside
    push_container(m, (struct container){ .type = type, .width = 2 });
    break;
  case MD_BLOCK_UL:
    push_container(m, (struct container){ .type = type, .is_tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight });
    break;
  case MD_BLOCK_OL: {
    const MD_BLOCK_OL_DETAIL *list = detail;
    push_container(
        m, (struct container){ .type = type, .is_tight = list->is_tight, .number = list->start ? list->start : 1 });
    break;
  }
  case MD_BLOCK_LI: enter_item(m, detail); break;
  case MD_BLOCK_H: m->base = STYLE_HEADING; break;
  case MD_BLOCK_CODE: m->base = STYLE_CODE; break;
  case MD_BLOCK_TABLE: enter_table(m, detail); break;
  case MD_BLOCK_TH:
  case MD_BLOCK_TD: enter_cell(m, detail, type == MD_BLOCK_TH); break;
  default: break;
  }
  return m->failed;
}

static void write_heading(struct markdown *m, unsigned level)
{
  size_t width = write_flow(m);
  if (level == 1 && width > 0) rule(m, "═", width);
  if (level == 2 && width > 0) rule(m, "─", width);
}

// Code stands two columns in; its last newline is no row of its own.
static void write_code(struct markdown *m)
{
  struct buf *text = &m->flow.text;
  if (text->len > 0 && text->data[text->len - 1] == '\n') buf_truncate(text, text->len - 1);
  push_container(m, (struct container){ .type = MD_BLOCK_LI, .width = 2 });
  write_flow(m);
  if (m->containers.len > 0) (void)vec_pop(&m->containers);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
  struct markdown *m = user;
  switch (type) {
  case MD_BLOCK_H: write_heading(m, ((MD_BLOCK_H_DETAIL *)detail)->level); break;
  case MD_BLOCK_CODE: write_code(m); break;
  case MD_BLOCK_HR:
    put_blank_line(m);
    rule(m, "─", text_cols(m));
    break;
  case MD_BLOCK_P:
  case MD_BLOCK_HTML: flush(m); break;
  case MD_BLOCK_LI:
    flush(m);
    leave_item(m);
    return m->failed;
  case MD_BLOCK_QUOTE:
  case MD_BLOCK_UL:
  case MD_BLOCK_OL:
    flush(m);
    leave_container(m);
    return m->failed;
  case MD_BLOCK_TABLE: leave_table(m); return m->failed;
  default: m->cell = NULL; return m->failed;
  }
  m->wants_blank = true;
  return m->failed;
}

static struct flow *target(struct markdown *m) { return m->cell ? m->cell : &m->flow; }

static enum style current_style(const struct markdown *m) { return m->styles.len > 0 ? vec_last(&m->styles) : m->base; }

static int enter_span(MD_SPANTYPE type, void *detail, void *user)
{
  struct markdown *m = user;
  enum style style = current_style(m);
  switch (type) {
  case MD_SPAN_EM: style = STYLE_EMPHASIS; break;
  case MD_SPAN_STRONG: style = STYLE_STRONG; break;
  case MD_SPAN_CODE: style = STYLE_CODE; break;
  case MD_SPAN_A: {
    const MD_ATTRIBUTE *href = &((MD_SPAN_A_DETAIL *)detail)->href;
    buf_clear(&m->link);
    buf_append(&m->link, href->text, href->size);
    style = STYLE_LINK;
    break;
  }
  case MD_SPAN_IMG: flow_puts(target(m), style, "[image: "); break;
  default: break;
  }
  return vec_push(m->alloc, &m->styles, style) ? 0 : 1;
}

// The address stands behind the text of a link, unless it is the text.
static void put_address(struct markdown *m)
{
  struct buf *text = &target(m)->text, *link = &m->link;
  if (link->len == 0) return;
  if (text->len >= link->len && memcmp(text->data + text->len - link->len, link->data, link->len) == 0) return;
  flow_puts(target(m), m->base, " (");
  flow_put(target(m), m->base, link->data, link->len);
  flow_puts(target(m), m->base, ")");
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user)
{
  struct markdown *m = user;
  if (m->styles.len > 0) (void)vec_pop(&m->styles);
  if (type == MD_SPAN_A) put_address(m);
  if (type == MD_SPAN_IMG) flow_puts(target(m), current_style(m), "]");
  return m->failed;
}

static u32 named_entity(const char *name, size_t len)
{
  static const struct {
    const char *name;
    u32 code;
  } names[] = { { "amp", '&' },      { "lt", '<' },       { "gt", '>' },       { "quot", '"' },      { "apos", '\'' },
                { "nbsp", 0xA0 },    { "copy", 0xA9 },    { "reg", 0xAE },     { "deg", 0xB0 },      { "micro", 0xB5 },
                { "times", 0xD7 },   { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "hellip", 0x2026 }, { "euro", 0x20AC },
                { "trade", 0x2122 }, { "larr", 0x2190 },  { "rarr", 0x2192 } };
  for (size_t i = 0; i < COUNT_OF(names); i++)
    if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) return names[i].code;
  return 0;
}

static void put_entity(struct markdown *m, const char *text, size_t len)
{
  char bytes[4], digits[16] = { 0 };
  u32 code = 0;
  if (len > 3 && text[1] == '#' && len < sizeof digits) {
    bool is_hex = text[2] == 'x' || text[2] == 'X';
    memcpy(digits, text + 2 + is_hex, len - 3 - is_hex);
    unsigned long number = strtoul(digits, NULL, is_hex ? 16 : 10);
    bool is_valid = number > 0 && number < 0x110000 && (number < 0xD800 || number > 0xDFFF);
    code = is_valid ? (u32)number : 0xFFFD;
  } else if (len > 2) {
    code = named_entity(text + 1, len - 2);
  }
  if (code) flow_put(target(m), current_style(m), bytes, utf8_encode(code, bytes));
  else flow_put(target(m), current_style(m), text, len);
}

static int put_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE len, void *user)
{
  struct markdown *m = user;
  switch (type) {
  case MD_TEXT_BR: flow_puts(target(m), current_style(m), "\n"); break;
  case MD_TEXT_SOFTBR: flow_puts(target(m), current_style(m), " "); break;
  case MD_TEXT_NULLCHAR: flow_puts(target(m), current_style(m), "\xEF\xBF\xBD"); break;
  case MD_TEXT_ENTITY: put_entity(m, text, len); break;
  default: flow_put(target(m), current_style(m), text, len); break;
  }
  return m->failed;
}

// md4c (0.4.8) looks at what lies behind a text whose last line does not end, and takes it for part of a link: it gets one that ends.
static int parse(struct markdown *m, const MD_PARSER *parser, const char *text, size_t len)
{
  struct buf copy;
  buf_init(&copy, m->alloc);
  buf_append(&copy, text, len);
  if (len && text[len - 1] != '\n') buf_putc(&copy, '\n');
  size_t whole = copy.len;
  buf_repeat(&copy, 0, BEHIND);
  int failed = copy.failed || whole > UINT32_MAX || md_parse(copy.data, (MD_SIZE)whole, parser, m);
  buf_fini(&copy);
  return failed;
}

void markdown_render(const char *text, size_t len, size_t cols, enum color_depth colors, struct buf *out)
{
  static const MD_PARSER parser = {
    .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEAUTOLINKS,
    .enter_block = enter_block,
    .leave_block = leave_block,
    .enter_span = enter_span,
    .leave_span = leave_span,
    .text = put_text,
  };
  struct markdown m = { .out = out, .alloc = out->alloc, .cols = cols, .colors = colors };
  flow_init(&m.flow, out->alloc);
  buf_init(&m.link, out->alloc);
  size_t start = out->len;
  if (parse(&m, &parser, text, len)) {
    // It is no Markdown we can hold: shown as it is.
    buf_truncate(out, start);
    flow_clear(&m.flow);
    m.containers.len = 0;
    m.wants_blank = false;
    flow_put(&m.flow, STYLE_PLAIN, text, len);
    write_flow(&m);
  }
  if (m.table) {
    sheet_fini(m.table);
    mem_free(m.alloc, m.table, sizeof *m.table);
  }
  vec_free(m.alloc, &m.containers);
  vec_free(m.alloc, &m.styles);
  buf_fini(&m.link);
  flow_fini(&m.flow);
}
