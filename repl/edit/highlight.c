#include "edit/highlight.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

#include "edit/highlight_query.h"

enum {
  TEXT_MAX = 60000,
  TIMEOUT_US = 30000,
  DEPTH_MAX = 500,
  WIDTH_MAX = 1000,
  TURNS = 8,  // at most, where the time went to other processes
  REACH = 16 << 10,  // bytes on each side of the cursor that are coloured in long texts
};

const TSLanguage *tree_sitter_lull(void);

struct capture {
  u32 start, end;
  u32 pattern;
  enum style style;
};

struct highlight {
  struct alloc *alloc;
  TSParser *parser;
  TSQuery *query;
  TSQueryCursor *cursor;
  enum style *styles;  // by capture
  u32 style_count;
  struct buf text;  // of the tree
  TSTree *tree;
  VEC(struct capture) captures;
};

// --- the tree

static TSPoint point_at(const char *text, size_t at)
{
  TSPoint p = {0, 0};
  size_t row = 0;
  for (size_t i = 0; i < at; i++)
    if (text[i] == '\n') {
      p.row++;
      row = i + 1;
    }
  p.column = (u32)(at - row);
  return p;
}

// Tells the old tree where the text has changed: all between the common beginning and the common end.
static void edit_tree(struct highlight *h, const char *text, size_t len)
{
  const char *old = buf_text(&h->text);
  size_t old_len = h->text.len, least = len < old_len ? len : old_len, same = 0, end = 0;
  while (same < least && old[same] == text[same]) same++;
  while (end < least - same && old[old_len - 1 - end] == text[len - 1 - end]) end++;
  TSInputEdit edit = {
      .start_byte = (u32)same,
      .old_end_byte = (u32)(old_len - end),
      .new_end_byte = (u32)(len - end),
      .start_point = point_at(text, same),
      .old_end_point = point_at(old, old_len - end),
      .new_end_point = point_at(text, len - end),
  };
  ts_tree_edit(h->tree, &edit);
}

static void drop_tree(struct highlight *h)
{
  if (h->tree) ts_tree_delete(h->tree);
  h->tree = NULL;
}

// What this thread has computed, in seconds; the library counts the time of the day.
static double cpu_time(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool parse(struct highlight *h, const char *text, size_t len)
{
  if (h->tree && h->text.len == len && memcmp(buf_text(&h->text), text, len) == 0) return true;
  if (h->tree) edit_tree(h, text, len);
  TSTree *tree = NULL;
  double start = cpu_time();
  for (int turn = 0; turn < TURNS && !tree && cpu_time() - start < TIMEOUT_US / 1e6; turn++)
    tree = ts_parser_parse_string(h->parser, h->tree, text, (u32)len);  // goes on where it ran out of time
  if (!tree) ts_parser_reset(h->parser);
  drop_tree(h);
  h->tree = tree;
  buf_clear(&h->text);
  buf_append(&h->text, text, len);
  if (h->text.failed) drop_tree(h);
  return h->tree != NULL;
}

// --- captures

static int compare(const void *x, const void *y)
{
  const struct capture *a = x, *b = y;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  if (a->end != b->end) return a->end > b->end ? -1 : 1;  // what lies within comes later, and wins
  return a->pattern < b->pattern ? -1 : a->pattern > b->pattern;
}

// The tokens that fit nowhere.
static bool is_rubbish(TSNode node)
{
  enum { ERROR = (TSSymbol)-1 };
  return ts_node_symbol(node) == ERROR && ts_node_child_count(node) > WIDTH_MAX;
}

// Each step of a query costs the depth it is at, and in rubbish the width: a text that is nothing but open brackets
// stays without colour.
static bool is_costly(TSTree *tree)
{
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  u32 depth = 0;
  bool has_next = true, is_wide = false;
  while (has_next && depth <= DEPTH_MAX && !is_wide) {
    is_wide = is_rubbish(ts_tree_cursor_current_node(&cursor));
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      depth++;
      continue;
    }
    while (!(has_next = ts_tree_cursor_goto_next_sibling(&cursor)) && ts_tree_cursor_goto_parent(&cursor)) depth--;
  }
  ts_tree_cursor_delete(&cursor);
  return depth > DEPTH_MAX || is_wide;
}

static void collect(struct highlight *h, size_t len, size_t cursor)
{
  h->captures.len = 0;
  size_t at = cursor < len ? cursor : len;
  ts_query_cursor_set_byte_range(h->cursor, at > REACH ? (u32)(at - REACH) : 0, (u32)(at + REACH));
  ts_query_cursor_exec(h->cursor, h->query, ts_tree_root_node(h->tree));
  TSQueryMatch match;
  for (u32 index; ts_query_cursor_next_capture(h->cursor, &match, &index);) {
    TSQueryCapture c = match.captures[index];
    u32 start = ts_node_start_byte(c.node), end = ts_node_end_byte(c.node);
    struct capture one = {start, end, match.pattern_index, h->styles[c.index]};
    if (!vec_push(h->alloc, &h->captures, one)) return;
  }
  if (h->captures.len > 1) qsort(h->captures.data, h->captures.len, sizeof h->captures.data[0], compare);
}

// --- brackets

