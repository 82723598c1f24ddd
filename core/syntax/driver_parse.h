// The parse itself: stacks that share their lower parts, one for each reading of the text that is still possible (almost always one).
#ifndef LULL_SYNTAX_DRIVER_PARSE_H
#define LULL_SYNTAX_DRIVER_PARSE_H

#include "base/vec.h"
#include "syntax/driver_lex.h"

// How many readings may be alive. Two are common; each lambda that stands in the pattern of another one's parameters
// doubles them until its arrow.
#define PARSE_THREADS_MAX 64
// How many entries a stack may have, which bounds how deep a text nests: about six for calls in lambdas, five for an `else if`.
#define PARSE_DEPTH_MAX 10000

// A symbol on a stack. Entries never change; a stack is the index of its top, and 0 is the bottom of all.
struct entry {
  u32 below;
  u32 depth;
  u32 start, end;
  u32 last;          // where the last token in it starts; it ends at end. Equal: that token is a line's end
  u16 state;         // the table's, with this on top
  u16 symbol;        // RAW_*
  bool is_reserved;  // a word of the language taken as a name: see struct token
};

struct thread {
  u32 top;
  u32 at;  // where it reads on
};

enum failure_kind { FAILURE_TOKEN, FAILURE_RESERVED, FAILURE_DEPTH };

// Why a thread ended.
struct failure {
  enum failure_kind kind;
  u32 top;             // the stack as it was when the token came
  u32 at;              // how far it had read
  struct token token;  // the one that did not fit; of FAILURE_RESERVED the word that is no name
};

struct parse {
  const TSLanguage *table;
  struct alloc *alloc;  // borrowed
  struct lexer lexer;
  VEC(struct entry) entries;
  VEC(u32) chain;  // scratch of compacting
  struct thread threads[PARSE_THREADS_MAX];
  u32 thread_count;
  struct failure failures[PARSE_THREADS_MAX];  // those that came furthest, all equally far
  u32 failure_count;
  u32 seen;  // the end of what on_token was told of
  bool is_accepted;
  bool has_no_memory;
  bool keeps_end;  // the end of the text fails every reading: what could follow is then in the failures

  // Called once for each token that is taken, comments too, in order; [top] is the stack below it.
  void (*on_token)(const struct parse *p, const struct token *token, u32 top, void *user);
  void *user;
};

void parse_init(struct parse *p, struct alloc *alloc, const char *text, u32 len);
void parse_fini(struct parse *p);
// Runs from byte [start] until the text is accepted (is_accepted), or no reading is left (failures).
void parse_run(struct parse *p, u32 start);
// Would that stack take that terminal next? Sets *state (if not NULL) to the state that takes it.
bool parse_would_take(struct parse *p, u32 top, u16 symbol, u16 *state);
// The innermost bracket or quote open on a stack, 0 for none; the next one outwards by asking again for the stack below it.
u32 parse_open_bracket(const struct parse *p, u32 top);

static inline const struct entry *parse_entry(const struct parse *p, u32 index) { return &p->entries.data[index]; }

#endif
