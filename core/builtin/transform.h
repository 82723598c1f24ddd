// The natives that call a function for each element: each, map, filter, find, any, all, take_while ... One
// engine walks, a table says what is done with an answer.
//
// The subject is argument 0, the function argument 1; it gets the element, or of a map key and value. These
// serve lists, ranges, sets, maps and anything else that can be looped over.
#ifndef LULL_BUILTIN_TRANSFORM_H
#define LULL_BUILTIN_TRANSFORM_H

#include "builtin/walk.h"

#define TRANSFORM_LOCALS 7

enum native_status transform_each(struct call *c);
enum native_status transform_map(struct call *c);
enum native_status transform_flat_map(struct call *c);
enum native_status transform_filter(struct call *c);  // keeps the kind of maps and sets; a list of others
enum native_status transform_partition(struct call *c);
enum native_status transform_find(struct call *c);
enum native_status transform_find_index(struct call *c);
enum native_status transform_any(struct call *c);  // the function is optional here and below, where it says so
enum native_status transform_all(struct call *c);  // optional
enum native_status transform_count_if(struct call *c);
enum native_status transform_take_while(struct call *c);
enum native_status transform_drop_while(struct call *c);
enum native_status transform_group_by(struct call *c);
enum native_status transform_index_by(struct call *c);
enum native_status transform_unique(struct call *c);  // optional
enum native_status transform_map_values(struct call *c);
enum native_status transform_map_keys(struct call *c);
enum native_status transform_reduce(struct call *c);  // f(so far, element); argument 2 is where it starts

// Methods all of the kinds above share, as tables of natives: for lists, ranges and sets, and for maps.
bool transform_open_sequence(struct lull *vm, struct class *class);
bool transform_open_map(struct lull *vm, struct class *class);

#endif
