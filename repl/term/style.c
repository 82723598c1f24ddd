#include "term/style.h"

#include <string.h>

// ORDER STYLE: as enum style. The second column is for 256 and more colours; NULL: as the first.
static const struct {
  const char *basic, *rich;
} theme[STYLE_COUNT] = {
    [STYLE_PROMPT] = {"\033[1;32m", NULL},
    [STYLE_CONTINUATION] = {"\033[2m", NULL},
    [STYLE_LABEL] = {"\033[36m", "\033[38;5;73m"},
    [STYLE_STATUS] = {"\033[2m", NULL},
    [STYLE_GHOST] = {"\033[2m", "\033[38;5;244m"},
    [STYLE_SELECTED] = {"\033[7m", NULL},
    [STYLE_HINT] = {"\033[2m", NULL},
    [STYLE_MATCH] = {"\033[4;33m", NULL},
    [STYLE_BRACKET] = {"\033[1;36m", NULL},
    [STYLE_CONTROL] = {"\033[2;7m", NULL},
    [STYLE_ERROR] = {"\033[1;31m", NULL},
    [STYLE_WARNING] = {"\033[33m", NULL},
    [STYLE_NOTE] = {"\033[36m", NULL},
    [STYLE_CARET] = {"\033[1;31m", NULL},
    [STYLE_KEYWORD] = {"\033[35m", "\033[38;5;134m"},
    [STYLE_STRING] = {"\033[32m", "\033[38;5;71m"},
    [STYLE_ESCAPE] = {"\033[1;32m", "\033[38;5;114m"},
    [STYLE_NUMBER] = {"\033[33m", "\033[38;5;172m"},
    [STYLE_CONSTANT] = {"\033[33m", "\033[38;5;172m"},
    [STYLE_COMMENT] = {"\033[2m", "\033[38;5;245m"},
    [STYLE_FUNCTION] = {"\033[34m", "\033[38;5;68m"},
    [STYLE_TYPE] = {"\033[36m", "\033[38;5;73m"},
    [STYLE_PROPERTY] = {"", NULL},
    [STYLE_VARIABLE] = {"", NULL},
    [STYLE_OPERATOR] = {"", NULL},
    [STYLE_PUNCTUATION] = {"", NULL},
    [STYLE_HEADING] = {"\033[1;34m", "\033[1;38;5;68m"},
    [STYLE_STRONG] = {"\033[1m", NULL},
    [STYLE_EMPHASIS] = {"\033[3m", NULL},
    [STYLE_CODE] = {"\033[33m", "\033[38;5;172m"},
    [STYLE_LINK] = {"\033[4;34m", "\033[4;38;5;68m"},
    [STYLE_QUOTE] = {"\033[2;3m", NULL},
    [STYLE_RULE] = {"\033[2m", NULL},
};

// Names of captures, general ones; "keyword.conditional" finds "keyword".
static const struct {
  const char *name;
  enum style style;
} captures[] = {
    {"attribute", STYLE_PROPERTY},    {"boolean", STYLE_CONSTANT},      {"comment", STYLE_COMMENT},
    {"conditional", STYLE_KEYWORD},   {"constant", STYLE_TYPE},         {"constant.builtin", STYLE_CONSTANT},
    {"constructor", STYLE_TYPE},      {"error", STYLE_ERROR},           {"escape", STYLE_ESCAPE},
    {"exception", STYLE_KEYWORD},     {"float", STYLE_NUMBER},          {"function", STYLE_FUNCTION},
    {"include", STYLE_KEYWORD},       {"keyword", STYLE_KEYWORD},       {"method", STYLE_FUNCTION},
    {"number", STYLE_NUMBER},         {"operator", STYLE_OPERATOR},     {"parameter", STYLE_VARIABLE},
    {"property", STYLE_PROPERTY},     {"punctuation", STYLE_PUNCTUATION}, {"punctuation.special", STYLE_ESCAPE},
    {"repeat", STYLE_KEYWORD},        {"string", STYLE_STRING},         {"string.escape", STYLE_ESCAPE},
    {"type", STYLE_TYPE},             {"variable", STYLE_VARIABLE},     {"variable.builtin", STYLE_CONSTANT},
};

const char *style_sgr(enum style style, enum color_depth colors)
{
  const char *sgr = colors >= COLORS_256 && theme[style].rich ? theme[style].rich : theme[style].basic;
  return colors == COLORS_NONE || !sgr ? "" : sgr;
}

void style_put(struct buf *out, enum style style, enum color_depth colors, const char *text, size_t len)
{
  const char *sgr = style_sgr(style, colors);
  buf_puts(out, sgr);
  buf_append(out, text, len);
  if (*sgr) buf_puts(out, "\033[0m");
}

void style_puts(struct buf *out, enum style style, enum color_depth colors, const char *text)
{
  style_put(out, style, colors, text, strlen(text));
}

enum style style_of_capture(const char *name, size_t len)
{
  while (len > 0) {
    for (size_t i = 0; i < COUNT_OF(captures); i++)
      if (strlen(captures[i].name) == len && memcmp(captures[i].name, name, len) == 0) return captures[i].style;
    while (len > 0 && name[--len] != '.') {}
  }
  return STYLE_PLAIN;
}
