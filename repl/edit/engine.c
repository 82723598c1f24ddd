#include "edit/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "edit/undo.h"
#include "term/cluster.h"

enum { STACK_BYTES = 512 << 10, GUARD_BYTES = 4096 * 4, KILLS = 16, INDENT = 2 };

// Keys that are no characters reach libedit as this byte and a letter, bound below; the user's own ^\ is a signal.
enum { LEAD_IN = 0x1C };

struct kill {
  wchar_t *text;
  size_t len;
};

struct engine {
  struct alloc *alloc;
  EditLine *el;
  FILE *null;
  int master, slave;
  ucontext_t outside, inside;
  void *stack;

  wchar_t queue[8];
  u32 queue_at, queue_len;
  bool is_vi;
  bool is_abort, is_over;
  bool has_asked;  // for a key, since this line was begun
  enum engine_request request;

  struct buf text;  // as libedit has it, after each key
  size_t cursor;
  bool is_stale;  // the text must be read again
  struct undo undo;
  int goal;  // column that up and down keep; -1: that of the cursor
  struct kill kills[KILLS];
  u32 kill_at;                // the newest
  bool is_killing, was_kill;  // this command kills; the one before did
  bool has_run;               // one of our commands has run for this key
  size_t yanked;              // characters put in by the last command, a yank
};

// --- the line, as libedit holds it

struct line {
  const wchar_t *text;
  int len, at;
};

static struct line line_of(struct engine *e)
{
  const LineInfoW *info = el_wline(e->el);
  return (struct line){info->buffer, (int)(info->lastchar - info->buffer), (int)(info->cursor - info->buffer)};
}

static int row_start(struct line l, int at)
{
  while (at > 0 && l.text[at - 1] != L'\n') at--;
  return at;
}

static int row_end(struct line l, int at)
{
  while (at < l.len && l.text[at] != L'\n') at++;
  return at;
}

static void move_to(struct engine *e, int at)
{
  el_cursor(e->el, at - line_of(e).at);
}

// libedit deletes only what lies before the cursor.
static void delete_range(struct engine *e, int from, int to)
{
  if (from >= to) return;
  move_to(e, to);
  el_deletestr(e->el, to - from);
}

static bool insert_wide(struct engine *e, const wchar_t *text, size_t len)
{
  wchar_t *copy = mem_alloc(e->alloc, (len + 1) * sizeof *copy);
  if (!copy) return false;
  memcpy(copy, text, len * sizeof *copy);
  copy[len] = 0;
  bool ok = len == 0 || el_winsertstr(e->el, copy) == 0;
  mem_free(e->alloc, copy, (len + 1) * sizeof *copy);
  return ok;
}

// The cluster beside the cursor, in characters.
static int cluster_left(struct line l)
{
  char bytes[4 * 32];
  int from = l.at > 32 ? l.at - 32 : 0;
  size_t len = 0;
  for (int i = from; i < l.at; i++) len += utf8_encode((u32)l.text[i], bytes + len);
  size_t last = cluster_before(bytes, len);
  return (int)utf8_count(bytes + len - last, last);
}

static int cluster_right(struct line l)
{
  char bytes[4 * 32];
  size_t len = 0;
  for (int i = l.at; i < l.len && i < l.at + 32; i++) len += utf8_encode((u32)l.text[i], bytes + len);
  struct cluster c;
  return len == 0 ? 0 : (int)utf8_count(bytes, cluster_read(bytes, bytes + len, &c));
}

