// Which of two values comes first: numbers, strings, bytes, bools (false first), lists item by item, instances by their
// method `compare`. One way for `<` and for sorting; they differ in nan, which `<` finds unordered and sorting puts
// behind all other numbers.
#ifndef LULL_VM_ORDER_H
#define LULL_VM_ORDER_H

#include "vm/native.h"

enum order_status {
  ORDER_KNOWN,  // *order: negative, 0, positive, or 2: unordered
  ORDER_CALL,   // [callee] is to be called with a and b (and is_total, for lists): it gives a number
  ORDER_NONE,   // they have no order: order_throw
};

#define ORDER_UNORDERED 2

enum order_status order_values(struct lull *vm, Value a, Value b, bool is_total, int *order, Value *callee);
enum native_status order_throw(struct lull *vm, Value a, Value b) COLD;
bool order_open(struct lull *vm);

#endif
