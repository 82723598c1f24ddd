#include "options.h"

#include "options_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/sys.h"

const struct option options_table[] = {
  { OPTION_EVAL, "ec", "eval", "CODE", NULL, "run CODE; several are run as lines of one text" },
  { OPTION_PRINT, "p", "print", NULL, NULL, "print the value of what -e runs" },
  { OPTION_INTERACTIVE, "i", "interactive", NULL, NULL, "stay in a session afterwards" },
  { OPTION_QUIET, "q", "quiet", NULL, NULL, "no greeting" },
  { OPTION_NO_INIT, "I", "no-init", NULL, NULL, "do not run init.lull when a session starts" },
  { OPTION_CHECK, "", "check", NULL, NULL, "look for syntax errors and run nothing" },
  { OPTION_COLOR, "", "color", "WHEN", "auto always never", "colours: auto, always or never" },
  { OPTION_LOG, "", "log", "FILE", NULL, "append what a session shows to FILE, as plain text" },
  { OPTION_LISTEN, "", "listen", "PATH", NULL, "let sessions into the running script, by a socket at PATH" },
  { OPTION_ATTACH, "", "attach", "PATH", NULL, "a session in the program that listens at PATH" },
  { OPTION_MEMORY, "", "memory", "SIZE", NULL, "how much memory programs may use: 500M, 2G" },
  { OPTION_STEPS, "", "steps", "COUNT", NULL, "end the program after so many calls and turns of loops" },
  { OPTION_TIME, "", "time", "SECONDS", NULL, "end the program after so many seconds: 10, 0.5" },
  { OPTION_NO_FS, "", "no-fs", NULL, NULL, "deny the program files, but for standard input and output" },
  { OPTION_NO_NET, "", "no-net", NULL, NULL, "deny the program the network" },
  { OPTION_NO_RUN, "", "no-run", NULL, NULL, "deny the program to start or signal processes" },
  { OPTION_COMPLETIONS, "", "completions", "SHELL", "bash zsh fish", "print completions for bash, zsh or fish" },
  { OPTION_HELP, "h", "help", NULL, NULL, "print this and end" },
  { OPTION_VERSION, "V", "version", NULL, NULL, "print the version and end" },
};

const size_t options_count = COUNT_OF(options_table);

void options_init(struct options *o, struct alloc *alloc)
{
  *o = (struct options){ .action = OPTIONS_RUN, .color = COLOR_AUTO };
  buf_init(&o->code, alloc);
}

void options_fini(struct options *o) { buf_fini(&o->code); }

static const struct option *find_letter(char letter)
{
  for (size_t i = 0; i < options_count; i++)
    if (letter && strchr(options_table[i].letters, letter)) return &options_table[i];
  return NULL;
}

static const struct option *find_name(const char *name, size_t len)
{
  for (size_t i = 0; i < options_count; i++)
    if (strlen(options_table[i].name) == len && memcmp(options_table[i].name, name, len) == 0) return &options_table[i];
  return NULL;
}

// The name of the option that was meant, or NULL. One that goes on as it began is meant too.
static const char *find_nearest(struct suggest *s, const char *name, size_t len)
{
  suggest_init(s, name, len);
  for (size_t i = 0; i < options_count; i++) {
    if (len > 2 && strncmp(options_table[i].name, name, len) == 0) return options_table[i].name;
    suggest_offer(s, options_table[i].name, strlen(options_table[i].name));
  }
  return suggest_best(s);
}

static bool wrong_option(struct buf *message, const char *given, const char *name, size_t len)
{
  struct suggest suggest;
  const char *nearest = find_nearest(&suggest, name, len);
  buf_printf(message, "lull: unknown option %s", given);
  if (nearest) buf_printf(message, "; did you mean --%s?", nearest);
  buf_puts(message, "\nlull --help lists the options.\n");
  return false;
}

