#include <string.h>

#include "base/utf8.h"
#include "edit/paste.h"
#include "edit/state.h"
#include "edit/suggest.h"
#include "session/history.h"
#include "term/modes.h"

enum { INDENT = 2 };

// --- the queue

void typing_queue(struct key key, void *editor)
{
  struct editor *e = editor;
  struct typed_key typed = {.key = key};
  if (key.code == KEY_PASTE) {
    typed.paste = buf_take(&e->keys.paste, &typed.paste_len, &typed.paste_cap);
    if (!typed.paste) return;
  }
  if (!vec_push(e->config.alloc, &e->queue, typed)) mem_free(e->config.alloc, typed.paste, typed.paste_cap);
}

void typing_drop_keys(struct editor *e)
{
  for (; e->queue_at < e->queue.len; e->queue_at++) {
    struct typed_key *k = &e->queue.data[e->queue_at];
    mem_free(e->config.alloc, k->paste, k->paste_cap);
  }
  e->queue.len = e->queue_at = 0;
}

// --- the input

static struct text input_of(struct editor *e)
{
  struct text t;
  t.bytes = engine_text(e->engine, &t.len);
  return t;
}

void typing_calm(struct editor *e)
{
  search_leave(&e->search);
  menu_close(&e->menu);
  recall_end(&e->recall);
  if (e->is_quoting) modes_signals(true);
  e->is_quoting = false;
}

void typing_interrupt(struct editor *e)
{
  typing_calm(e);
  view_commit(e, "^C");
  engine_reset(e->engine);
  e->config.callbacks.on_interrupt(e->config.user);
}

static void accept(struct editor *e)
{
  struct buf text;
  struct text input = input_of(e);
  buf_init(&text, e->config.alloc);
  buf_append(&text, input.bytes, input.len);
  if (text.failed || !engine_is_whole(e->engine)) {  // it stays; the owner tells what memory was refused
    buf_fini(&text);
    return;
  }
  typing_calm(e);
  view_commit(e, "");
  engine_reset(e->engine);
  e->config.callbacks.on_line(buf_text(&text), text.len, e->config.user);
  buf_fini(&text);
}

// Two blank rows at the end: the user wants to see what is missing.
static bool is_insisted(struct text t, size_t cursor)
{
  if (cursor != t.len) return false;
  int rows = 0;
  for (size_t at = t.len; at > 0 && rows < 2; at--) {
    if (t.bytes[at - 1] == '\n') rows++;
    else if (t.bytes[at - 1] != ' ') return false;
  }
  return rows == 2;
}

static void break_row(struct editor *e, int indent)
{
  char row[1 + 80];
  if (indent < 0) indent = 0;
  if (indent > 80) indent = 80;
  row[0] = '\n';
  memset(row + 1, ' ', (size_t)indent);
  engine_insert(e->engine, row, (size_t)indent + 1);
}

static void enter(struct editor *e)
{
  int indent = 0;
  struct text t = input_of(e);
  const struct editor_callbacks *c = &e->config.callbacks;
  bool is_ready = c->is_complete(t.bytes, t.len, &indent, e->config.user);
  if (is_ready || is_insisted(t, engine_cursor(e->engine))) accept(e);
  else break_row(e, indent);
}

static bool is_blank_before(struct text t, size_t at)
{
  while (at > 0 && t.bytes[at - 1] == ' ') at--;
  return at == 0 || t.bytes[at - 1] == '\n';
}

// A closing brace that was just typed at the beginning of a row goes back one step of indentation.
static void outdent(struct editor *e)
{
  struct text t = input_of(e);
  size_t end = engine_cursor(e->engine), at = end > 0 ? end - 1 : 0;
  if (at >= INDENT && t.bytes[at - 1] == ' ' && t.bytes[at - 2] == ' ' && is_blank_before(t, at))
    engine_replace(e->engine, at - INDENT, end, "}", 1);
}

