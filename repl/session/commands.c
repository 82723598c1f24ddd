#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/sys.h"
#include "session/state.h"
#include "session/textfile.h"

// What a command was given behind its name, without blanks around it.
struct arguments {
  const char *text;
  size_t len;
};

struct command {
  const char *name;
  const char *usage;  // of its arguments
  enum { TAKES_WORDS, TAKES_CODE, TAKES_FILE } takes;  // how they are completed
  const char *doc;
  void (*run)(struct session *s, struct arguments a);
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

static struct arguments trim(const char *text, size_t len)
{
  while (len > 0 && is_blank(*text)) text++, len--;
  while (len > 0 && is_blank(text[len - 1])) len--;
  return (struct arguments){ text, len };
}

// "3" or "3.12"; *part is 0 for the whole cell.
static bool read_number(struct arguments a, u64 *number, u32 *part)
{
  u64 values[2] = { 0, 0 };
  int at = 0;
  if (a.len == 0 || a.len > 18) return false;
  for (size_t i = 0; i < a.len; i++) {
    if (a.text[i] == '.' && at == 0 && i > 0 && i + 1 < a.len) at = 1;
    else if (a.text[i] >= '0' && a.text[i] <= '9') values[at] = values[at] * 10 + (u64)(a.text[i] - '0');
    else return false;
  }
  *number = values[0];
  *part = (u32)values[1];
  return true;
}

// Whose cell the number is: this session's, or in a program one of the others'.
static struct session *owner_of(struct session *s, u64 number)
{
  struct session *owner = s->house && !cells_get(&s->cells, number) ? house_find(s->house, number) : NULL;
  return owner ? owner : s;
}

// The cell that is named, of any session; NULL, and the user has been told, where there is none.
static struct cell *any_cell(struct session *s, struct arguments a, u32 *part)
{
  u64 number;
  if (!read_number(a, &number, part)) {
    show_text(s, "which cell? :jobs shows their numbers\n");
    return NULL;
  }
  struct session *owner = owner_of(s, number);
  struct cell *cell = cells_get(&owner->cells, number);
  if (cell) return cell;
  if (cells_has(&owner->cells, number))
    show_format(s, "cell %llu is forgotten; the newest %u are remembered (:set cells)\n", (unsigned long long)number,
                (unsigned)owner->remembered);
  else show_format(s, "there is no cell %llu\n", (unsigned long long)number);
  return NULL;
}

// One that must be this session's own.
static struct cell *named_cell(struct session *s, struct arguments a, u32 *part)
{
  struct cell *cell = any_cell(s, a, part);
  if (!cell || !s->house || (cell->number != HOUSE_PROGRAM && cells_get(&s->cells, cell->number))) return cell;
  if (cell->number == HOUSE_PROGRAM) show_format(s, "0 is %s, the program itself\n", s->house->program);
  else show_format(s, "cell %llu is of another session\n", (unsigned long long)cell->number);
  return NULL;
}

// NULL: no memory.
static char *copy(struct session *s, struct arguments a, struct buf *out)
{
  buf_init(out, s->alloc);
  buf_append(out, a.text, a.len);
  buf_putc(out, 0);
  return out->failed ? NULL : out->data;
}

static void run_jobs(struct session *s, struct arguments a)
{
  if (a.len > 0 && (a.len != 3 || memcmp(a.text, "all", 3))) show_text(s, ":jobs, or :jobs all\n");
  else jobs_show(s, a.len > 0);
}

static void run_cancel(struct session *s, struct arguments a)
{
  u32 part;
  struct cell *cell = any_cell(s, a, &part);
  if (!cell) return;
  if (s->house && cell->number == HOUSE_PROGRAM && !part) {
    show_format(s, "0 is %s, the program itself; 0.K ends one thing of it (:jobs all)\n", s->house->program);
    return;
  }
  size_t count = part ? lull_cancel_one(s->lull, cell->number, part) : lull_cancel(s->lull, cell->number);
  if (count == 0) show_format(s, "nothing of %.*s is running\n", (int)a.len, a.text);
  else if (part) show_format(s, "cancelled %.*s\n", (int)a.len, a.text);
  else
    show_format(s, "cancelled %zu thing%s of cell %llu\n", count, count == 1 ? "" : "s",
                (unsigned long long)cell->number);
}

static void show_outcome(struct session *s, struct cell *cell)
{
  if (cell->state == CELL_DONE && cell->echo.len > 0) show_value(s, cell, buf_text(&cell->echo), cell->echo.len);
  else if (cell->state == CELL_DONE) show_format(s, "cell %llu is done\n", (unsigned long long)cell->number);
  else if (cell->error) show_report(s, cell->error);
}

// The newest cell in the background that is still running.
static struct cell *newest_running(struct session *s)
{
  for (u32 i = cells_count(&s->cells); i-- > 0;) {
    struct cell *cell = cells_at(&s->cells, i);
    if (cell->state == CELL_RUNNING) return cell;
  }
  return NULL;
}

static void run_fg(struct session *s, struct arguments a)
{
  u32 part;
  struct cell *cell = a.len > 0 ? named_cell(s, a, &part) : newest_running(s);
  if (!cell && a.len == 0) show_text(s, "no cell waits in the background\n");
  if (!cell) return;
  if (cell->state == CELL_RUNNING) foreground_take(s, cell);
  else show_outcome(s, cell);
}

static void run_bg(struct session *s, struct arguments a)
{
  if (a.len == 0) show_text(s, "a cell in front goes to the background with Ctrl-Z; :bg CODE starts one there\n");
  else session_run_text(s, a.text, a.len, NULL, RUN_IN_BACKGROUND, false);
}

static void run_time(struct session *s, struct arguments a)
{
  if (a.len == 0) show_text(s, ":time CODE\n");
  else session_run_text(s, a.text, a.len, NULL, RUN_TIMED, false);
}

static struct cell *newest_with_output(struct session *s)
{
  for (u32 i = cells_count(&s->cells); i-- > 0;) {
    struct cell *cell = cells_at(&s->cells, i);
    struct buf unused;
    u64 gone;
    buf_init(&unused, s->alloc);
    bool has_any = router_kept(s->router, cell->number, &unused, &gone);
    buf_fini(&unused);
    if (has_any) return cell;
  }
  return NULL;
}

// A file of ours for a shell command, gone when that has ended.
struct passing {
  char path[64];
};

// Fills a new file with [text] as it would be printed without colours; false with errno.
static bool fill_file(struct session *s, char *path, const struct buf *text)
{
  struct log plain;
  errno = ENOMEM;
  int fd = text->failed ? -1 : mkstemp(path);
  if (fd < 0) return false;
  sys_close(fd);
  log_init(&plain, s->alloc);
  bool ok = log_open(&plain, path) && log_write(&plain, buf_text(text), text->len);
  log_fini(&plain);
  return ok;
}

static void end_pipe(struct session *s, int status, void *user)
{
  struct passing *file = user;
  unlink(file->path);
  mem_free(s->alloc, file, sizeof *file);
  show_prompt(s);
}

// What a cell has printed goes through a shell command, wherever that runs.
static void pipe_out(struct session *s, const struct buf *out, struct arguments command)
{
  struct buf text;
  struct passing *file = mem_alloc(s->alloc, sizeof *file);
  if (!file) return;
  *file = (struct passing){ .path = "/tmp/lull-XXXXXX" };
  if (!fill_file(s, file->path, out)) {
    show_format(s, "cannot keep it for the command: %s\n", strerror(errno));
    unlink(file->path);
    mem_free(s->alloc, file, sizeof *file);
    return;
  }
  buf_init(&text, s->alloc);
  buf_printf(&text, "{ %.*s\n} < %s", (int)command.len, command.text, file->path);
  shell_run(s, &text, end_pipe, file);
  buf_fini(&text);
}

static void run_out(struct session *s, struct arguments a)
{
  u32 part;
  u64 gone = 0;
  struct buf out;
  const char *bar = a.len > 0 ? memchr(a.text, '|', a.len) : NULL;
  struct arguments command = { 0 };
  if (bar) {
    command = trim(bar + 1, a.len - (size_t)(bar + 1 - a.text));
    a = trim(a.text, (size_t)(bar - a.text));
  }
  struct cell *cell = a.len > 0 ? any_cell(s, a, &part) : newest_with_output(s);
  if (!cell && a.len > 0) return;
  buf_init(&out, s->alloc);
  struct router *router = owner_of(s, cell ? cell->number : 0)->router;
  if (!cell || !router_kept(router, cell->number, &out, &gone)) buf_puts(&out, "nothing was printed\n");
  if (gone > 0) {
    struct buf size;
    buf_init(&size, s->alloc);
    show_size(&size, gone);
    show_format(s, "... %s before this are gone\n", buf_text(&size));
    buf_fini(&size);
  }
  if (command.len > 0) pipe_out(s, &out, command);
  else show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
}

static void run_err(struct session *s, struct arguments a)
{
  u32 count = 0;
  for (u32 i = 0; i < cells_count(&s->cells); i++) {
    struct cell *cell = cells_at(&s->cells, i);
    if (cell->failures == 0) continue;
    show_format(s, "cell %llu: %u error%s\n", (unsigned long long)cell->number, (unsigned)cell->failures,
                cell->failures == 1 ? "" : "s");
    show_lines(s, buf_text(&cell->reports), cell->reports.len);
    cell->untold = 0;
    count++;
  }
  if (count == 0) show_text(s, "no errors in the background\n");
  s->unseen = 0;
}

static void set_muted(struct session *s, struct arguments a, bool is_muted)
{
  u32 part;
  struct cell *cell = named_cell(s, a, &part);
  if (!cell) return;
  router_mute(s->router, cell->number, is_muted);
  if (is_muted)
    show_format(s, "cell %llu is muted; what it prints is kept (:out %llu)\n", (unsigned long long)cell->number,
                (unsigned long long)cell->number);
  else show_format(s, "cell %llu is heard again\n", (unsigned long long)cell->number);
}

static void run_mute(struct session *s, struct arguments a) { set_muted(s, a, true); }

static void run_unmute(struct session *s, struct arguments a) { set_muted(s, a, false); }

static void run_doc(struct session *s, struct arguments a)
{
  struct buf text;
  buf_init(&text, s->alloc);
  if (a.len == 0) show_text(s, ":doc NAME\n");
  else if (lull_help(s->lull, a.text, a.len, &text)) show_markdown(s, buf_text(&text), text.len);
  else show_format(s, "nothing is known of %.*s; Tab completes what there is\n", (int)a.len, a.text);
  buf_fini(&text);
}

static void run_load(struct session *s, struct arguments a)
{
  struct buf file, text, message;
  copy(s, a, &file);
  buf_init(&text, s->alloc);
  buf_init(&message, s->alloc);
  if (a.len == 0) show_text(s, ":load FILE\n");
  else if (file.failed) show_format(s, "nothing is loaded: %s\n", strerror(ENOMEM));
  else if (!textfile_read(buf_text(&file), &text, &message)) show_error_text(s, buf_text(&message));
  else session_run_text(s, buf_text(&text), text.len, buf_text(&file), 0, false);
  buf_fini(&message);
  buf_fini(&text);
  buf_fini(&file);
}

static void run_save(struct session *s, struct arguments a)
{
  struct buf file, text, message;
  copy(s, a, &file);
  buf_init(&text, s->alloc);
  buf_init(&message, s->alloc);
  u32 count = cells_put_text(&s->cells, &text);
  if (a.len == 0) show_text(s, ":save FILE\n");
  else if (file.failed || text.failed) show_format(s, "nothing is saved: %s\n", strerror(ENOMEM));
  else if (!textfile_write(buf_text(&file), buf_text(&text), text.len, &message))
    show_error_text(s, buf_text(&message));
  else
    show_format(s, "%u cells written to %s; those that failed are not among them\n", (unsigned)count, buf_text(&file));
  buf_fini(&message);
  buf_fini(&text);
  buf_fini(&file);
}

static void run_history(struct session *s, struct arguments a)
{
  enum { SHOWN = 200 };
  struct buf out;
  buf_init(&out, s->alloc);
  if (s->history) history_refresh(s->history);
  u32 bound = s->history ? history_bound(s->history) : 0, at = bound, count = 0;
  while (s->history && count < SHOWN && (at = history_before(s->history, at)) < bound) {
    size_t len;
    const char *entry = history_entry(s->history, at, &len);
    if (!entry || (a.len > 0 && !memmem(entry, len, a.text, a.len))) continue;
    struct buf line;
    struct cell shown = { .number = 0 };
    buf_init(&line, s->alloc);
    buf_init(&shown.source, s->alloc);
    buf_append(&shown.source, entry, len);
    cell_title(&shown, (size_t)editor_cols(s->editor), &line);
    buf_putc(&line, '\n');
    buf_append(&line, buf_text(&out), out.len);  // the newest comes last
    buf_fini(&out);
    out = line;
    buf_fini(&shown.source);
    count++;
  }
  if (count == 0) buf_puts(&out, a.len > 0 ? "no entry has that\n" : "no history\n");
  show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
}

static void run_set(struct session *s, struct arguments a) { settings_run(s, a.text, a.len); }

static void run_clear(struct session *s, struct arguments a) { editor_clear_screen(s->editor); }

static void run_reset(struct session *s, struct arguments a)
{
  if (s->house)
    show_format(s, "the names are those of %s; :cancel N ends what a cell has running\n", s->house->program);
  else if (session_reset(s)) show_text(s, "everything has ended and is forgotten\n");
}

static void run_quit(struct session *s, struct arguments a) { session_leave(s, 0); }

static void run_help(struct session *s, struct arguments a);
static void run_edit(struct session *s, struct arguments a);

// In the order in which :help shows them.
static const struct command table[] = {
  { "help", "[COMMAND]", TAKES_WORDS, "the commands, or what one of them does", run_help },
  { "doc", "NAME", TAKES_CODE, "what a name is and how it is called", run_doc },
  { "jobs", "[all]", TAKES_WORDS, "what is running: cells and what they have started", run_jobs },
  { "cancel", "N | N.K", TAKES_WORDS, "end all that a cell has running, or one thing of it", run_cancel },
  { "fg", "[N]", TAKES_WORDS, "wait for a cell in the background and show its value", run_fg },
  { "bg", "CODE", TAKES_CODE, "run CODE in the background, as `&` at its end does", run_bg },
  { "out", "[N] [| COMMAND]", TAKES_WORDS, "what a cell has printed, or that through a shell command", run_out },
  { "err", "", TAKES_WORDS, "the errors of the background, once more", run_err },
  { "mute", "N", TAKES_WORDS, "keep what a cell prints off the screen", run_mute },
  { "unmute", "N", TAKES_WORDS, "show again what a cell prints", run_unmute },
  { "time", "CODE", TAKES_CODE, "run CODE and say how long it took", run_time },
  { "load", "FILE", TAKES_FILE, "run a file in this session", run_load },
  { "save", "FILE", TAKES_FILE, "write the cells of this session to a file", run_save },
  { "edit", "[N]", TAKES_WORDS, "write the next input in $EDITOR, beginning with a cell's", run_edit },
  { "history", "[TEXT]", TAKES_WORDS, "the inputs of all sessions, or those with TEXT in them", run_history },
  { "set", "[NAME [VALUE]]", TAKES_WORDS, "the settings, or one of them", run_set },
  { "clear", "", TAKES_WORDS, "empty the screen", run_clear },
  { "reset", "", TAKES_WORDS, "end everything and forget all names", run_reset },
  { "quit", "", TAKES_WORDS, "leave, as Ctrl-D does", run_quit },
};

static void put_command(struct session *s, struct buf *out, const struct command *c)
{
  size_t cols = strlen(c->name) + strlen(c->usage) + 2;
  buf_puts(out, "  ");
  style_puts(out, STYLE_FUNCTION, s->colors, ":");
  style_puts(out, STYLE_FUNCTION, s->colors, c->name);
  buf_printf(out, " %s", c->usage);
  buf_repeat(out, ' ', cols < 20 ? 20 - cols : 1);
  buf_printf(out, "%s\n", c->doc);
}

// The command of that name, or the only one that begins so.
static const struct command *find(const char *name, size_t len)
{
  const struct command *begun = NULL;
  u32 count = 0;
  for (size_t i = 0; i < COUNT_OF(table) && len > 0; i++) {
    if (strncmp(table[i].name, name, len)) continue;
    if (strlen(table[i].name) == len) return &table[i];
    begun = &table[i];
    count++;
  }
  return count == 1 ? begun : NULL;
}

static void run_help(struct session *s, struct arguments a)
{
  struct buf out;
  const struct command *one = a.len > 0 ? find(a.text + (*a.text == ':'), a.len - (*a.text == ':')) : NULL;
  buf_init(&out, s->alloc);
  if (one) {
    put_command(s, &out, one);
  } else {
    for (size_t i = 0; i < COUNT_OF(table); i++) put_command(s, &out, &table[i]);
    buf_puts(&out, "\n  !COMMAND            a shell command, with the terminal lent to it\n"
                   "  CODE &              run in the background\n"
                   "  Ctrl-C              cancel what is waited for     Ctrl-Z  go on without waiting\n"
                   "  Tab, Ctrl-R         complete, search the history  Ctrl-D  leave\n"
                   "  _, _3               the last value, the value of cell 3\n");
  }
  show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
}

static void take_edited(struct session *s, int status, void *user)
{
  struct passing *e = user;
  struct buf text, message;
  buf_init(&text, s->alloc);
  buf_init(&message, s->alloc);
  bool done = textfile_read(e->path, &text, &message);
  while (text.len > 0 && text.data[text.len - 1] == '\n') buf_truncate(&text, text.len - 1);
  if (s->is_leaving) buf_clear(&text);  // nobody is there to mend it
  else if (!done) show_error_text(s, buf_text(&message));
  else if (status == 0) editor_set_text(s->editor, buf_text(&text), text.len, SIZE_MAX);
  else show_text(s, "the editor failed; nothing is changed\n");
  unlink(e->path);
  buf_fini(&message);
  buf_fini(&text);
  mem_free(s->alloc, e, sizeof *e);
  show_prompt(s);
}

void commands_edit(struct session *s, const char *text, size_t len)
{
  struct passing *e = mem_alloc(s->alloc, sizeof *e);
  struct buf command;
  if (!e) return;
  *e = (struct passing){ .path = "/tmp/lull-XXXXXX.lull" };
  int fd = mkstemps(e->path, 5);
  if (fd < 0 || !sys_write_all(fd, text, len)) {
    show_format(s, "%s: %s\n", e->path, strerror(errno));
    if (fd >= 0) {
      sys_close(fd);
      unlink(e->path);
    }
    mem_free(s->alloc, e, sizeof *e);
    return;
  }
  sys_close(fd);
  buf_init(&command, s->alloc);
  buf_printf(&command, "${VISUAL:-${EDITOR:-vi}} %s", e->path);
  shell_run(s, &command, take_edited, e);
  buf_fini(&command);
}

static void run_edit(struct session *s, struct arguments a)
{
  u32 part;
  struct cell *cell = a.len > 0 ? named_cell(s, a, &part) : NULL;
  if (a.len > 0 && !cell) return;
  commands_edit(s, cell ? buf_text(&cell->source) : "", cell ? cell->source.len : 0);
}

static void unknown(struct session *s, const char *name, size_t len)
{
  struct suggest suggest;
  suggest_init(&suggest, name, len);
  for (size_t i = 0; i < COUNT_OF(table); i++) suggest_offer(&suggest, table[i].name, strlen(table[i].name));
  const char *best = suggest_best(&suggest);
  if (best) show_format(s, "there is no command :%.*s; did you mean :%s?\n", (int)len, name, best);
  else show_format(s, "there is no command :%.*s; :help lists them\n", (int)len, name);
}

static size_t name_length(const char *text, size_t len)
{
  size_t n = 0;
  while (n < len && !is_blank(text[n])) n++;
  return n;
}

void commands_run(struct session *s, const char *line, size_t len)
{
  struct arguments all = trim(line + 1, len - 1);
  size_t name = name_length(all.text, all.len);
  const struct command *command = name > 0 ? find(all.text, name) : find("help", 4);
  if (command) command->run(s, trim(all.text + name, all.len - name));
  else unknown(s, all.text, name);
  if (!s->foreground && !s->child && !editor_has_prompt(s->editor)) show_prompt(s);
}

bool commands_complete(struct session *s, const char *text, size_t len, size_t cursor, struct completions *out)
{
  size_t name = name_length(text + 1, len - 1);
  if (cursor < 1 || cursor > name + 1) return false;
  out->start = 1;
  for (size_t i = 0; i < COUNT_OF(table); i++) {
    struct buf hint;
    if (strncmp(table[i].name, text + 1, cursor - 1)) continue;
    buf_init(&hint, s->alloc);
    buf_printf(&hint, "%s%s%s", table[i].usage, *table[i].usage ? " · " : "", table[i].doc);
    completions_add(out, table[i].name, strlen(table[i].name), buf_text(&hint), hint.len);
    buf_fini(&hint);
  }
  return true;
}

size_t commands_code_start(const char *text, size_t len)
{
  size_t name = len > 1 ? name_length(text + 1, len - 1) : 0;
  const struct command *command = find(text + 1, name);
  if (!command || command->takes == TAKES_WORDS) return len + 1;
  if (command->takes == TAKES_FILE) return SIZE_MAX;
  size_t at = 1 + name;
  while (at < len && is_blank(text[at])) at++;
  return at;
}