static bool is_word(wchar_t c)
{
  return c == L'_' || c >= 0x80 || (c >= L'0' && c <= L'9') || (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z');
}

static int word_left(struct line l)
{
  int at = l.at;
  while (at > 0 && !is_word(l.text[at - 1])) at--;
  while (at > 0 && is_word(l.text[at - 1])) at--;
  return at;
}

static int word_right(struct line l)
{
  int at = l.at;
  while (at < l.len && !is_word(l.text[at])) at++;
  while (at < l.len && is_word(l.text[at])) at++;
  return at;
}

static int blank_left(struct line l)
{
  int at = l.at;
  while (at > 0 && (l.text[at - 1] == L' ' || l.text[at - 1] == L'\n')) at--;
  while (at > 0 && l.text[at - 1] != L' ' && l.text[at - 1] != L'\n') at--;
  return at;
}

static int column_of(struct line l, int from, int to)
{
  int cols = 0;
  for (int i = from; i < to; i++) cols += cluster_code_width((u32)l.text[i]);
  return cols;
}

// --- killing and yanking

static void drop_kill(struct engine *e, struct kill *k)
{
  mem_free(e->alloc, k->text, (k->len + 1) * sizeof *k->text);
  *k = (struct kill){0};
}

// Kills in a row make one entry: what lay before the cursor is put before, what lay behind it behind. False: no memory.
static bool keep_kill(struct engine *e, const wchar_t *text, size_t len, bool is_before)
{
  struct kill *was = &e->kills[e->kill_at];
  bool does_grow = e->was_kill && was->text;
  struct kill now = {.len = len + (does_grow ? was->len : 0)};
  now.text = mem_alloc(e->alloc, (now.len + 1) * sizeof *now.text);
  if (!now.text) return false;
  size_t at = does_grow && !is_before ? was->len : 0;
  memcpy(now.text + at, text, len * sizeof *text);
  if (does_grow) memcpy(now.text + (at ? 0 : len), was->text, was->len * sizeof *text);
  now.text[now.len] = 0;
  if (!does_grow) e->kill_at = (e->kill_at + 1) % KILLS;
  struct kill *slot = &e->kills[e->kill_at];
  if (slot->text) drop_kill(e, slot);
  *slot = now;
  return true;
}

static void kill_range(struct engine *e, int from, int to)
{
  struct line l = line_of(e);
  e->is_killing = true;
  if (from >= to) return;
  if (keep_kill(e, l.text + from, (size_t)(to - from), to <= l.at)) delete_range(e, from, to);
}

static void yank(struct engine *e)
{
  struct kill *k = &e->kills[e->kill_at];
  if (!k->text) return;
  if (insert_wide(e, k->text, k->len)) e->yanked = k->len;
}

// In place of what was just yanked, the kill before it.
static void yank_older(struct engine *e, size_t yanked)
{
  if (yanked == 0) return;
  int at = line_of(e).at;
  delete_range(e, at - (int)yanked, at);
  do e->kill_at = (e->kill_at + KILLS - 1) % KILLS;
  while (!e->kills[e->kill_at].text);
  yank(e);
}

// --- commands

// Identifier, name for ~/.editrc, help. ORDER COMMAND: moves from left to text_end, changes from newline to redo.
#define COMMANDS(X) \
  X(enter, "lull-enter", "run the input, or go on in a new row") \
  X(newline, "lull-newline", "a new row") \
  X(up, "lull-up", "a row up, or an older entry") \
  X(down, "lull-down", "a row down, or a newer entry") \
  X(left, "lull-left", "a character back") \
  X(right, "lull-right", "a character on, or accept the suggestion") \
  X(word_left, "lull-word-left", "a word back") \
  X(word_right, "lull-word-right", "a word on, or accept a word of the suggestion") \
  X(row_start, "lull-row-start", "start of the row") \
  X(row_end, "lull-row-end", "end of the row, or accept the suggestion") \
  X(text_start, "lull-text-start", "start of the input") \
  X(text_end, "lull-text-end", "end of the input") \
  X(erase, "lull-erase", "delete the character before") \
  X(delete, "lull-delete", "delete the character at the cursor") \
  X(delete_or_eof, "lull-delete-or-eof", "delete the character at the cursor; end of input where there is none") \
  X(kill_row_end, "lull-kill-row-end", "kill to the end of the row") \
  X(kill_row_start, "lull-kill-row-start", "kill to the start of the row") \
  X(kill_blank_left, "lull-kill-blank-left", "kill the text back to a blank") \
  X(kill_word_left, "lull-kill-word-left", "kill the word before") \
  X(kill_word_right, "lull-kill-word-right", "kill the word behind") \
  X(yank, "lull-yank", "put back what was killed last") \
  X(yank_older, "lull-yank-older", "put back what was killed before that") \
  X(undo, "lull-undo", "undo") \
  X(redo, "lull-redo", "redo") \
  X(search, "lull-search", "search the history") \
  X(complete, "lull-complete", "complete") \
  X(complete_back, "lull-complete-back", "the completion before") \
  X(clear, "lull-clear", "clear the screen") \
  X(edit, "lull-edit", "edit in $EDITOR") \
  X(quote, "lull-quote", "take the next key as text") \
  X(interrupt, "lull-interrupt", "drop the input") \
  X(suspend, "lull-suspend", "stop the session")

enum command {
#define X(id, name, help) COMMAND_##id,
  COMMANDS(X)
#undef X
};

static void move_row(struct engine *e, bool is_up)
{
  struct line l = line_of(e);
  int start = row_start(l, l.at), end = row_end(l, l.at);
  int goal = e->goal >= 0 ? e->goal : column_of(l, start, l.at);
  if (is_up ? start == 0 : end == l.len) {
    e->request = is_up ? ENGINE_OLDER : ENGINE_NEWER;
    return;
  }
  int at = is_up ? row_start(l, start - 1) : end + 1;
  int stop = row_end(l, at), col = 0;
  while (at < stop && (col += cluster_code_width((u32)l.text[at])) <= goal) at++;
  move_to(e, at);
  e->goal = goal;
}

// Backspace within indentation takes a whole step of it.
static void erase_left(struct engine *e)
{
  struct line l = line_of(e);
  if (l.at == 0) return;
  int start = row_start(l, l.at), col = l.at - start, n = cluster_left(l);
  bool is_indent = col > 0 && start > 0;
  for (int i = start; i < l.at; i++) is_indent &= l.text[i] == L' ';
  if (is_indent) n = col % INDENT ? col % INDENT : INDENT;
  el_deletestr(e->el, n);
}

static void delete_right(struct engine *e)
{
  struct line l = line_of(e);
  delete_range(e, l.at, l.at + cluster_right(l));
}

static void show_snapshot(struct engine *e, const struct snapshot *s);

static void run_move(struct engine *e, enum command command, struct line l)
{
  bool is_end = l.at == l.len;
  switch (command) {
  case COMMAND_left: move_to(e, l.at - (l.at > 0 ? cluster_left(l) : 0)); break;
  case COMMAND_right:
    if (is_end) e->request = ENGINE_SUGGESTION;
    else move_to(e, l.at + cluster_right(l));
    break;
  case COMMAND_word_left: move_to(e, word_left(l)); break;
  case COMMAND_word_right:
    if (is_end) e->request = ENGINE_SUGGESTED_WORD;
    else move_to(e, word_right(l));
    break;
  case COMMAND_row_start: move_to(e, row_start(l, l.at)); break;
  case COMMAND_row_end:
    if (is_end) e->request = ENGINE_SUGGESTION;
    else move_to(e, row_end(l, l.at));
    break;
  case COMMAND_text_start: move_to(e, 0); break;
  default: move_to(e, l.len); break;
  }
}

static void run_change(struct engine *e, enum command command, struct line l)
{
  int end = row_end(l, l.at), start = row_start(l, l.at);
  switch (command) {
  case COMMAND_newline: el_winsertstr(e->el, L"\n"); break;
  case COMMAND_erase: erase_left(e); break;
  case COMMAND_delete: delete_right(e); break;
  case COMMAND_delete_or_eof:
    if (l.len == 0) e->request = ENGINE_EOF;
    else delete_right(e);
    break;
  case COMMAND_kill_row_end: kill_range(e, l.at, l.at == end && end < l.len ? end + 1 : end); break;
  case COMMAND_kill_row_start: kill_range(e, l.at == start && start > 0 ? start - 1 : start, l.at); break;
  case COMMAND_kill_blank_left: kill_range(e, blank_left(l), l.at); break;
  case COMMAND_kill_word_left: kill_range(e, word_left(l), l.at); break;
  case COMMAND_kill_word_right: kill_range(e, l.at, word_right(l)); break;
  case COMMAND_undo: show_snapshot(e, undo_back(&e->undo)); break;
  default: show_snapshot(e, undo_forth(&e->undo)); break;
  }
}

static enum engine_request request_of(enum command command)
{
  switch (command) {
  case COMMAND_enter: return ENGINE_ENTER;
  case COMMAND_search: return ENGINE_SEARCH;
  case COMMAND_complete: return ENGINE_COMPLETE;
  case COMMAND_complete_back: return ENGINE_COMPLETE_BACK;
  case COMMAND_clear: return ENGINE_CLEAR;
  case COMMAND_edit: return ENGINE_EDIT;
  case COMMAND_quote: return ENGINE_QUOTE;
  case COMMAND_interrupt: return ENGINE_INTERRUPT;
  case COMMAND_suspend: return ENGINE_SUSPEND;
  default: return ENGINE_NONE;
  }
}

static void run_command(struct engine *e, enum command command)
{
  size_t yanked = e->yanked;
  int goal = e->goal;
  e->has_run = true;
  e->yanked = 0;
  e->goal = -1;
  e->is_killing = false;
  struct line l = line_of(e);
  if (command == COMMAND_up || command == COMMAND_down) {
    e->goal = goal;
    move_row(e, command == COMMAND_up);
  } else if (command >= COMMAND_left && command <= COMMAND_text_end) {
    run_move(e, command, l);
  } else if (command == COMMAND_yank) {
    yank(e);
  } else if (command == COMMAND_yank_older) {
    yank_older(e, yanked);
  } else if ((e->request = request_of(command)) == ENGINE_NONE) {
    run_change(e, command, l);
  }
  e->was_kill = e->is_killing;
}

static unsigned char dispatch(EditLine *el, enum command command)
{
  struct engine *e;
  el_wget(el, EL_CLIENTDATA, &e);
  run_command(e, command);
  return CC_REFRESH;
}

#define X(id, name, help) \
  static unsigned char do_##id(EditLine *el, wint_t c) \
  { \
    return dispatch(el, COMMAND_##id); \
  }
COMMANDS(X)
#undef X

// --- bindings

struct binding {
  const wchar_t *keys, *function;
};

// Of both editors; the letters behind the lead-in are those of sequence_of.
static const struct binding common[] = {
    {L"\x1c" L"A", L"lull-up"},           {L"\x1c" L"B", L"lull-down"},        {L"\x1c" L"C", L"lull-right"},
    {L"\x1c" L"D", L"lull-left"},         {L"\x1c" L"H", L"lull-row-start"},   {L"\x1c" L"F", L"lull-row-end"},
    {L"\x1c" L"X", L"lull-delete"},       {L"\x1c" L"c", L"lull-word-right"},  {L"\x1c" L"d", L"lull-word-left"},
    {L"\x1c" L"Z", L"lull-complete-back"}, {L"\x1c" L"n", L"lull-newline"},    {L"\x1c" L"h", L"lull-text-start"},
    {L"\x1c" L"f", L"lull-text-end"},     {L"\x1c" L"x", L"lull-kill-word-right"}, {L"\x1c" L"r", L"lull-enter"},
    {L"^M", L"lull-enter"},               {L"^J", L"lull-enter"},              {L"^D", L"lull-delete-or-eof"},
    {L"^L", L"lull-clear"},               {L"^C", L"lull-interrupt"},          {L"^Z", L"lull-suspend"},
    {L"^P", L"lull-up"},                  {L"^N", L"lull-down"},
};

static const struct binding typing[] = {
    {L"^I", L"lull-complete"},            {L"^H", L"lull-erase"},              {L"^?", L"lull-erase"},
    {L"^U", L"lull-kill-row-start"},      {L"^W", L"lull-kill-blank-left"},    {L"^R", L"lull-search"},
    {L"^V", L"lull-quote"},               {L"^K", L"lull-kill-row-end"},       {L"^Y", L"lull-yank"},
    {L"^_", L"lull-undo"},                {L"^A", L"lull-row-start"},          {L"^E", L"lull-row-end"},
};

static const struct binding emacs[] = {
    {L"^B", L"lull-left"},                {L"^F", L"lull-right"},              {L"^Q", L"lull-quote"},
    {L"^[b", L"lull-word-left"},          {L"^[f", L"lull-word-right"},        {L"^[B", L"lull-word-left"},
    {L"^[F", L"lull-word-right"},         {L"^[d", L"lull-kill-word-right"},   {L"^[D", L"lull-kill-word-right"},
    {L"^[^H", L"lull-kill-word-left"},    {L"^[^?", L"lull-kill-word-left"},   {L"^[y", L"lull-yank-older"},
    {L"^[/", L"lull-redo"},               {L"^[e", L"lull-edit"},              {L"^X^E", L"lull-edit"},
    {L"^X^U", L"lull-undo"},              {L"^[<", L"lull-text-start"},        {L"^[>", L"lull-text-end"},
    {L"^[x", L"ed-unassigned"},           {L"^[X", L"ed-unassigned"},          {L"^[p", L"lull-up"},
    {L"^[n", L"lull-down"},               {L"^[P", L"lull-up"},                {L"^[N", L"lull-down"},
    {L"^S", L"lull-search"},
};

static const struct binding vi_command[] = {
    {L"k", L"lull-up"},                   {L"j", L"lull-down"},                {L"u", L"lull-undo"},
    {L"U", L"lull-undo"},                 {L"^R", L"lull-redo"},               {L"/", L"lull-search"},
    {L"?", L"lull-search"},               {L"v", L"lull-edit"},                {L":", L"ed-unassigned"},
    {L"-", L"lull-up"},                   {L"+", L"lull-down"},                {L"K", L"ed-unassigned"},
    {L"J", L"ed-unassigned"},             {L"n", L"ed-unassigned"},            {L"N", L"ed-unassigned"},
    {L"G", L"ed-unassigned"},             {L"_", L"ed-unassigned"},            {L"@", L"ed-unassigned"},
};

static void bind(EditLine *el, const struct binding *list, size_t count, bool is_command_map)
{
  for (size_t i = 0; i < count; i++) {
    if (is_command_map) el_wset(el, EL_BIND, L"-a", list[i].keys, list[i].function, NULL);
    else el_wset(el, EL_BIND, list[i].keys, list[i].function, NULL);
  }
}

static void add_functions(EditLine *el)
{
#define X(id, name, help) {L"" name, L"" help, do_##id},
  static const struct {
    const wchar_t *name, *help;
    unsigned char (*function)(EditLine *, wint_t);
  } functions[] = {COMMANDS(X)};
#undef X
  for (size_t i = 0; i < COUNT_OF(functions); i++)
    el_wset(el, EL_ADDFN, functions[i].name, functions[i].help, functions[i].function);
}

// After ~/.editrc: choosing an editor there makes its bindings anew, and these are what the session stands on.
static void bind_all(EditLine *el, bool is_vi)
{
  bind(el, common, COUNT_OF(common), false);
  bind(el, typing, COUNT_OF(typing), false);
  if (is_vi) {
    bind(el, common, COUNT_OF(common), true);
    bind(el, vi_command, COUNT_OF(vi_command), true);
  } else {
    bind(el, emacs, COUNT_OF(emacs), false);
  }
}

// --- the coroutine

static void park(struct engine *e)
{
  swapcontext(&e->inside, &e->outside);
}

static void resume(struct engine *e)
{
  swapcontext(&e->outside, &e->inside);
}

static int next_key(EditLine *el, wchar_t *c)
{
  struct engine *e;
  el_wget(el, EL_CLIENTDATA, &e);
  e->has_asked = true;
  for (;;) {
    if (e->is_abort) {
      errno = EINTR;
      return -1;
    }
    if (e->queue_at < e->queue_len) {
      *c = e->queue[e->queue_at++];
      return 1;
    }
    park(e);
  }
}

// A command of libedit's own has ended the line (a binding of the user's, vi's #): Enter all the same, with the text
// as it was.
static void take_line(struct engine *e)
{
  struct line l = line_of(e);
  int len = l.len > 0 && l.text[l.len - 1] == L'\n' ? l.len - 1 : l.len;
  buf_clear(&e->text);
  for (int i = 0; i < len; i++) buf_putu(&e->text, (u32)l.text[i]);
  e->request = ENGINE_ENTER;
  e->is_stale = true;
}

static void run_inside(unsigned int low, unsigned int high)
{
  struct engine *e = (struct engine *)((uintptr_t)low | (uintptr_t)high << 16 << 16);
  while (!e->is_over) {
    int n = 0;
    e->has_asked = false;
    const wchar_t *line = el_wgets(e->el, &n);
    bool is_aborted = e->is_abort;
    e->is_abort = false;
    if (!is_aborted && line && n > 0) take_line(e);
    else if (!is_aborted && e->request == ENGINE_NONE) e->request = ENGINE_EOF;
    if (!e->has_asked) park(e);  // its terminal is gone: it asks for no key any more
  }
  for (;;) park(e);
}

// Where libedit could not learn of its terminal at the start it takes lines as they come, for good.
static bool is_editing(const struct engine *e)
{
  struct termios modes;
  return e->has_asked && tcgetattr(e->slave, &modes) == 0 && !(modes.c_lflag & ICANON);
}

static bool start_coroutine(struct engine *e)
{
  e->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (e->stack == MAP_FAILED) {
    e->stack = NULL;
    return false;
  }
  mprotect(e->stack, GUARD_BYTES, PROT_NONE);
  if (getcontext(&e->inside) < 0) return false;
  e->inside.uc_stack.ss_sp = e->stack;
  e->inside.uc_stack.ss_size = STACK_BYTES;
  e->inside.uc_link = NULL;
  uintptr_t self = (uintptr_t)e;
  makecontext(&e->inside, (void (*)(void))run_inside, 2, (unsigned int)self, (unsigned int)(self >> 16 >> 16));
  resume(e);  // up to the first wait for a key
  return is_editing(e);
}

// --- text in and out

static void read_text(struct engine *e)
{
  struct line l = line_of(e);
  buf_clear(&e->text);
  for (int i = 0; i < l.len; i++) {
    if (i == l.at) e->cursor = e->text.len;
    if (l.text[i] < 0x80) buf_putc(&e->text, (char)l.text[i]);
    else buf_putu(&e->text, (u32)l.text[i]);
  }
  if (l.at >= l.len) e->cursor = e->text.len;
}

static void read_and_record(struct engine *e)
{
  read_text(e);
  undo_record(&e->undo, buf_text(&e->text), e->text.len, e->cursor);
}

static wchar_t *widen(struct engine *e, const char *text, size_t len)
{
  wchar_t *wide = mem_alloc(e->alloc, (len + 1) * sizeof *wide);
  if (!wide) return NULL;
  size_t count = 0;
  for (size_t at = 0; at < len;) {
    u32 code;
    int n = utf8_decode(text + at, text + len, &code);
    wide[count] = n > 0 ? (wchar_t)code : 0xFFFD;
    count += wide[count] != 0;
    at += n > 0 ? (size_t)n : 1;
  }
  wide[count] = 0;
  return wide;
}

// Puts in what widen made of [len] bytes, and frees it.
static void insert_widened(struct engine *e, wchar_t *wide, size_t len)
{
  if (*wide) el_winsertstr(e->el, wide);
  mem_free(e->alloc, wide, (len + 1) * sizeof *wide);
}

static void insert_bytes(struct engine *e, const char *text, size_t len)
{
  wchar_t *wide = widen(e, text, len);
  if (wide) insert_widened(e, wide, len);
}

// The line stays as it is where there is no memory for what is to come.
static void replace_all(struct engine *e, const char *text, size_t len, size_t cursor)
{
  wchar_t *wide = len > 0 ? widen(e, text, len) : NULL;
  if (len > 0 && !wide) return;
  struct line l = line_of(e);
  move_to(e, l.len);
  if (l.len > 0) el_deletestr(e->el, l.len);
  if (cursor > len) cursor = len;
  if (wide) insert_widened(e, wide, len);
  if (cursor < len) move_to(e, (int)utf8_count(text, cursor));
}

static void show_snapshot(struct engine *e, const struct snapshot *s)
{
  if (s) replace_all(e, s->text, s->len, s->cursor);
}

const char *engine_text(const struct engine *e, size_t *len)
{
  *len = e->text.len;
  return buf_text(&e->text);
}

bool engine_is_whole(const struct engine *e) { return !e->text.failed; }

size_t engine_cursor(const struct engine *e)
{
  return e->cursor;
}

void engine_set_text(struct engine *e, const char *text, size_t len, size_t cursor)
{
  replace_all(e, text, len, cursor);
  read_and_record(e);
}

void engine_replace(struct engine *e, size_t from, size_t to, const char *text, size_t len)
{
  const char *now = buf_text(&e->text);
  wchar_t *wide = widen(e, text, len);
  if (!wide) return;
  delete_range(e, (int)utf8_count(now, from), (int)utf8_count(now, to));
  if (from == to) move_to(e, (int)utf8_count(now, from));
  insert_widened(e, wide, len);
  read_and_record(e);
}

void engine_insert(struct engine *e, const char *text, size_t len)
{
  insert_bytes(e, text, len);
  read_and_record(e);
}

// --- keys

// The letter behind the lead-in; 0: the key has none.
static wchar_t letter_of(struct key key)
{
  bool is_far = key.mods & (KEY_CTRL | KEY_ALT);
  switch (key.code) {
  case KEY_UP: return L'A';
  case KEY_DOWN: return L'B';
  case KEY_RIGHT: return is_far ? L'c' : L'C';
  case KEY_LEFT: return is_far ? L'd' : L'D';
  case KEY_HOME: return is_far ? L'h' : L'H';
  case KEY_END: return is_far ? L'f' : L'F';
  case KEY_PAGE_UP: return L'h';
  case KEY_PAGE_DOWN: return L'f';
  case KEY_DELETE: return is_far ? L'x' : L'X';
  case KEY_BACKTAB: return L'Z';
  case '\r': case '\n': return key.mods & KEY_ALT ? L'n' : L'r';
  default: return 0;
  }
}

static void translate(struct engine *e, struct key key)
{
  wchar_t letter = letter_of(key);
  e->queue_at = e->queue_len = 0;
  if (letter) {
    e->queue[e->queue_len++] = LEAD_IN;
    e->queue[e->queue_len++] = letter;
  } else if (key.code == KEY_ESCAPE) {
    if (e->is_vi) e->queue[e->queue_len++] = 0x1B;  // emacs would wait for more, and swallow what comes next
  } else if (key.code < KEY_NONE && key.code != 0 && key.code != LEAD_IN && !(key.code >= 0x80 && key.code < 0xA0)) {
    if (key.mods & KEY_ALT) e->queue[e->queue_len++] = 0x1B;
    e->queue[e->queue_len++] = (wchar_t)key.code;
  }
}

enum engine_request engine_feed(struct engine *e, struct key key)
{
  translate(e, key);
  if (e->queue_len == 0) return ENGINE_NONE;
  e->request = ENGINE_NONE;
  e->has_run = false;
  resume(e);
  if (!e->has_run) {  // a command of libedit's own: rows of kills, yanks and vertical moves end here
    e->was_kill = false;
    e->yanked = 0;
    e->goal = -1;
  }
  if (e->is_stale) {
    e->is_stale = false;
    if (e->text.failed) e->request = ENGINE_NONE;
    insert_bytes(e, buf_text(&e->text), e->text.len);
  }
  read_and_record(e);
  return e->request;
}

void engine_reset(struct engine *e)
{
  e->queue_at = e->queue_len = 0;
  e->is_abort = true;
  resume(e);
  e->request = ENGINE_NONE;
  e->goal = -1;
  e->was_kill = false;
  e->yanked = 0;
  replace_all(e, "", 0, 0);
  read_text(e);
  undo_reset(&e->undo, "", 0, 0);
}

// --- life

#ifdef __SANITIZE_ADDRESS__
// The terminal library keeps a few strings that libedit cannot give back.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
  return "leak:libtinfo\n";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
  return "print_suppressions=0";
}
#endif

static bool open_terminal(struct engine *e)
{
  e->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (e->master < 0 || grantpt(e->master) < 0 || unlockpt(e->master) < 0) return false;
  const char *name = ptsname(e->master);
  e->slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;  // ours, also where programs may open nothing
  if (e->slave < 0) return false;
  struct winsize size = {.ws_col = 1000, .ws_row = 200};
  ioctl(e->slave, TIOCSWINSZ, &size);
  e->null = fopen("/dev/null", "r+e");
  return e->null != NULL;
}

// libedit asks the C library which characters there are.
static void need_utf8(void)
{
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return;
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}

// What is no plain file would keep us waiting. Where the process has more rights than its user, none of his files count.
static void read_editrc(EditLine *el)
{
  char own[PATH_MAX];
  struct stat status;
  const char *path = secure_getenv("EDITRC"), *home = secure_getenv("HOME");
  int len = home ? snprintf(own, sizeof own, "%s/.editrc", home) : -1;
  if (!path && len > 0 && len < (int)sizeof own) path = own;
  if (path && stat(path, &status) == 0 && S_ISREG(status.st_mode)) el_source(el, path);
}

struct engine *engine_create(struct alloc *alloc)
{
  struct engine *e = mem_alloc_zero(alloc, sizeof *e);
  if (!e) return NULL;
  e->alloc = alloc;
  e->master = e->slave = -1;
  e->goal = -1;
  buf_init(&e->text, alloc);
  undo_init(&e->undo, alloc);
  need_utf8();
  if (open_terminal(e)) e->el = el_init_fd("lull", e->null, e->null, e->null, e->slave, e->slave, e->slave);
  if (!e->el) goto fail;
  el_wset(e->el, EL_CLIENTDATA, e);
  el_wset(e->el, EL_SIGNAL, 0);
  el_wset(e->el, EL_EDITMODE, 1);  // whatever it thinks of TERM
  el_wset(e->el, EL_EDITOR, L"emacs");  // its own default is vi
  add_functions(e->el);
  read_editrc(e->el);
  const wchar_t *editor = L"";
  e->is_vi = el_wget(e->el, EL_EDITOR, &editor) == 0 && wcscmp(editor, L"vi") == 0;
  bind_all(e->el, e->is_vi);
  el_wset(e->el, EL_GETCFN, next_key);
  if (!start_coroutine(e)) goto fail;
  undo_reset(&e->undo, "", 0, 0);
  return e;
fail:
  engine_destroy(e);
  return NULL;
}

void engine_set_vi(struct engine *e, bool is_vi)
{
  if (e->is_vi == is_vi) return;
  e->is_vi = is_vi;
  el_wset(e->el, EL_EDITOR, is_vi ? L"vi" : L"emacs");
  bind_all(e->el, is_vi);
}

bool engine_is_vi(const struct engine *e) { return e->is_vi; }

void engine_destroy(struct engine *e)
{
  if (!e) return;
  if (e->stack) {
    e->is_over = e->is_abort = true;
    resume(e);
    munmap(e->stack, STACK_BYTES);
  }
  if (e->el) el_end(e->el);
  if (e->null) fclose(e->null);
  if (e->slave >= 0) sys_close(e->slave);
  if (e->master >= 0) sys_close(e->master);
  for (u32 i = 0; i < KILLS; i++)
    if (e->kills[i].text) drop_kill(e, &e->kills[i]);
  undo_fini(&e->undo);
  buf_fini(&e->text);
  mem_free(e->alloc, e, sizeof *e);
}
