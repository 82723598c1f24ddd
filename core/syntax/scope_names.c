#include "syntax/resolver.h"

#include "base/check.h"

// The table of names

static u32 slot_index(const struct resolver *r, const struct string *name)
{
  u32 at = (u32)((uintptr_t)name >> 4) * 2654435761u;
  for (;; at++) {
    at &= r->slot_cap - 1;
    if (!r->slots[at].name || r->slots[at].name == name) return at;
  }
}

static bool grow_slots(struct resolver *r)
{
  struct name_slot *old = r->slots;
  u32 old_cap = r->slot_cap, cap = old_cap ? old_cap * 2 : 64;
  struct name_slot *slots = mem_alloc_zero(r->alloc, cap * sizeof *slots);
  if (!slots) return false;
  r->slots = slots;
  r->slot_cap = cap;
  for (u32 i = 0; i < old_cap; i++) {
    if (old[i].name) r->slots[slot_index(r, old[i].name)] = old[i];
  }
  mem_free(r->alloc, old, old_cap * sizeof *old);
  return true;
}

static struct name_slot *slot_of(struct resolver *r, struct string *name)
{
  if (r->slot_count * 2 >= r->slot_cap && !grow_slots(r)) return NULL;
  struct name_slot *slot = &r->slots[slot_index(r, name)];
  if (!slot->name) {
    *slot = (struct name_slot){ name, NO_SYMBOL };
    r->slot_count++;
  }
  return slot;
}

static u32 innermost(const struct resolver *r, const struct string *name)
{
  if (!r->slot_cap) return NO_SYMBOL;
  const struct name_slot *slot = &r->slots[slot_index(r, name)];
  return slot->name ? slot->symbol : NO_SYMBOL;
}

struct string *resolver_name(struct resolver *r, u32 node)
{
  u32 len;
  const char *text = tree_text(r->tree, node, &len);
  struct string *name = string_intern(r->out->heap, r->names, text, len);
  if (!name) r->out->failed = true;
  return name;
}

// Scopes

u32 resolver_new_scope(struct resolver *r)
{
  if (vec_push(r->alloc, &r->out->list, (struct scope){ NO_SYMBOL, NO_SYMBOL, NO_SYMBOL, NO_SYMBOL }))
    return r->out->list.len - 1;
  r->out->failed = true;
  return NO_SCOPE;
}

static void link_symbol(struct resolver *r, u32 index)
{
  struct symbol *symbol = &r->out->symbols.data[index];
  struct name_slot *slot = slot_of(r, symbol->name);
  if (!slot) {
    r->out->failed = true;
    return;
  }
  symbol->shadowed = slot->symbol;
  slot->symbol = index;
}

static void unlink_symbol(struct resolver *r, u32 index)
{
  const struct symbol *symbol = &r->out->symbols.data[index];
  struct name_slot *slot = slot_of(r, symbol->name);
  if (slot && slot->symbol == index) slot->symbol = symbol->shadowed;
}

void resolver_close(struct resolver *r, u32 scope)
{
  if (scope == NO_SCOPE) return;
  for (u32 i = r->out->list.data[scope].first; i != NO_SYMBOL; i = r->out->symbols.data[i].next) unlink_symbol(r, i);
}

void resolver_open(struct resolver *r, u32 scope)
{
  if (scope == NO_SCOPE) return;
  for (u32 i = r->out->list.data[scope].first; i != NO_SYMBOL; i = r->out->symbols.data[i].next) link_symbol(r, i);
}

// Declarations

static void report_twice(struct resolver *r, u32 node, const struct symbol *first)
{
  r->out->of[node] = BINDS_NOTHING;
  const struct node *at = &r->tree->nodes[node], *before = &r->tree->nodes[first->node];
  diagnostics_error(r->diagnostics, at->start, at->end, "'%s' is already declared here",
                    string_bytes(r->out->heap, first->name));
  diagnostics_note_at(r->diagnostics, before->start, before->end, "the first declaration");
}

