// What :set knows: a table of names, each with a way to read a value and to tell it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "session/state.h"

struct setting {
  const char *name, *values, *doc;
  // False: it is no value for this setting, or it failed and the user was told (errno).
  bool (*set)(struct session *s, const char *value);
  void (*put)(struct session *s, struct buf *out);
};

static bool set_keep(struct session *s, const char *value)
{
  char *end;
  unsigned long long n = strtoull(value, &end, 10);
  int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
  if (end == value || n == 0 || n > 1 << 30 || (*end && (!shift || end[1]))) return false;
  router_set_keep(s->router, (size_t)n << shift);
  return true;
}

static bool set_cells(struct session *s, const char *value)
{
  char *end;
  unsigned long n = strtoul(value, &end, 10);
  if (end == value || *end || n == 0 || n > 1 << 30) return false;
  s->remembered = (u32)n;
  return true;
}

static void put_cells(struct session *s, struct buf *out) { buf_printf(out, "%u", (unsigned)s->remembered); }

static void put_keep(struct session *s, struct buf *out)
{
  size_t keep = router_get_keep(s->router);
  if (keep % (1 << 20) == 0) buf_printf(out, "%zuM", keep >> 20);
  else if (keep % (1 << 10) == 0) buf_printf(out, "%zuK", keep >> 10);
  else buf_printf(out, "%zu", keep);
}

static bool read_switch(const char *value, const char *on, const char *off, bool *is_on)
{
  *is_on = strcmp(value, on) == 0;
  return *is_on || strcmp(value, off) == 0;
}

static bool set_keys(struct session *s, const char *value)
{
  bool is_vi;
  if (!read_switch(value, "vi", "emacs", &is_vi)) return false;
  editor_set_vi(s->editor, is_vi);
  return true;
}

static void put_keys(struct session *s, struct buf *out) { buf_puts(out, editor_is_vi(s->editor) ? "vi" : "emacs"); }

static bool set_suggest(struct session *s, const char *value)
{
  bool is_on;
  if (!read_switch(value, "on", "off", &is_on)) return false;
  editor_set_suggestions(s->editor, is_on);
  return true;
}

static void put_suggest(struct session *s, struct buf *out)
{
  buf_puts(out, editor_has_suggestions(s->editor) ? "on" : "off");
}

static bool set_status(struct session *s, const char *value)
{
  char *end;
  double seconds = strtod(value, &end);
  bool is_off = strcmp(value, "off") == 0;
  if (!is_off && (end == value || (*end && strcmp(end, "s")) || !(seconds >= 0.01 && seconds < 1e6))) return false;
  s->status_after = is_off ? 0 : seconds;
  return true;
}

static void put_status(struct session *s, struct buf *out)
{
  if (s->status_after > 0) buf_printf(out, "%g", s->status_after);
  else buf_puts(out, "off");
}

static bool set_log(struct session *s, const char *value)
{
  if (strcmp(value, "off") == 0) log_close(&s->log);
  else if (!log_open(&s->log, value)) show_format(s, "%s: %s\n", value, strerror(errno));
  return true;
}

static void put_log(struct session *s, struct buf *out)
{
  if (s->log.fd >= 0) buf_append(out, buf_text(&s->log.path), s->log.path.len);
  else buf_puts(out, "off");
}

static const struct setting table[] = {
  { "cells", "COUNT", "whose values and errors are remembered", set_cells, put_cells },
  { "keep", "SIZE", "kept of what each cell prints: 256K, 2M", set_keep, put_keep },
  { "keys", "emacs|vi", "how keys edit", set_keys, put_keys },
  { "log", "FILE|off", "gets all that is shown, as plain text", set_log, put_log },
  { "status", "SECONDS|off", "until a cell in front has a status row", set_status, put_status },
  { "suggest", "on|off", "suggestions from the history", set_suggest, put_suggest },
};

static void put_setting(struct session *s, const struct setting *setting, struct buf *out)
{
  struct buf value;
  buf_init(&value, s->alloc);
  setting->put(s, &value);
  buf_puts(out, "  ");
  style_puts(out, STYLE_FUNCTION, s->colors, setting->name);
  buf_repeat(out, ' ', 9 - strlen(setting->name));
  buf_append(out, buf_text(&value), value.len);
  buf_repeat(out, ' ', value.len < 12 ? 12 - value.len : 1);
  buf_printf(out, "%s: %s\n", setting->values, setting->doc);
  buf_fini(&value);
}

static void show_settings(struct session *s, const struct setting *only)
{
  struct buf out;
  buf_init(&out, s->alloc);
  for (size_t i = 0; i < COUNT_OF(table); i++)
    if (!only || only == &table[i]) put_setting(s, &table[i], &out);
  show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
}

static const struct setting *find(const char *name, size_t len)
{
  for (size_t i = 0; i < COUNT_OF(table); i++)
    if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0) return &table[i];
  return NULL;
}

static void unknown(struct session *s, const char *name, size_t len)
{
  struct suggest suggest;
  suggest_init(&suggest, name, len);
  for (size_t i = 0; i < COUNT_OF(table); i++) suggest_offer(&suggest, table[i].name, strlen(table[i].name));
  const char *best = suggest_best(&suggest);
  if (best) show_format(s, "there is no setting %.*s; did you mean %s?\n", (int)len, name, best);
  else show_format(s, "there is no setting %.*s; :set lists them\n", (int)len, name);
}

void settings_run(struct session *s, const char *text, size_t len)
{
  size_t name = 0, start;
  while (name < len && text[name] != ' ') name++;
  for (start = name; start < len && text[start] == ' ';) start++;
  const struct setting *setting = find(text, name);
  struct buf value;
  buf_init(&value, s->alloc);
  buf_append(&value, text + start, len - start);
  if (name > 0 && !setting) unknown(s, text, name);
  else if (start == len) show_settings(s, setting);
  else if (!setting->set(s, buf_text(&value)))
    show_format(s, "%s takes %s, not %s\n", setting->name, setting->values, buf_text(&value));
  buf_fini(&value);
}
