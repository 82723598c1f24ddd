#include <string.h>

#include "base/suggest.h"
#include "syntax/resolver.h"

static void offer_module(struct suggest *s, const struct module *module)
{
  for (u32 i = 0; i < module->names.count; i++) {
    const struct table_entry *entry = &module->names.entries[i];
    if (entry->key && !is_unset(AS_CELL(entry->value)->value)) suggest_offer(s, string_text(entry->key), entry->key->len);
  }
}

// What is called so elsewhere: a name, or a sentence.
static const char *other_name(const struct string *name)
{
  static const char *const others[][2] = {
    { "this", "self" },      { "None", "nil" },     { "undefined", "nil" },   { "True", "true" },
    { "False", "false" },    { "console", "print" }, { "println", "print" },  { "printf", "print" },
    { "puts", "print" },     { "echo", "print" },   { "str", "string" },      { "dict", "map" },
    { "setTimeout", "after" }, { "setInterval", "every" }, { "Math", "math" }, { "JSON", "json" },
    { "Exception", "Error" },  { "printline", "print" }, { "sizeof", "len" },   { "array", "list" },
    { "Array", "list" },     { "Object", "map" },   { "Map", "map" },         { "Set", "set" },
    { "String", "string" },  { "Number", "number" }, { "Promise", "deferred" }, { "boolean", "bool" },
    { "Nil", "nil" },        { "NULL", "nil" },     { "none", "nil" },        { "NaN", "nan" },
    { "Infinity", "inf" },   { "parseInt", "int" }, { "parseFloat", "float" }, { "chr", "char" },
    { "tuple", "list" },     { "object", "map" },   { "repr", "string" },     { "elif", "write 'else if'" },
    { "floor", "math.floor" }, { "ceil", "math.ceil" }, { "sqrt", "math.sqrt" }, { "sin", "math.sin" },
    { "cos", "math.cos" },   { "pi", "math.pi" },   { "pow", "write 'x ** y'" }, { "divmod", "write 'x.divmod(y)'" },
    { "any", "write 'xs.any()'" }, { "filter", "write 'xs.filter(f)'" }, { "open", "fs.open" }, { "fetch", "http.get" },
    { "format", "write '${x}' in a text" }, { "Date", "time" }, { "exec", "process.run" }, { "system", "process.run" },
    { "getenv", "os.env" }, { "rand", "random.float" },
    { "require", "files are imported by 'import \"file.lull\" as name'" },
    { "pass", "an empty body is written '{ }'" },
    { "isinstance", "write 'x is Type'" },
    { "enumerate", "write 'for i, x in xs { }'" },
  };
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    if (strlen(others[i][0]) == name->len && memcmp(others[i][0], string_text(name), name->len) == 0) return others[i][1];
  }
  return NULL;
}

// Of a name in a module: is there such a module?
static bool is_there(struct resolver *r, const char *other)
{
  const char *dot = strchr(other, '.');
  if (!dot || strchr(other, ' ')) return true;
  const struct string *module = string_intern(r->out->heap, r->names, other, (u32)(dot - other));
  return module && scopes_global(r->module, module);
}

void resolver_suggest(struct resolver *r, const struct string *name)
{
  if (r->diagnostics->is_full) return;
  struct suggest suggest;
  suggest_init(&suggest, string_text(name), name->len);
  for (u32 i = 0; i < r->slot_cap; i++) {
    const struct name_slot *slot = &r->slots[i];
    if (slot->name && slot->symbol != NO_SYMBOL) suggest_offer(&suggest, string_text(slot->name), slot->name->len);
  }
  for (const struct module *m = r->module; m; m = m->outer) offer_module(&suggest, m);
  const char *other = other_name(name), *best = other && is_there(r, other) ? other : suggest_best(&suggest);
  if (best && strchr(best, ' ')) diagnostics_note(r->diagnostics, "%s", best);
  else if (best) diagnostics_note(r->diagnostics, "did you mean '%s'?", best);
}
