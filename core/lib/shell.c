#include "lib/shell.h"

#define DEPTH_MAX 64  // of quotes inside substitutions inside quotes that are followed

// Where in the shell's syntax the text has come to; only quotes matter. "$( )" inside double quotes begins anew.
struct shell_place {
  char quotes[DEPTH_MAX];  // '\'', '"', ')' inside $( ), '+' inside $(( ))
  u32 depth;
  bool is_escaped, is_comment;
  bool has_here;      // a << was seen on this line,
  bool is_here;       // on one before
  bool is_just_open;  // $( was the last
};

static char innermost(const struct shell_place *p) { return p->depth ? p->quotes[p->depth - 1] : 0; }

static void push(struct shell_place *p, char quote)
{
  if (p->depth < DEPTH_MAX) p->quotes[p->depth++] = quote;
}

static void follow_one(struct shell_place *p, char before, char c)
{
  char in = innermost(p);
  bool is_just_open = p->is_just_open;
  p->is_just_open = false;
  if (c == '\n' && p->has_here) p->is_here = true;
  if (p->is_comment) p->is_comment = c != '\n';
  else if (p->is_escaped) p->is_escaped = false;
  else if (in == '\'') p->depth -= c == '\'';
  else if (c == '\\') p->is_escaped = true;
  else if (c == '"' && in == '"') p->depth--;
  else if (c == '"') push(p, '"');
  else if (c == '\'' && in != '"') push(p, '\'');
  else if (c == '(' && is_just_open) p->quotes[p->depth - 1] = '+', push(p, ')');
  else if (c == '(' && before == '$') push(p, ')'), p->is_just_open = true;
  else if (c == '(' && (in == ')' || in == '+')) push(p, ')');
  else if (c == ')' && (in == ')' || in == '+')) p->depth--;
  else if (c == '<' && before == '<' && in != '"' && in != '+') p->has_here = true;
  else if (c == '#' && in != '"' && (!before || strchr(" \t\n;|&(", before))) p->is_comment = true;
}

static void follow(struct shell_place *p, const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++) follow_one(p, i ? text[i - 1] : 0, text[i]);
}

void shell_show_word(const char *word, struct buf *out)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (*word && strspn(word, plain) == strlen(word)) {
    buf_puts(out, word);
    return;
  }
  buf_putc(out, '\'');
  for (; *word; word++) {
    if (*word == '\'') buf_puts(out, "'\\''");
    else buf_putc(out, *word);
  }
  buf_putc(out, '\'');
}

// Where a reference would be taken for something else than a word; NULL where it is fine.
static const char *why_not(const struct shell_place *p)
{
  if (p->is_escaped) return "a backslash cannot stand before what is put in";
  if (p->is_here) return "nothing can be put into a here-document: hand it over with `stdin:`";
  // What a shell evaluates there may be told to run commands.
  if (memchr(p->quotes, '+', p->depth)) return "nothing can be put into $(( )): compute it before";
  return NULL;
}

static void put_reference(const struct shell_place *p, u32 variable, struct buf *out)
{
  char in = p->is_comment ? '"' : innermost(p);
  const char *before = in == '"' ? "" : in == '\'' ? "'\"" : "\"", *after = in == '"' ? "" : in == '\'' ? "\"'" : "\"";
  buf_printf(out, "%s${lull_%u}%s", before, variable, after);
}

// The values go in as words [first ...): variables by number, several for a list.
static bool put_value(struct lull *vm, const struct shell_place *p, Value v, struct words *values, struct buf *script,
                      struct buf *shown)
{
  u32 first = values->starts.len;
  if (!words_add_value(vm, values, v, "sh")) return false;
  for (u32 i = first; i < values->starts.len; i++) {
    if (i > first) {
      buf_putc(script, ' ');
      buf_putc(shown, ' ');
    }
    put_reference(p, i + 1, script);
    shell_show_word(words_at(values, i), shown);
  }
  return true;
}

static bool put_parts(struct lull *vm, const struct quoted *command, struct words *values, struct buf *script,
                      struct buf *shown)
{
  struct shell_place place = { .depth = 0 };
  for (u32 i = 0; i < command->parts->len; i++) {
    Value part = command->parts->items[i];
    if (i % 2 == 1) {
      const char *wrong = why_not(&place);
      if (wrong) return throw_error(vm, vm->errors.value, "sh: %s", wrong), false;
      if (!put_value(vm, &place, part, values, script, shown)) return false;
      continue;
    }
    const char *text = string_bytes(&vm->heap, AS_STRING(part));
    follow(&place, text, AS_STRING(part)->len);
    buf_append(script, text, AS_STRING(part)->len);
    buf_append(shown, text, AS_STRING(part)->len);
  }
  return true;
}

// "lull_1=$1 lull_2=$2; " goes before the command: its functions have parameters of their own.
static void put_variables(u32 count, struct buf *out)
{
  for (u32 i = 1; i <= count; i++) buf_printf(out, "lull_%u=${%u}%s", i, i, i < count ? " " : "; shift $#; ");
}

bool shell_words(struct lull *vm, const struct quoted *command, struct words *w, struct buf *shown)
{
  struct words values;
  struct buf script, whole;
  words_init(&values, &vm->alloc);
  buf_init(&script, &vm->alloc);
  buf_init(&whole, &vm->alloc);
  bool ok = put_parts(vm, command, &values, &script, shown);
  put_variables(values.starts.len, &whole);
  buf_append(&whole, buf_text(&script), script.len);
  if (ok && (script.failed || whole.failed || shown->failed)) ok = false, throw_memory(vm);
  words_add(w, "/bin/sh", 7);
  words_add(w, "-c", 2);
  if (ok && !words_add(w, buf_text(&whole), whole.len))
    ok = false, throw_error(vm, vm->errors.value, "sh: a command cannot hold a NUL");
  words_add(w, "sh", 2);
  for (u32 i = 0; ok && i < values.starts.len; i++) words_add(w, words_at(&values, i), strlen(words_at(&values, i)));
  words_fini(&values);
  buf_fini(&script);
  buf_fini(&whole);
  return ok;
}
