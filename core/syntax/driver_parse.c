#include "syntax/driver_parse.h"

#include "base/check.h"

// Stacks that one token still has to be tried on: reductions make new ones.
enum { STEPS_MAX = 16 };
struct steps {
  u32 tops[STEPS_MAX];
  u32 count;
};

void parse_init(struct parse *p, struct alloc *alloc, const char *text, u32 len)
{
  *p = (struct parse){ .table = tree_sitter_lull(), .alloc = alloc };
  CHECK(p->table->token_count <= TABLE_TOKENS_MAX);
  lexer_init(&p->lexer, text, len);
}

void parse_fini(struct parse *p)
{
  vec_free(p->alloc, &p->entries);
  vec_free(p->alloc, &p->chain);
}

static void fail(struct parse *p, struct failure failure)
{
  if (p->failure_count && failure.at < p->failures[0].at) return;
  if (p->failure_count && failure.at > p->failures[0].at) p->failure_count = 0;
  if (p->failure_count < PARSE_THREADS_MAX) p->failures[p->failure_count++] = failure;
}

static void fail_token(struct parse *p, u32 top, struct token token)
{
  fail(p, (struct failure){ FAILURE_TOKEN, top, token.start, token });
}

static void fail_reserved(struct parse *p, u32 top, struct token token)
{
  const struct entry *word = parse_entry(p, top);
  struct token name = { .symbol = word->symbol, .start = word->start, .end = word->end };
  fail(p, (struct failure){ FAILURE_RESERVED, word->below, token.start, name });
}

// 0 without memory: the bottom is never new.
static u32 push(struct parse *p, struct entry entry)
{
  entry.depth = parse_entry(p, entry.below)->depth + 1;
  if (vec_push(p->alloc, &p->entries, entry)) return p->entries.len - 1;
  p->has_no_memory = true;
  return 0;
}

static u32 shift(struct parse *p, u32 top, const struct token *token, u16 state)
{
  return push(p, (struct entry){ .below = top, .start = token->start, .end = token->end, .last = token->start, .state = state,
                                 .symbol = token->symbol, .is_reserved = token->is_reserved });
}

static u32 reduce(struct parse *p, u32 top, const TSParseAction *action)
{
  const struct entry *last = parse_entry(p, top);
  struct entry made = { .start = last->end, .end = last->end, .last = last->last, .symbol = action->reduce.symbol };
  u32 below = top;
  for (u32 i = 0; i < action->reduce.child_count; i++) {
    made.start = parse_entry(p, below)->start;
    below = parse_entry(p, below)->below;
  }
  made.below = below;
  made.state = table_cell(p->table, parse_entry(p, below)->state, made.symbol);
  return push(p, made);
}

static bool is_same_stack(const struct parse *p, u32 a, u32 b)
{
  while (a != b) {
    const struct entry *x = parse_entry(p, a), *y = parse_entry(p, b);
    if (x->state != y->state || x->depth != y->depth) return false;
    a = x->below;
    b = y->below;
  }
  return true;
}

static void add_thread(struct parse *p, u32 top, u32 at)
{
  for (u32 i = 0; i < p->thread_count; i++) {
    if (p->threads[i].at == at && is_same_stack(p, p->threads[i].top, top)) return;
  }
  if (p->thread_count < PARSE_THREADS_MAX) p->threads[p->thread_count++] = (struct thread){ top, at };
}

static void take(struct parse *p, u32 top, const struct token *token, const TSParseAction *action)
{
  if (token->end > p->seen) {
    if (p->on_token) p->on_token(p, token, top, p->user);
    p->seen = token->end;
  }
  if (action->shift.extra) {
    add_thread(p, top, token->end);
    return;
  }
  u32 now = shift(p, top, token, action->shift.state);
  if (parse_entry(p, now)->depth > PARSE_DEPTH_MAX) {
    fail(p, (struct failure){ FAILURE_DEPTH, top, token->start, *token });
    return;
  }
  if (p->failure_count && token->start >= p->failures[0].at) p->failure_count = 0;
  add_thread(p, now, token->end);
}

static void act(struct parse *p, u32 top, const struct token *token, const TSParseAction *action, struct steps *steps)
{
  bool is_name = parse_entry(p, top)->is_reserved;
  switch (action->type) {
  case TSParseActionTypeShift:
    if (action->shift.repetition) return;
    if (is_name && !action->shift.extra) fail_reserved(p, top, *token);
    else take(p, top, token, action);
    return;
  case TSParseActionTypeReduce:
    if (is_name && action->reduce.child_count > 0 && action->reduce.symbol != RAW_PROPERTY_NAME) {
      fail_reserved(p, top, *token);
    } else if (steps->count < STEPS_MAX) {
      u32 made = reduce(p, top, action);
      steps->tops[steps->count++] = made;
    }
    return;
  case TSParseActionTypeAccept:
    p->is_accepted = true;
    return;
  default:
    return;
  }
}