static void paste(struct editor *e, const struct typed_key *k)
{
  struct buf text;
  buf_init(&text, e->config.alloc);
  paste_clean(&text, k->paste, k->paste_len, EDITOR_CONTINUATION);
  if (!text.failed) engine_insert(e->engine, buf_text(&text), text.len);
  buf_fini(&text);
}

// --- history and suggestion

static void recall(struct editor *e, bool is_older)
{
  size_t len;
  struct text t = input_of(e);
  if (is_older && !e->recall.is_walking && e->config.history) history_refresh(e->config.history);
  const char *text = is_older ? recall_older(&e->recall, e->config.history, t.bytes, t.len, &len)
                              : recall_newer(&e->recall, e->config.history, &len);
  if (text) engine_set_text(e->engine, text, len, len);
}

static void accept_suggestion(struct editor *e, bool is_word)
{
  size_t len;
  const char *rest = view_suggestion(e, &len);
  if (rest) engine_insert(e->engine, rest, is_word ? suggest_word(rest, len) : len);
}

// --- completion

static void show_candidate(struct editor *e, bool is_next)
{
  struct text t = menu_step(&e->menu, is_next);
  engine_replace(e->engine, e->menu.list.start, e->menu.end, t.bytes, t.len);
  e->menu.end = e->menu.list.start + t.len;
}

static void complete(struct editor *e)
{
  struct text t = input_of(e);
  size_t cursor = engine_cursor(e->engine);
  struct menu *m = &e->menu;
  if (is_blank_before(t, cursor)) {
    engine_insert(e->engine, "  ", INDENT);
    return;
  }
  menu_clear(m);
  m->list.start = cursor;
  e->config.callbacks.complete(t.bytes, t.len, cursor, &m->list, e->config.user);
  if (m->list.list.len == 0 || m->list.start > cursor) return;
  size_t common = menu_common(m), typed = cursor - m->list.start;
  bool does_grow = common > typed || m->list.list.len == 1;
  struct buf start;
  buf_init(&start, e->config.alloc);
  if (does_grow) buf_append(&start, m->list.list.data[0].text.bytes, common);
  else buf_append(&start, t.bytes + m->list.start, typed);
  if (does_grow) engine_replace(e->engine, m->list.start, cursor, buf_text(&start), start.len);
  if (m->list.list.len > 1) menu_open(m, buf_text(&start), start.len);
  else menu_clear(m);
  buf_fini(&start);
}

// Keys that mean something to the menu; the others close it and mean what they always do.
static bool menu_key(struct editor *e, struct key key)
{
  struct menu *m = &e->menu;
  switch (key.code) {
  case '\t': case KEY_DOWN: case 14: show_candidate(e, true); return true;
  case KEY_BACKTAB: case KEY_UP: case 16: show_candidate(e, false); return true;
  case KEY_ESCAPE: case 7:
    engine_replace(e->engine, m->list.start, m->end, buf_text(&m->typed), m->typed.len);
    menu_close(m);
    return true;
  case '\r': case '\n': {
    bool is_chosen = m->selected < m->list.list.len;
    menu_close(m);
    return is_chosen;
  }
  default: menu_close(m); return false;
  }
}

// --- search

static void leave_search(struct editor *e)
{
  struct search *s = &e->search;
  search_leave(s);
  if (s->found.failed || s->own.failed) return;  // the input stays as it was
  size_t cursor = s->match == SIZE_MAX ? s->own_cursor : s->match + s->pattern.len;
  if (s->found.len != s->own.len || memcmp(buf_text(&s->found), buf_text(&s->own), s->own.len) != 0)
    engine_set_text(e->engine, buf_text(&s->found), s->found.len, cursor);
}

static void begin_search(struct editor *e)
{
  struct text t = input_of(e);
  if (!e->config.history) return;
  history_refresh(e->config.history);
  search_begin(&e->search, e->config.history, t.bytes, t.len, engine_cursor(e->engine));
}