static char partner_of(char c)
{
  static const char pairs[] = "()[]{}";
  const char *at = c ? strchr(pairs, c) : NULL;
  return at ? pairs[(at - pairs) ^ 1] : 0;
}

static bool is_open(char c)
{
  return c == '(' || c == '[' || c == '{';
}

// The last byte of a token that is nothing but a bracket ("${" too); 0: it is something else.
static char bracket_of(TSNode node, const char *text)
{
  const char *type = ts_node_type(node);
  size_t len = strlen(type);
  u32 start = ts_node_start_byte(node), end = ts_node_end_byte(node);
  if (ts_node_is_named(node) || len == 0 || len > 2 || end - start != len || ts_node_is_missing(node)) return 0;
  return partner_of(text[end - 1]) ? text[end - 1] : 0;
}

static void mark(struct spans *out, TSNode node)
{
  struct span span = {ts_node_start_byte(node), ts_node_end_byte(node), STYLE_BRACKET};
  if (!vec_push(out->alloc, &out->list, span)) return;  // less colour, no harm
}

// Pairs are siblings; the partner is the nearest of its kind on its side, for brackets within lie deeper. By a
// cursor: a block may have thousands of children.
static bool find_partner(TSNode node, const char *text, char partner, bool is_behind, TSNode *out)
{
  TSTreeCursor cursor = ts_tree_cursor_new(ts_node_parent(node));
  u32 at = ts_node_start_byte(node);
  bool is_found = false;
  for (bool has = ts_tree_cursor_goto_first_child(&cursor); has; has = ts_tree_cursor_goto_next_sibling(&cursor)) {
    TSNode sibling = ts_tree_cursor_current_node(&cursor);
    u32 start = ts_node_start_byte(sibling);
    if (!is_behind && start >= at) break;
    if (start == at || (is_behind && start < at) || bracket_of(sibling, text) != partner) continue;
    *out = sibling;
    is_found = true;
    if (is_behind) break;
  }
  ts_tree_cursor_delete(&cursor);
  return is_found;
}

static bool mark_pair(struct highlight *h, size_t at, struct spans *out)
{
  const char *text = buf_text(&h->text);
  if (at >= h->text.len || !partner_of(text[at])) return false;
  TSNode node = ts_node_descendant_for_byte_range(ts_tree_root_node(h->tree), (u32)at, (u32)at + 1), other;
  char c = bracket_of(node, text);
  if (!c || !find_partner(node, text, partner_of(c), is_open(c), &other)) return false;
  mark(out, node);
  mark(out, other);
  return true;
}

void highlight_text(struct highlight *h, const char *text, size_t len, size_t cursor, struct spans *out)
{
  if (len == 0 || len >= TEXT_MAX || text[0] == ':' || text[0] == '!') return;
  if (!parse(h, text, len) || is_costly(h->tree)) return;
  collect(h, len, cursor);
  for (u32 i = 0; i < h->captures.len; i++) {
    struct capture *c = &h->captures.data[i];
    if (!vec_push(out->alloc, &out->list, (struct span){c->start, c->end, c->style})) return;
  }
  if (cursor > len) return;
  if (!mark_pair(h, cursor, out) && cursor > 0) mark_pair(h, cursor - 1, out);
}

// --- life

static TSQuery *compile_query(struct alloc *alloc)
{
  struct buf source;
  u32 at;
  TSQueryError error;
  buf_init(&source, alloc);
  for (size_t i = 0; i < COUNT_OF(highlight_query); i++) {
    buf_puts(&source, highlight_query[i]);
    buf_putc(&source, '\n');
  }
  TSQuery *query = source.failed ? NULL : ts_query_new(tree_sitter_lull(), source.data, (u32)source.len, &at, &error);
  buf_fini(&source);
  return query;
}

static bool name_styles(struct highlight *h)
{
  h->style_count = ts_query_capture_count(h->query);
  h->styles = mem_alloc_zero(h->alloc, h->style_count * sizeof *h->styles);
  if (!h->styles) return false;
  for (u32 i = 0; i < h->style_count; i++) {
    u32 len;
    const char *name = ts_query_capture_name_for_id(h->query, i, &len);
    h->styles[i] = style_of_capture(name, len);
  }
  return true;
}

struct highlight *highlight_create(struct alloc *alloc)
{
  struct highlight *h = mem_alloc_zero(alloc, sizeof *h);
  if (!h) return NULL;
  h->alloc = alloc;
  buf_init(&h->text, alloc);
  h->parser = ts_parser_new();
  h->query = compile_query(alloc);
  h->cursor = ts_query_cursor_new();
  if (!h->query || !ts_parser_set_language(h->parser, tree_sitter_lull()) || !name_styles(h)) {
    highlight_destroy(h);
    return NULL;
  }
  ts_parser_set_timeout_micros(h->parser, TIMEOUT_US);
  return h;
}

void highlight_destroy(struct highlight *h)
{
  if (!h) return;
  drop_tree(h);
  ts_query_cursor_delete(h->cursor);
  if (h->query) ts_query_delete(h->query);
  ts_parser_delete(h->parser);
  vec_free(h->alloc, &h->captures);
  mem_free(h->alloc, h->styles, h->style_count * sizeof *h->styles);
  buf_fini(&h->text);
  mem_free(h->alloc, h, sizeof *h);
}
