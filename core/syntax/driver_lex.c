#include "syntax/driver_lex.h"

#include "base/utf8.h"

static void look(struct lexer *l)
{
  u32 c = 0;
  int bytes = l->at < l->len ? utf8_decode(l->text + l->at, l->text + l->len, &c) : 0;
  l->api.lookahead = (i32)c;
  l->next = l->at + (u32)bytes;
}

static void advance(TSLexer *api, bool is_skipped)
{
  struct lexer *l = (struct lexer *)api;
  if (l->at >= l->len) return;
  l->at = l->next;
  if (is_skipped) l->start = l->at;
  look(l);
}

static void mark_end(TSLexer *api)
{
  struct lexer *l = (struct lexer *)api;
  l->end = l->at;
  l->is_marked = true;
}

static bool is_end(const TSLexer *api)
{
  const struct lexer *l = (const struct lexer *)api;
  return l->at >= l->len;
}

static u32 column(TSLexer *api)
{
  struct lexer *l = (struct lexer *)api;
  u32 count = 0;
  for (u32 i = l->at; i > 0 && l->text[i - 1] != '\n'; i--) count++;
  return count;
}

static bool is_range_start(const TSLexer *api)
{
  return false;
}

void lexer_init(struct lexer *l, const char *text, u32 len)
{
  *l = (struct lexer){ .text = text, .len = len };
  l->api.advance = advance;
  l->api.mark_end = mark_end;
  l->api.get_column = column;
  l->api.eof = is_end;
  l->api.is_at_included_range_start = is_range_start;
}

static void seek(struct lexer *l, u32 at)
{
  l->at = l->start = l->end = at;
  l->is_marked = false;
  l->api.result_symbol = 0;
  look(l);
}

static struct token taken(struct lexer *l, u16 symbol)
{
  if (!l->is_marked) l->end = l->at;
  if (l->start > l->end) l->start = l->end;  // the scanner looked ahead behind the end it had marked
  return (struct token){ .symbol = symbol, .start = l->start, .end = l->end };
}

static bool scan_external(struct lexer *l, const TSLanguage *table, u32 from, u16 mode, struct token *token)
{
  if (mode == 0) return false;
  seek(l, from);
  const bool *valid = table->external_scanner.states + mode * table->external_token_count;
  if (!table->external_scanner.scan(NULL, &l->api, valid)) return false;
  *token = taken(l, table->external_scanner.symbol_map[l->api.result_symbol]);
  return true;
}

static void name_keyword(struct lexer *l, const TSLanguage *table, u16 state, struct token *token)
{
  seek(l, token->start);
  if (!table->keyword_lex_fn(&l->api, 0)) return;
  u16 word = l->api.result_symbol;
  if (taken(l, word).end != token->end) return;
  if (table_cell(table, state, word)) token->symbol = word;
  else token->is_reserved = word != RAW_TOK_AS && word != RAW_TOK_FROM;
}

static bool scan_internal(struct lexer *l, const TSLanguage *table, u32 from, u16 state, struct token *token)
{
  seek(l, from);
  if (!table->lex_fn(&l->api, table->lex_modes[state].lex_state)) return false;
  *token = taken(l, l->api.result_symbol);
  if (token->symbol == table->keyword_capture_token) name_keyword(l, table, state, token);
  return true;
}

// Nothing that the state knows: what is it then? State 0 of the table takes every token.
static struct token scan_anything(struct lexer *l, const TSLanguage *table, u32 from)
{
  struct token token;
  if (!scan_internal(l, table, from, 0, &token)) {
    for (seek(l, from); l->api.lookahead == ' ' || (l->api.lookahead >= '\t' && l->api.lookahead <= '\r');) {
      advance(&l->api, true);
    }
    advance(&l->api, false);
    token = taken(l, RAW_ERROR_SENTINEL);
  }
  token.is_error = true;
  return token;
}

struct token lexer_token(struct lexer *l, u32 from, u16 state)
{
  const TSLanguage *table = tree_sitter_lull();
  struct token token;
  if (scan_external(l, table, from, table->lex_modes[state].external_lex_state, &token)) return token;
  // In a string nothing is white space, so what the scanner does not take is not there.
  if (table_cell(table, state, RAW_LINE_END) || table_cell(table, state, RAW_BLOCK_END)) {
    bool ended = from >= l->len;
    return (struct token){ .symbol = ended ? RAW_END : RAW_ERROR_SENTINEL, .is_error = true, .start = from, .end = from };
  }
  if (scan_internal(l, table, from, state, &token)) return token;
  return scan_anything(l, table, from);
}
