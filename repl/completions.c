// Completion scripts for shells, from the table of options.
#include "options_table.h"

#include <stdbool.h>
#include <string.h>

#include "base/types.h"
#include "options.h"

static bool names_file(const struct option *option)
{
  return option->argument && (!strcmp(option->argument, "FILE") || !strcmp(option->argument, "PATH"));
}

// -e, -c, --eval, with [between] between them.
static void put_spellings(struct buf *out, const struct option *option, const char *between)
{
  for (const char *letter = option->letters; *letter; letter++) buf_printf(out, "-%c%s", *letter, between);
  buf_printf(out, "--%s", option->name);
}

// What stands behind an option that takes an argument.
static void bash_arguments(struct buf *out)
{
  for (size_t i = 0; i < options_count; i++) {
    const struct option *option = &options_table[i];
    if (!option->argument) continue;
    buf_puts(out, "  ");
    put_spellings(out, option, "|");
    if (option->values) buf_printf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$word\"))", option->values);
    else buf_puts(out, names_file(option) ? ") _lull_files" : ")");
    buf_puts(out, names_file(option) || option->values ? "; return ;;\n" : " return ;;\n");
  }
}

static void bash(struct buf *out)
{
  buf_puts(out, "_lull_files() {\n"
                "  compopt -o filenames\n"
                "  mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                "}\n\n"
                "_lull() {\n"
                "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} i\n"
                "  COMPREPLY=()\n"
                "  # --color=al is three words here.\n"
                "  if [[ $word == = ]]; then word=\n"
                "  elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}\n"
                "  fi\n"
                "  case $before in\n");
  bash_arguments(out);
  buf_puts(out, "  esac\n"
                "  # What follows the script is its own.\n"
                "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "    case ${COMP_WORDS[i]} in\n    ");
  const char *between = "";
  for (size_t i = 0; i < options_count; i++) {
    if (!options_table[i].argument) continue;
    buf_puts(out, between);
    put_spellings(out, &options_table[i], "|");
    between = "|";
  }
  buf_puts(out, ") [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;\n"
                "    -?*) ;;\n"
                "    *) _lull_files; return ;;\n"
                "    esac\n"
                "  done\n"
                "  case $word in\n"
                "  -*) COMPREPLY=($(compgen -W '");
  for (size_t i = 0; i < options_count; i++) {
    put_spellings(out, &options_table[i], " ");
    buf_puts(out, i + 1 < options_count ? " " : "");
  }
  buf_puts(out, "' -- \"$word\")) ;;\n"
                "  *) _lull_files ;;\n"
                "  esac\n"
                "}\n\n"
                "complete -F _lull lull\n");
}

static void zsh_argument(struct buf *out, const struct option *option)
{
  if (option->argument) buf_printf(out, ":%s:", option->argument);
  if (option->values) buf_printf(out, "(%s)", option->values);
  if (names_file(option)) buf_puts(out, "_files");
  buf_puts(out, "' \\\n");
}

static void zsh(struct buf *out)
{
  buf_puts(out, "#compdef lull\n_arguments -s -S -A '-*' \\\n");
  for (size_t i = 0; i < options_count; i++) {
    const struct option *option = &options_table[i];
    const char *repeat = option->id == OPTION_EVAL ? "*" : "";
    for (const char *letter = option->letters; *letter; letter++) {
      buf_printf(out, "  '%s-%c[%s]", repeat, *letter, option->help);
      zsh_argument(out, option);
    }
    buf_printf(out, "  '%s--%s%s[%s]", repeat, option->name, option->argument ? "=" : "", option->help);
    zsh_argument(out, option);
  }
  buf_puts(out, "  '1:file:_files' '*::argument:_files'\n");
}

static void fish(struct buf *out)
{
  for (size_t i = 0; i < options_count; i++) {
    const struct option *option = &options_table[i];
    buf_puts(out, "complete -c lull");
    for (const char *letter = option->letters; *letter; letter++) buf_printf(out, " -s %c", *letter);
    buf_printf(out, " -l %s", option->name);
    if (option->values) buf_printf(out, " -xa '%s'", option->values);
    else if (option->argument) buf_puts(out, names_file(option) ? " -rF" : " -x");
    buf_printf(out, " -d '%s'\n", option->help);
  }
}

bool options_completions(const char *shell, struct buf *out)
{
  static const struct {
    const char *name;
    void (*write)(struct buf *out);
  } shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
  for (size_t i = 0; i < COUNT_OF(shells); i++) {
    if (strcmp(shell, shells[i].name)) continue;
    shells[i].write(out);
    return true;
  }
  return false;
}