static void advance(struct parse *p, struct thread thread)
{
  struct token token = lexer_token(&p->lexer, thread.at, parse_entry(p, thread.top)->state);
  if (token.is_error || (token.symbol == RAW_END && p->keeps_end)) {
    fail_token(p, thread.top, token);
    return;
  }
  struct steps steps = { .tops = { thread.top }, .count = 1 };
  while (steps.count > 0 && !p->has_no_memory) {
    u32 top = steps.tops[--steps.count], count;
    const TSParseAction *actions = table_actions(p->table, parse_entry(p, top)->state, token.symbol, &count);
    if (count == 0) {
      if (parse_entry(p, top)->is_reserved && token.symbol != RAW_END) fail_reserved(p, top, token);
      else fail_token(p, thread.top, token);
    }
    for (u32 i = 0; i < count; i++) act(p, top, &token, &actions[i], &steps);
  }
}

// Where one reading is left, what is not below its top can go.
static void compact(struct parse *p)
{
  u32 top = p->threads[0].top, depth = parse_entry(p, top)->depth;
  if (p->entries.len < 4096 || p->entries.len / 4 < depth || p->thread_count != 1 || p->failure_count) return;
  p->chain.len = 0;
  if (!vec_reserve(p->alloc, &p->chain, depth + 1)) return;
  for (u32 i = depth + 1; i-- > 0; top = parse_entry(p, top)->below) p->chain.data[i] = top;
  for (u32 i = 0; i <= depth; i++) {
    p->entries.data[i] = p->entries.data[p->chain.data[i]];
    p->entries.data[i].below = i ? i - 1 : 0;
  }
  p->entries.len = depth + 1;
  p->threads[0].top = depth;
}

// The thread that is furthest behind goes first, so that none is judged by what another has not read yet.
static struct thread take_hindmost(struct parse *p)
{
  u32 found = 0;
  for (u32 i = 1; i < p->thread_count; i++) {
    if (p->threads[i].at < p->threads[found].at) found = i;
  }
  struct thread thread = p->threads[found];
  p->thread_count--;
  for (u32 i = found; i < p->thread_count; i++) p->threads[i] = p->threads[i + 1];
  return thread;
}

void parse_run(struct parse *p, u32 start)
{
  struct entry bottom = { .start = start, .end = start, .last = start, .state = TABLE_START };
  p->entries.len = 0;
  p->failure_count = 0;
  p->is_accepted = false;
  p->seen = start;
  p->thread_count = 0;
  if (!vec_push(p->alloc, &p->entries, bottom)) p->has_no_memory = true;
  else add_thread(p, 0, start);
  while (p->thread_count > 0 && !p->is_accepted && !p->has_no_memory) {
    compact(p);
    advance(p, take_hindmost(p));
  }
}

bool parse_would_take(struct parse *p, u32 top, u16 symbol, u16 *state)
{
  u32 mark = p->entries.len, count;
  bool found = false;
  struct steps steps = { .tops = { top }, .count = 1 };
  while (steps.count > 0 && !found && !p->has_no_memory) {
    u32 at = steps.tops[--steps.count];
    const TSParseAction *actions = table_actions(p->table, parse_entry(p, at)->state, symbol, &count);
    for (u32 i = 0; i < count && !found; i++) {
      bool is_reduce = actions[i].type == TSParseActionTypeReduce;
      found = actions[i].type == TSParseActionTypeAccept ||
              (actions[i].type == TSParseActionTypeShift && !actions[i].shift.repetition && !actions[i].shift.extra);
      if (found && state) *state = parse_entry(p, at)->state;
      if (is_reduce && steps.count < STEPS_MAX) {
        u32 made = reduce(p, at, &actions[i]);
        steps.tops[steps.count++] = made;
      }
    }
  }
  p->entries.len = mark;
  return found;
}

static bool is_opening(u16 symbol)
{
  switch (symbol) {
  case RAW_TOK_LPAREN: case RAW_TOK_LBRACK: case RAW_TOK_LBRACE: case RAW_TOK_LBRACE2: case RAW_BLOCK_OPEN:
  case RAW_INTERPOLATION_START: case RAW_TOK_DQUOTE: case RAW_TOK_DQUOTE_DQUOTE_DQUOTE:
    return true;
  default:
    return false;
  }
}

static bool is_closing(u16 symbol)
{
  return symbol == RAW_TOK_RPAREN || symbol == RAW_TOK_RBRACK || symbol == RAW_TOK_RBRACE || symbol == RAW_LINE_END ||
         symbol == RAW_BLOCK_END;
}

u32 parse_open_bracket(const struct parse *p, u32 top)
{
  u32 closed = 0;
  for (u32 i = top; i != 0; i = parse_entry(p, i)->below) {
    u16 symbol = parse_entry(p, i)->symbol;
    if (is_closing(symbol)) closed++;
    else if (is_opening(symbol) && closed == 0) return i;
    else if (is_opening(symbol)) closed--;
  }
  return 0;
}
