// The declarations of transform.c's natives as methods: of what has elements, and of maps, whose functions get
// key and value.
#include "builtin/transform.h"

#define METHOD(method_name, required_, max_, usage_, ...) \
  { .name = #method_name, .fn = transform_##method_name, .required = required_, .max = max_, \
    .locals = TRANSFORM_LOCALS, .usage = usage_, .doc = __VA_ARGS__ }

static const struct native sequence_natives[] = {
  METHOD(each, 1, 1, "each(f)",
         "Calls [f] with each element, in order.\n"
         "    [1, 2].each(x => print(x))"),
  METHOD(map, 1, 1, "map(f)",
         "A list of what [f] gives for each element.\n"
         "    [1, 2].map(x => x * 10)               # [10, 20]"),
  METHOD(flat_map, 1, 1, "flat_map(f)",
         "As map, but lists that [f] gives are joined instead of nested.\n"
         "    [1, 2].flat_map(x => [x, x])          # [1, 1, 2, 2]"),
  METHOD(filter, 1, 1, "filter(f)",
         "The elements for which [f] gives a true value: of a set a set, else a list.\n"
         "    (1..=6).filter(x => x % 2 == 0)       # [2, 4, 6]"),
  METHOD(partition, 1, 1, "partition(f)",
         "Two lists: the elements for which [f] gives a true value, and the others.\n"
         "    let [even, odd] = (1..6).partition(x => x % 2 == 0)"),
  METHOD(reduce, 1, 2, "reduce(f, [initial])",
         "Combines all elements: [f] gets what there is so far and the next element.\n"
         "It starts with [initial], without one with the first element; a ValueError where there is neither.\n"
         "    [1, 2, 3].reduce((a, b) => a * b, 1)  # 6"),
  METHOD(find, 1, 1, "find(f)",
         "The first element for which [f] gives a true value, or nil.\n"
         "    [4, 7, 9].find(x => x > 5)            # 7"),
  METHOD(find_index, 1, 1, "find_index(f)",
         "The index of the first element for which [f] gives a true value, or nil.\n"
         "    [4, 7, 9].find_index(x => x > 5)      # 1"),
  METHOD(any, 0, 1, "any(f = nil)",
         "True where [f] gives a true value for an element; without [f], where an element is true.\n"
         "Stops at the first.\n"
         "    [1, 2].any(x => x > 1)                # true"),
  METHOD(all, 0, 1, "all(f = nil)",
         "True where [f] gives a true value for every element; without [f], where all elements are true.\n"
         "Stops at the first that is not.\n"
         "    [1, 2].all(x => x > 1)                # false"),
  METHOD(count_if, 1, 1, "count_if(f)",
         "For how many elements [f] gives a true value.\n"
         "    (1..10).count_if(x => x % 3 == 0)     # 3"),
  METHOD(take_while, 1, 1, "take_while(f)",
         "A list of the elements before the first for which [f] gives a false value.\n"
         "    [1, 2, 9, 1].take_while(x => x < 5)   # [1, 2]"),
  METHOD(drop_while, 1, 1, "drop_while(f)",
         "A list of the elements from the first on for which [f] gives a false value.\n"
         "    [1, 2, 9, 1].drop_while(x => x < 5)   # [9, 1]"),
  METHOD(group_by, 1, 1, "group_by(f)",
         "A map from what [f] gives to the list of the elements it gave it for.\n"
         "    [1, 2, 3].group_by(x => x % 2 == 0)   # {[false]: [1, 3], [true]: [2]}"),
  METHOD(index_by, 1, 1, "index_by(f)",
         "A map from what [f] gives to the element it gave it for; of several the last.\n"
         "    users.index_by(u => u.name)[\"ada\"]"),
  METHOD(unique, 0, 1, "unique(key = nil)",
         "A list without repetitions: of elements that are equal, or have equal keys, the first.\n"
         "Elements that cannot be keys of a map, such as lists, need a [key] function: else a TypeError.\n"
         "    [3, 1, 3].unique()                    # [3, 1]"),
};

static const struct native map_natives[] = {
  METHOD(each, 1, 1, "each(f)",
         "Calls [f] with key and value of each entry, in order.\n"
         "    {a: 1}.each((k, v) => print(k, v))"),
  METHOD(map, 1, 1, "map(f)",
         "A list of what [f] gives for key and value of each entry.\n"
         "    {a: 1}.map((k, v) => \"${k}=${v}\")     # [\"a=1\"]"),
  METHOD(flat_map, 1, 1, "flat_map(f)", "As map, but lists that [f] gives are joined instead of nested."),
  METHOD(filter, 1, 1, "filter(f)",
         "A map of the entries for whose key and value [f] gives a true value.\n"
         "    {a: 1, b: 2}.filter((k, v) => v > 1)  # {b: 2}"),
  METHOD(partition, 1, 1, "partition(f)",
         "Two lists of [key, value]: those for which [f] gives a true value, and the others."),
  METHOD(reduce, 2, 2, "reduce(f, initial)",
         "Combines all entries: [f] gets what there is so far, key and value.\n"
         "    {a: 1, b: 2}.reduce((sum, k, v) => sum + v, 0)   # 3"),
  METHOD(find, 1, 1, "find(f)",
         "The first entry for which [f] gives a true value, as [key, value], or nil.\n"
         "    {a: 1, b: 2}.find((k, v) => v == 2)   # [\"b\", 2]"),
  METHOD(any, 1, 1, "any(f)", "True where [f] gives a true value for key and value of an entry."),
  METHOD(all, 1, 1, "all(f)", "True where [f] gives a true value for key and value of every entry."),
  METHOD(count_if, 1, 1, "count_if(f)", "For how many entries [f] gives a true value."),
  METHOD(group_by, 1, 1, "group_by(f)", "A map from what [f] gives to the list of the entries, each [key, value]."),
  METHOD(map_values, 1, 1, "map_values(f)",
         "A map of the same keys with what [f] gives for key and value.\n"
         "    {a: 1, b: 2}.map_values((k, v) => v * 10)        # {a: 10, b: 20}"),
  METHOD(map_keys, 1, 1, "map_keys(f)",
         "A map of the same values under what [f] gives for key and value; of equal keys the last wins.\n"
         "    {a: 1}.map_keys((k, v) => k.upper())             # {A: 1}"),
};

bool transform_open_sequence(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, sequence_natives, COUNT_OF(sequence_natives));
}

bool transform_open_map(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, map_natives, COUNT_OF(map_natives));
}
