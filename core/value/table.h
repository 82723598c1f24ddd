// Small hash tables from interned names to values: methods of a class, names of a module, fields of a shape. Keys
// compare by pointer.
#ifndef LULL_VALUE_TABLE_H
#define LULL_VALUE_TABLE_H

#include "value/string.h"

struct table_entry {
  struct string *key;
  Value value;
};

struct table {
  struct table_entry *entries;  // in order of insertion; index maps into it
  u32 *index;
  u32 count, cap, index_cap;
};

Value table_get(const struct table *t, const struct string *key);  // UNSET where there is none
Value *table_find(const struct table *t, const struct string *key);
// False: no memory. The barrier of the object the table belongs to is its owner's.
bool table_set(struct heap *heap, struct table *t, struct string *key, Value value);
// The entry is gone, where there is one; the order of the others stays.
void table_remove(struct table *t, const struct string *key);
void table_mark(struct heap *heap, const struct table *t);
void table_fini(struct heap *heap, struct table *t);

#endif
