// The generated parse table, as the driver reads it. Not for files that include tree-sitter's api.h: the two headers do not go together.
#ifndef LULL_SYNTAX_DRIVER_TABLE_H
#define LULL_SYNTAX_DRIVER_TABLE_H

#include <tree_sitter/parser.h>

#include "base/types.h"
#include "syntax/symbols.h"

const TSLanguage *tree_sitter_lull(void);

// The table's state at the beginning of a text.
#define TABLE_START 1

// Terminals are numbered below this.
#define TABLE_TOKENS_MAX 128

// What the table has for a symbol in a state: the next state for a nonterminal, an index of actions for a terminal; 0 for nothing.
static inline u16 table_cell(const TSLanguage *table, u16 state, u16 symbol)
{
  if (state < table->large_state_count) return table->parse_table[state * table->symbol_count + symbol];
  const u16 *row = &table->small_parse_table[table->small_parse_table_map[state - table->large_state_count]];
  for (u32 groups = *row++; groups > 0; groups--) {
    u16 value = row[0], count = row[1];
    row += 2;
    for (u32 i = 0; i < count; i++) {
      if (row[i] == symbol) return value;
    }
    row += count;
  }
  return 0;
}

static inline const TSParseAction *table_actions(const TSLanguage *table, u16 state, u16 symbol, u32 *count)
{
  const TSParseActionEntry *entry = &table->parse_actions[table_cell(table, state, symbol)];
  *count = entry->entry.count;
  return (const TSParseAction *)(entry + 1);
}

#endif