static struct symbol *add_symbol(struct resolver *r, u32 scope, struct symbol symbol)
{
  u32 index = r->out->symbols.len;
  if (!vec_push(r->alloc, &r->out->symbols, symbol)) {
    r->out->failed = true;
    return NULL;
  }
  struct scope *s = &r->out->list.data[scope];
  if (s->first == NO_SYMBOL) s->first = index;
  else r->out->symbols.data[s->last].next = index;
  s->last = index;
  link_symbol(r, index);
  return &r->out->symbols.data[index];
}

// In a session's input a name may be given again: the later declaration is the same name. Not what is imported: that lies elsewhere.
static struct symbol *declare_again(struct resolver *r, u32 node, struct symbol *first, enum symbol_kind kind)
{
  bool is_imported = kind == SYMBOL_IMPORTED || first->kind == SYMBOL_IMPORTED;
  if (!first->is_top || r->mode != COMPILE_CELL || is_imported) {
    report_twice(r, node, first);
    return NULL;
  }
  r->out->of[node] = (u32)(first - r->out->symbols.data) + 1;
  first->kind = (u8)kind;
  first->is_reassigned = true;
  return first;
}

struct symbol *resolver_own(struct resolver *r, u32 scope, const struct string *name)
{
  u32 found = innermost(r, name);
  return found != NO_SYMBOL && r->out->symbols.data[found].scope == scope ? &r->out->symbols.data[found] : NULL;
}

struct symbol *resolver_declare(struct resolver *r, u32 scope, u32 node, enum symbol_kind kind, u32 visible_from)
{
  struct string *name = resolver_name(r, node);
  if (!name || scope == NO_SCOPE) return NULL;
  struct symbol *first = resolver_own(r, scope, name);
  if (first) return declare_again(r, node, first, kind);
  const struct node *n = &r->tree->nodes[node];
  struct symbol *symbol = add_symbol(r, scope,
                                     (struct symbol){
                                         .name = name,
                                         .node = node,
                                         .declaration = node,
                                         .function = resolver_frame(r)->function,
                                         .scope = scope,
                                         .shadowed = NO_SYMBOL,
                                         .next = NO_SYMBOL,
                                         .next_class = NO_SYMBOL,
                                         .start = n->start,
                                         .visible_from = visible_from,
                                         .bound_at = n->end,
                                         .bound_end = n->end,
                                         .time = (u64)visible_from << 32,
                                         .kind = (u8)kind,
                                         .is_top = scope == 0,
                                     });
  if (symbol) r->out->of[node] = (u32)(symbol - r->out->symbols.data) + 1;
  return symbol;
}

// Uses

struct cell *scopes_global(const struct module *module, const struct string *name)
{
  for (; module; module = module->outer) {
    struct cell *cell = module_find(module, name);
    if (cell && !is_unset(cell->value)) return cell;
  }
  return NULL;
}

// The function that encloses the one now walked and is made directly in [function]: what captures from its registers.
static u32 function_made_in(const struct resolver *r, u32 function)
{
  u32 inner = vec_last(&r->frames).function;
  while (r->out->functions.data[inner].parent != function) inner = r->out->functions.data[inner].parent;
  return inner;
}

static void note_capture(struct resolver *r, struct symbol *symbol)
{
  if (symbol->function == resolver_frame(r)->function) return;
  symbol->is_captured = true;
  if (symbol->time > r->out->functions.data[function_made_in(r, symbol->function)].time) symbol->is_early = true;
}

// The child of [node] that holds the byte at [at]; 0: none does.
static u32 child_at(const struct tree *t, u32 node, u32 at)
{
  u32 child = tree_first(t, node);
  while (child && t->nodes[child].end <= at) child = tree_next(t, child);
  return child && t->nodes[child].start <= at ? child : 0;
}

