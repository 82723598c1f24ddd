// Is a text right by tree-sitter's tree alone, with the driver's checks of tokens made again on it? The driver must say the same.
#ifndef LULL_TESTS_SYNTAX_AGREE_H
#define LULL_TESTS_SYNTAX_AGREE_H

#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "base/types.h"
#include "syntax/nodes.h"

const TSLanguage *tree_sitter_lull(void);

static const char *const RESERVED[] = {
  "let", "const", "fn", "class", "while", "for", "in", "defer", "import", "return", "break", "continue", "throw", "if", "match", "try", "do", "spawn",
  "await", "not", "nil", "null", "true", "false", "self", "super", "is", "and", "or", "else", "catch", "finally",
};

static bool is_reserved(const char *text, size_t len)
{
  for (size_t i = 0; i < COUNT_OF(RESERVED); i++) {
    if (strlen(RESERVED[i]) == len && memcmp(RESERVED[i], text, len) == 0) return true;
  }
  return false;
}

static bool is_escape_right(const char *text, size_t len)
{
  if (text[1] != 'u') return strchr("\"\\/bfnrt$", text[1]) != NULL;
  if (text[2] != '{') return len == 6 || len == 12;
  char *end;
  unsigned long value = strtoul(text + 3, &end, 16);
  return text[len - 1] == '}' && len > 4 && len <= 10 && end == text + len - 1 && value <= 0x10FFFF && value >> 11 != 0xD800 >> 11;
}

// The checks of tokens, made again on tree-sitter's tree.
static bool is_node_right(TSNode node, const char *text)
{
  const char *own = text + ts_node_start_byte(node);
  size_t len = ts_node_end_byte(node) - ts_node_start_byte(node);
  switch (ts_node_symbol(node)) {
  case SYM_IDENTIFIER: return !is_reserved(own, len);
  case SYM_INVALID_NUMBER: return false;
  case SYM_ESCAPE_SEQUENCE: return is_escape_right(own, len);
  case SYM_STRING: return !memchr(own, '\n', len);
  default: return true;
  }
}

static bool is_tree_right(TSParser *parser, const char *text, size_t len)
{
  TSTree *tree = ts_parser_parse_string(parser, NULL, text, (u32)len);
  bool right = !ts_node_has_error(ts_tree_root_node(tree));
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  for (bool more = right; more;) {
    right = right && is_node_right(ts_tree_cursor_current_node(&cursor), text);
    more = ts_tree_cursor_goto_first_child(&cursor) || ts_tree_cursor_goto_next_sibling(&cursor);
    while (!more && ts_tree_cursor_goto_parent(&cursor)) more = ts_tree_cursor_goto_next_sibling(&cursor);
  }
  ts_tree_cursor_delete(&cursor);
  ts_tree_delete(tree);
  return right;
}

#endif