// Whether the key was one of the search; any other takes what was found and means what it always does.
static bool search_key(struct editor *e, const struct typed_key *typed)
{
  struct search *s = &e->search;
  const struct history *h = e->config.history;
  u32 code = typed->key.code;
  char bytes[4];
  if (typed->key.mods & KEY_ALT) code = KEY_NONE;
  if (code == KEY_PASTE) {
    search_type(s, h, typed->paste, typed->paste_len);
  } else if (code == 18 || code == KEY_UP || code == 16) {
    search_step(s, h, true);
  } else if (code == 19 || code == KEY_DOWN || code == 14) {
    search_step(s, h, false);
  } else if (code == 8 || code == 0x7F) {
    search_erase(s, h);
  } else if (code == 7) {
    search_leave(s);
  } else if (code == KEY_ESCAPE) {
    leave_search(e);
  } else if (code >= 0x20 && code < KEY_NONE && !(code >= 0x7F && code < 0xA0)) {
    search_type(s, h, bytes, utf8_encode(code, bytes));
  } else {
    leave_search(e);
    return false;
  }
  return true;
}

// --- keys

static void end_input(struct editor *e)
{
  typing_calm(e);
  view_commit(e, "");
  e->config.callbacks.on_eof(e->config.user);
}

static void edit_outside(struct editor *e)
{
  struct text t = input_of(e);
  e->config.callbacks.on_edit(t.bytes, t.len, engine_cursor(e->engine), e->config.user);
}

static void obey(struct editor *e, enum engine_request request)
{
  switch (request) {
  case ENGINE_NONE: case ENGINE_COMPLETE_BACK: break;
  case ENGINE_ENTER: enter(e); break;
  case ENGINE_OLDER: recall(e, true); break;
  case ENGINE_NEWER: recall(e, false); break;
  case ENGINE_SUGGESTION: accept_suggestion(e, false); break;
  case ENGINE_SUGGESTED_WORD: accept_suggestion(e, true); break;
  case ENGINE_SEARCH: begin_search(e); break;
  case ENGINE_COMPLETE: complete(e); break;
  case ENGINE_EOF: end_input(e); break;
  case ENGINE_CLEAR: screen_clear(e->screen); break;
  case ENGINE_EDIT: edit_outside(e); break;
  case ENGINE_QUOTE:
    e->is_quoting = true;
    modes_signals(false);
    break;
  case ENGINE_INTERRUPT: typing_interrupt(e); break;
  case ENGINE_SUSPEND: editor_stop(e); break;
  }
}

static void quote(struct editor *e, struct key key)
{
  char bytes[4];
  e->is_quoting = false;
  modes_signals(true);
  if (key.code == KEY_ESCAPE) key.code = 0x1B;
  if (key.code > 0 && key.code < KEY_NONE) engine_insert(e->engine, bytes, utf8_encode(key.code, bytes));
}

static void take(struct editor *e, const struct typed_key *k)
{
  if (e->is_quoting) {
    quote(e, k->key);
    return;
  }
  if (e->search.is_active && search_key(e, k)) return;
  if (e->menu.is_open && menu_key(e, k->key)) return;
  if (k->key.code == KEY_PASTE) {
    recall_end(&e->recall);
    paste(e, k);
    return;
  }
  size_t len = input_of(e).len;
  enum engine_request request = engine_feed(e->engine, k->key);
  if (k->key.code == '}' && input_of(e).len == len + 1) outdent(e);
  // Moving about in a recalled entry goes on with the walk; whatever else is typed begins a new one.
  bool is_motion = k->key.code >= KEY_NONE || k->key.code == 14 || k->key.code == 16;
  if (!is_motion && request == ENGINE_NONE) recall_end(&e->recall);
  obey(e, request);
}

void typing_take_in(struct editor *e)
{
  bool has_taken = false;
  while (e->state == EDITOR_PROMPT && e->queue_at < e->queue.len) {
    struct typed_key k = e->queue.data[e->queue_at++];
    take(e, &k);
    mem_free(e->config.alloc, k.paste, k.paste_cap);
    has_taken = true;
  }
  if (e->queue_at == e->queue.len) e->queue.len = e->queue_at = 0;
  if (has_taken && e->state == EDITOR_PROMPT) view_draw(e);
}