// Is [at] in a default that what holds the name is taken from, or in another alternative than the first, which declares it?
static bool is_before_value(const struct resolver *r, const struct symbol *symbol, u32 at)
{
  const struct tree *t = r->tree;
  u32 name = t->nodes[symbol->node].start;
  for (u32 n = symbol->declaration; n && n != symbol->node; n = child_at(t, n, name)) {
    u16 kind = resolver_kind(r, n);
    u32 value = kind == SYM_DEFAULT_PATTERN ? tree_field(t, n, FIELD_VALUE) : 0;
    if (value && at >= t->nodes[value].start && at < t->nodes[value].end) return true;
    if (kind == SYM_OR_PATTERN && at < t->nodes[n].end && child_at(t, n, at) != child_at(t, n, name)) return true;
  }
  return false;
}

static bool is_visible(struct resolver *r, const struct symbol *symbol, u32 at)
{
  // Functions in defaults see what the defaults see: parameters have no place before they have a value.
  bool is_inside = symbol->function == resolver_frame(r)->function || symbol->kind == SYMBOL_PARAMETER;
  if (!is_inside || at >= symbol->visible_from) return true;
  return at >= symbol->bound_at && at < symbol->bound_end && !is_before_value(r, symbol, at);
}

// The symbol a name means at [at]; *below is set to one that is declared only further down.
static u32 find(struct resolver *r, const struct string *name, u32 at, u32 *below)
{
  *below = NO_SYMBOL;
  for (u32 i = innermost(r, name); i != NO_SYMBOL; i = r->out->symbols.data[i].shadowed) {
    const struct symbol *symbol = &r->out->symbols.data[i];
    if (is_visible(r, symbol, at)) return i;
    if (*below == NO_SYMBOL) *below = i;
    if (at < symbol->start) break;  // in its own declaration it means what is further out
  }
  return NO_SYMBOL;
}

static void report_below(struct resolver *r, u32 node, u32 below)
{
  r->out->of[node] = BINDS_NOTHING;
  const struct symbol *symbol = &r->out->symbols.data[below];
  const struct node *at = &r->tree->nodes[node], *there = &r->tree->nodes[symbol->node];
  const char *name = string_bytes(r->out->heap, symbol->name);
  if (at->start >= symbol->start) {
    diagnostics_error(r->diagnostics, at->start, at->end, "'%s' is used in its own declaration", name);
    return;
  }
  diagnostics_error(r->diagnostics, at->start, at->end, "'%s' is used above its declaration", name);
  diagnostics_note_at(r->diagnostics, there->start, there->end, "declared here");
}

static void report_undeclared(struct resolver *r, u32 node, const struct string *name)
{
  r->out->of[node] = BINDS_NOTHING;
  const struct node *at = &r->tree->nodes[node];
  diagnostics_error(r->diagnostics, at->start, at->end, "'%s' is not declared", string_text(name));
  resolver_suggest(r, name);
}

// A name that no scope has: the module's or built in; in a session, a function may use what will be declared later.
static bool is_global(struct resolver *r, const struct string *name)
{
  return scopes_global(r->module, name) || (r->mode == COMPILE_CELL && resolver_frame(r)->function != 0);
}

void resolver_use(struct resolver *r, u32 node)
{
  struct string *name = resolver_name(r, node);
  if (!name) return;
  u32 at = r->tree->nodes[node].start, below, found = find(r, name, at, &below);
  if (found != NO_SYMBOL) {
    note_capture(r, &r->out->symbols.data[found]);
    r->out->of[node] = found + 1;
    return;
  }
  const struct symbol *later = below == NO_SYMBOL ? NULL : &r->out->symbols.data[below];
  bool is_own = later && at >= later->start, is_older = r->mode == COMPILE_CELL && later && later->is_top;
  if ((!later || is_own || is_older) && is_global(r, name)) return;
  if (later) report_below(r, node, below);
  else report_undeclared(r, node, name);
}

