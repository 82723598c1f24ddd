#include "term/capabilities.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct environment {
  capabilities_getenv_fn get;
  void *user;
};

static const char *value_of(const struct environment *env, const char *name)
{
  const char *value = env->get(name, env->user);
  return value ? value : "";
}

static bool is_forced(const char *value)
{
  return *value && strcmp(value, "0") != 0;
}

static enum color_depth depth_of(const struct environment *env)
{
  const char *colorterm = value_of(env, "COLORTERM");
  if (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0) return COLORS_TRUE;
  return strstr(value_of(env, "TERM"), "256color") ? COLORS_256 : COLORS_16;
}

static bool has_colors(const struct environment *env, enum color_choice choice, bool is_dumb, bool is_terminal)
{
  if (choice != COLOR_AUTO) return choice == COLOR_ALWAYS;
  if (*value_of(env, "NO_COLOR")) return false;
  if (is_forced(value_of(env, "FORCE_COLOR")) || is_forced(value_of(env, "CLICOLOR_FORCE"))) return true;
  if (strcmp(value_of(env, "CLICOLOR"), "0") == 0) return false;
  return !is_dumb && is_terminal;
}

// Terminals that leave the rows as they are when they get narrower.
static bool does_reflow(const struct environment *env)
{
  const char *term = value_of(env, "TERM");
  if (*value_of(env, "XTERM_VERSION") && !*value_of(env, "TMUX")) return false;
  return strcmp(term, "linux") != 0 && !(strncmp(term, "screen", 6) == 0 && !*value_of(env, "TMUX"));
}

void capabilities_decide(struct capabilities *c, enum color_choice choice, const bool is_terminal[3],
                         capabilities_getenv_fn get, void *user)
{
  struct environment env = {get, user};
  const char *term = value_of(&env, "TERM");
  *c = (struct capabilities){
      .is_dumb = !*term || strcmp(term, "dumb") == 0,
      .reflows = does_reflow(&env),
  };
  c->can_edit = is_terminal[0] && is_terminal[1] && !c->is_dumb;
  for (int i = 0; i < 3; i++) {
    c->stream[i].is_terminal = is_terminal[i];
    c->stream[i].colors = has_colors(&env, choice, c->is_dumb, is_terminal[i]) ? depth_of(&env) : COLORS_NONE;
  }
}

static const char *get_from_process(const char *name, void *user)
{
  return getenv(name);
}

void capabilities_read(struct capabilities *c, enum color_choice choice)
{
  bool is_terminal[3];
  for (int i = 0; i < 3; i++) is_terminal[i] = isatty(i) == 1;
  capabilities_decide(c, choice, is_terminal, get_from_process, NULL);
}