static bool set_color(struct options *o, const char *text, struct buf *message)
{
  static const char *const names[] = { [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never" };
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    if (strcmp(text, names[i])) continue;
    o->color = (enum color_choice)i;
    return true;
  }
  buf_printf(message, "lull: --color takes auto, always or never, not %s\n", text);
  return false;
}

static int unit_shift(char unit)
{
  switch (unit) {
  case 0: return 0;
  case 'k':
  case 'K': return 10;
  case 'm':
  case 'M': return 20;
  case 'g':
  case 'G': return 30;
  case 't':
  case 'T': return 40;
  default: return -1;
  }
}

static bool read_digits(const char **at, size_t *n)
{
  const char *start = *at;
  bool fits = true;
  for (*n = 0; **at >= '0' && **at <= '9'; ++*at)
    fits = fits && !__builtin_mul_overflow(*n, (size_t)10, n) && !__builtin_add_overflow(*n, (size_t)(**at - '0'), n);
  return fits && *at > start && *n > 0;
}

static bool set_memory(struct options *o, const char *text, struct buf *message)
{
  const char *at = text;
  size_t n;
  bool fits = read_digits(&at, &n);
  int shift = unit_shift(*at);
  if (!fits || shift < 0 || (*at && at[1]) || n > SIZE_MAX >> shift) {
    buf_printf(message, "lull: --memory takes a size such as 500M or 2G, not %s\n", text);
    return false;
  }
  o->memory = n << shift;
  return true;
}

static bool set_steps(struct options *o, const char *text, struct buf *message)
{
  const char *at = text;
  size_t n;
  if (read_digits(&at, &n) && !*at) {
    o->steps = n;
    return true;
  }
  buf_printf(message, "lull: --steps takes a number of steps such as 1000000, not %s\n", text);
  return false;
}

static bool set_time(struct options *o, const char *text, struct buf *message)
{
  char *end;
  o->seconds = strtod(text, &end);
  if (end > text && (!*end || !strcmp(end, "s")) && o->seconds >= 0.001 && o->seconds <= 1e9) return true;
  buf_printf(message, "lull: --time takes seconds such as 10 or 0.5, not %s\n", text);
  return false;
}

static void add_code(struct options *o, const char *text)
{
  if (o->has_code) buf_putc(&o->code, '\n');
  buf_puts(&o->code, text);
  o->has_code = true;
}

static bool set_shell(struct options *o, const char *text, struct buf *message)
{
  struct buf unused;
  buf_init(&unused, o->code.alloc);
  bool known = options_completions(text, &unused);
  buf_fini(&unused);
  if (!known) buf_printf(message, "lull: --completions knows bash, zsh and fish, not %s\n", text);
  o->action = OPTIONS_COMPLETIONS;
  o->shell = text;
  return known;
}

static bool apply(struct options *o, const struct option *option, const char *argument, struct buf *message)
{
  switch (option->id) {
  case OPTION_EVAL: add_code(o, argument); return true;
  case OPTION_PRINT: return o->prints_value = true;
  case OPTION_INTERACTIVE: return o->is_interactive = true;
  case OPTION_QUIET: return o->is_quiet = true;
  case OPTION_NO_INIT: return o->skips_init = true;
  case OPTION_CHECK: return o->checks_only = true;
  case OPTION_COLOR: return set_color(o, argument, message);
  case OPTION_LOG: o->log = argument; return true;
  case OPTION_LISTEN: o->listen = argument; return true;
  case OPTION_ATTACH: o->attach = argument; return true;
  case OPTION_MEMORY: return set_memory(o, argument, message);
  case OPTION_STEPS: return set_steps(o, argument, message);
  case OPTION_TIME: return set_time(o, argument, message);
  case OPTION_NO_FS: return o->denied |= SYS_FILES;
  case OPTION_NO_NET: return o->denied |= SYS_NET;
  case OPTION_NO_RUN: return o->denied |= SYS_RUN;
  case OPTION_COMPLETIONS: return set_shell(o, argument, message);
  case OPTION_HELP: o->action = OPTIONS_HELP; return true;
  case OPTION_VERSION: o->action = OPTIONS_VERSION; return true;
  }
  return false;
}

static bool no_argument(struct buf *message, const char *given, const struct option *option)
{
  buf_printf(message, "lull: %s needs %s\n", given, option->argument);
  return false;
}

static bool parse_long(struct options *o, const char *given, char *const argv[], int *at, struct buf *message)
{
  const char *name = given + 2, *equals = strchr(name, '=');
  size_t len = equals ? (size_t)(equals - name) : strlen(name);
  const struct option *option = find_name(name, len);
  if (!option) return wrong_option(message, given, name, len);
  if (!option->argument && equals) {
    buf_printf(message, "lull: --%s takes no argument\n", option->name);
    return false;
  }
  const char *argument = equals ? equals + 1 : NULL;
  if (option->argument && !argument && !(argument = argv[++*at])) return no_argument(message, given, option);
  return apply(o, option, argument, message);
}

// -pe CODE, -eCODE: letters in a row; one that takes an argument takes the rest, or the next word.
static bool parse_letters(struct options *o, const char *given, char *const argv[], int *at, struct buf *message)
{
  for (const char *letter = given + 1; *letter; letter++) {
    const struct option *option = find_letter(*letter);
    if (!option) return wrong_option(message, given, given + 1, strlen(given + 1));
    if (!option->argument) {
      if (!apply(o, option, NULL, message)) return false;
      continue;
    }
    const char *argument = letter[1] ? letter + 1 : argv[++*at];
    return argument ? apply(o, option, argument, message) : no_argument(message, given, option);
  }
  return true;
}

static bool check_attaching(const struct options *o, struct buf *message)
{
  const char *wrong = NULL;
  if (o->attach && (o->has_code || o->file))
    wrong = "--attach is a session in a program that runs already; it takes no script";
  else if (o->attach && o->listen) wrong = "--listen is for the program, --attach for those who come to it";
  else if (o->listen && o->is_interactive) wrong = "--listen is for scripts, and -i makes it a session";
  if (wrong) buf_printf(message, "lull: %s\n", wrong);
  return !wrong;
}

bool options_parse(struct options *o, int argc, char *const argv[], struct buf *message)
{
  int at = 1;
  for (; at < argc; at++) {
    const char *word = argv[at];
    if (word[0] != '-' || !word[1]) break;
    if (!strcmp(word, "--")) {
      at++;
      break;
    }
    if (!(word[1] == '-' ? parse_long : parse_letters)(o, word, argv, &at, message)) return false;
  }
  if (at < argc && !o->has_code) o->file = argv[at++];
  o->argc = at < argc ? argc - at : 0;
  o->argv = argv + (at < argc ? at : argc);
  if (o->prints_value && !o->has_code && o->action == OPTIONS_RUN) {
    buf_puts(message, "lull: -p prints the value of -e CODE, and there is none\n");
    return false;
  }
  return check_attaching(o, message);
}

static void put_spelling(struct buf *out, const struct option *option)
{
  for (const char *letter = option->letters; *letter; letter++) buf_printf(out, "-%c, ", *letter);
  buf_printf(out, "--%s", option->name);
  if (option->argument) buf_printf(out, " %s", option->argument);
}

void options_help(struct buf *out)
{
  enum { HELP_COLUMN = 24 };
  buf_puts(out, "Usage: lull [OPTION]... [FILE [ARGUMENT]...]\n"
                "       lull [OPTION]... -e CODE [ARGUMENT]...\n"
                "       lull --attach PATH\n\n"
                "Runs FILE, standard input (-), or CODE. Without them, at a terminal: a session.\n\n");
  for (size_t i = 0; i < options_count; i++) {
    size_t start = out->len;
    buf_puts(out, "  ");
    put_spelling(out, &options_table[i]);
    size_t cols = out->len - start;
    buf_repeat(out, ' ', cols < HELP_COLUMN ? HELP_COLUMN - cols : 2);
    buf_printf(out, "%s\n", options_table[i].help);
  }
  buf_puts(out, "\nExit status: 0; 1 an error nobody caught; 2 wrong usage or syntax; 13 an await that\n"
                "nothing can settle; what exit(n) was given. lull(1) has more, lull(7) the language.\n");
}

void options_man(struct buf *out)
{
  for (size_t i = 0; i < options_count; i++) {
    buf_puts(out, ".It ");
    for (const char *letter = options_table[i].letters; *letter; letter++) buf_printf(out, "Fl %c , ", *letter);
    buf_printf(out, "Fl -%s", options_table[i].name);
    if (options_table[i].argument) buf_printf(out, " Ar %s", options_table[i].argument);
    buf_printf(out, "\n%c%s.\n", options_table[i].help[0] >= 'a' ? options_table[i].help[0] - 32 : options_table[i].help[0], options_table[i].help + 1);
  }
}