static struct string *self_name(struct resolver *r)
{
  struct string *name = string_intern(r->out->heap, r->names, "self", 4);
  if (!name) r->out->failed = true;
  return name;
}

void resolver_declare_self(struct resolver *r, u32 scope, u32 node)
{
  struct string *name = self_name(r);
  if (!name || scope == NO_SCOPE) return;
  u64 time = r->out->functions.data[resolver_frame(r)->function].time;
  add_symbol(r, scope,
             (struct symbol){
                 .name = name,
                 .node = node,
                 .declaration = node,
                 .function = resolver_frame(r)->function,
                 .scope = scope,
                 .shadowed = NO_SYMBOL,
                 .next = NO_SYMBOL,
                 .next_class = NO_SYMBOL,
                 .time = time,
                 .kind = SYMBOL_SELF,
             });
}

bool resolver_use_self(struct resolver *r, u32 node)
{
  const struct string *name = self_name(r);
  u32 found = name ? innermost(r, name) : NO_SYMBOL;
  if (found == NO_SYMBOL) return false;
  note_capture(r, &r->out->symbols.data[found]);
  r->out->of[node] = found + 1;
  return true;
}

// Assignments

static void report_constant(struct resolver *r, u32 node, const struct symbol *symbol)
{
  r->out->of[node] = BINDS_NOTHING;
  const struct node *at = &r->tree->nodes[node], *there = &r->tree->nodes[symbol->node];
  bool is_import = symbol->kind != SYMBOL_CONST;
  diagnostics_error(r->diagnostics, at->start, at->end, "cannot assign to '%s', %s",
                    string_bytes(r->out->heap, symbol->name), is_import ? "an imported name" : "a constant");
  diagnostics_note_at(r->diagnostics, there->start, there->end, "declared here");
}

static void assign_symbol(struct resolver *r, u32 node, struct symbol *symbol)
{
  if (symbol->kind == SYMBOL_CONST || symbol->kind == SYMBOL_IMPORT || symbol->kind == SYMBOL_IMPORTED) {
    report_constant(r, node, symbol);
    return;
  }
  note_capture(r, symbol);
  r->out->of[node] = (u32)(symbol - r->out->symbols.data) + 1;
  if (node == symbol->node) return;
  symbol->is_reassigned = true;
  if (vec_last(&r->path).is_operand) symbol->is_volatile = true;
}

// A name of the module given by an earlier input, or by the host.
static void assign_global(struct resolver *r, u32 node, const struct string *name)
{
  const struct node *at = &r->tree->nodes[node];
  const struct cell *own = module_find(r->module, name);
  if (own && !is_unset(own->value) && !(own->object.flags & NAME_BORROWED)) {
    const char *what = own->object.flags & NAME_IMPORTED ? "an imported name" : "a constant";
    if (!(own->object.flags & NAME_CONST)) return;
    diagnostics_error(r->diagnostics, at->start, at->end, "cannot assign to '%s', %s", string_text(name), what);
    return;
  }
  if (!scopes_global(r->module, name)) {
    report_undeclared(r, node, name);
    diagnostics_note(r->diagnostics, "'let %s = ...' declares it", string_text(name));
    return;
  }
  diagnostics_error(r->diagnostics, at->start, at->end, "cannot assign to '%s', a built-in name", string_text(name));
  diagnostics_note(r->diagnostics, "'let %s = ...' declares a name of your own", string_text(name));
}

void resolver_assign(struct resolver *r, u32 node)
{
  struct string *name = resolver_name(r, node);
  if (!name || r->out->of[node]) return;
  if (tree_text_is(r->tree, node, "_")) {
    r->out->of[node] = BINDS_NOTHING;
    return;
  }
  u32 below, found = find(r, name, r->tree->nodes[node].start, &below);
  if (found != NO_SYMBOL) assign_symbol(r, node, &r->out->symbols.data[found]);
  else if (below != NO_SYMBOL) report_below(r, node, below);
  else assign_global(r, node, name);
}
