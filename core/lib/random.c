// random: numbers that look like chance. The generator is xoshiro256** (Blackman, Vigna, 2018), started by splitmix64,
// so a seed gives the same numbers everywhere. Functions use one generator of the state, methods their own: the natives
// are the same, and argument numbers count from where the generator stands, or would.
#include <math.h>

#include "base/sys.h"
#include "base/wide.h"
#include "builtin/walk.h"
#include "lib/lib.h"
#include "value/bytes.h"
#include "value/range.h"
#include "vm/box.h"

struct generator {
  struct box box;
  u64 state[4];
};

static u64 left(u64 x, int by) { return x << by | x >> (64 - by); }

static u64 next(struct generator *g)
{
  u64 *s = g->state, result = left(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = left(s[3], 45);
  return result;
}

static u64 splitmix(u64 *x)
{
  u64 z = *x += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static void seed(struct generator *g, u64 n)
{
  for (int i = 0; i < 4; i++) g->state[i] = splitmix(&n);
}

// From 0 to below [count], each as likely: the upper half of a product, thrown again where it would favour some.
static u64 below(struct generator *g, u64 count)
{
  struct wide product = wide_multiply(next(g), count);
  if (product.low < count) {
    u64 unfair = (0 - count) % count;
    while (product.low < unfair) product = wide_multiply(next(g), count);
  }
  return product.high;
}

static double unit(struct generator *g) { return (double)(next(g) >> 11) * 0x1p-53; }

static const struct native_class generator_class;

// Seeded by the system. NULL: thrown.
static struct generator *generator_new(struct call *c)
{
  struct generator *g = box_new(c->vm, &generator_class);
  u64 start;
  if (!g) {
    throw_memory(c->vm);
    return NULL;
  }
  if (!sys_random(&start, sizeof start)) {
    throw_error(c->vm, c->vm->errors.io, "random: the system gives no random numbers");
    return NULL;
  }
  seed(g, start);
  return g;
}

// The generator of functions lies in a private name of the module.
static struct generator *shared(struct call *c)
{
  struct string *module_name = vm_intern(c->vm, "random"), *name = vm_intern(c->vm, "_generator");
  struct cell *cell = module_name && name ? module_find(c->vm->builtins, module_name) : NULL;
  struct module *m = cell && is_kind(cell->value, KIND_MODULE) ? AS_MODULE(cell->value) : NULL;
  cell = m ? module_find(m, name) : NULL;
  if (cell && is_box(cell->value, &generator_class)) return (struct generator *)(void *)as_object(cell->value);
  struct generator *g = generator_new(c);
  if (g && m && module_define(c->heap, m, name, value_object(g))) return g;
  if (is_unset(c->vm->thrown)) throw_memory(c->vm);
  return NULL;
}

static u32 first(const struct call *c) { return c->is_method; }

static struct generator *generator(struct call *c)
{
  return c->is_method ? (struct generator *)(void *)as_object(c->args[0]) : shared(c);
}

// Seeds: ints, and texts by their octets.
static bool arg_seed(struct call *c, u32 i, u64 *n)
{
  Value v = c->args[i];
  *n = is_int(v) ? (u64)as_int(v) : 0;
  if (is_int(v)) return true;
  if (!IS_STRING(v)) {
    arg_fail(c, i, "an int of at most 64 bits or a string");
    return false;
  }
  const char *text = string_bytes(c->heap, AS_STRING(v));
  for (u32 at = 0; at < AS_STRING(v)->len; at++) {
    if (native_must_stop_at(c, at)) return false;
    *n ^= (u8)text[at];
    *n = splitmix(n);
  }
  return true;
}

static enum native_status random_seed(struct call *c)
{
  struct generator *g = generator(c);
  u64 n;
  if (!g || !arg_seed(c, first(c), &n)) return NATIVE_THROW;
  seed(g, n);
  return native_return(c, NIL);
}

static enum native_status random_generator(struct call *c)
{
  struct generator *g = generator_new(c);
  u64 n;
  if (!g || (arg_has(c, 0) && !arg_seed(c, 0, &n))) return NATIVE_THROW;
  if (arg_has(c, 0)) seed(g, n);
  return native_return(c, value_object(g));
}

// Numbers

static enum native_status random_float(struct call *c)
{
  struct generator *g = generator(c);
  u32 i = first(c);
  double low = 0, high = 1;
  if (!g || (arg_has(c, i) && !arg_double(c, i, &low)) || (arg_has(c, i + 1) && !arg_double(c, i + 1, &high)))
    return NATIVE_THROW;
  return native_return(c, value_float(low + (high - low) * unit(g)));
}

static enum native_status random_int(struct call *c)
{
  struct generator *g = generator(c);
  u32 i = first(c);
  i64 low, high;
  if (!g || !arg_int(c, i, &low) || !arg_int(c, i + 1, &high)) return NATIVE_THROW;
  if (low > high)
    return throw_error(c->vm, c->vm->errors.value, "random.int: %lld is above %lld", (long long)low, (long long)high);
  u64 count = (u64)high - (u64)low + 1;
  return return_int(c, (i64)((u64)low + (count ? below(g, count) : next(g))));
}

static enum native_status random_bool(struct call *c)
{
  struct generator *g = generator(c);
  double chance = 0.5;
  if (!g || (arg_has(c, first(c)) && !arg_double(c, first(c), &chance))) return NATIVE_THROW;
  return return_bool(c, unit(g) < chance);
}

// Points in a square until one lies in the circle (Marsaglia's polar method).
static double normal(struct generator *g)
{
  for (;;) {
    double x = 2 * unit(g) - 1, y = 2 * unit(g) - 1, r = x * x + y * y;
    if (r > 0 && r < 1) return x * sqrt(-2 * log(r) / r);
  }
}

static enum native_status random_gauss(struct call *c)
{
  struct generator *g = generator(c);
  u32 i = first(c);
  double mean = 0, deviation = 1;
  if (!g || (arg_has(c, i) && !arg_double(c, i, &mean)) || (arg_has(c, i + 1) && !arg_double(c, i + 1, &deviation)))
    return NATIVE_THROW;
  return native_return(c, value_float(mean + deviation * normal(g)));
}

// Elements

static enum native_status throw_empty(struct call *c)
{
  return throw_error(c->vm, c->vm->errors.value, "random.%s: there is nothing to choose from", c->native->name);
}

static enum native_status choose_weighted(struct call *c, struct generator *g, const struct list *list)
{
  struct list *weights;
  double total = 0, weight;
  if (!arg_list(c, first(c) + 1, &weights)) return NATIVE_THROW;
  if (weights->len != list->len)
    return throw_error(c->vm, c->vm->errors.value, "random.choice: %u weights for %u values", weights->len, list->len);
  for (u32 i = 0; i < weights->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (!is_number(weights->items[i]) || !number_to_double(weights->items[i], &weight) || !(weight >= 0))
      return throw_error(c->vm, c->vm->errors.value, "random.choice: weight %u must be a number of at least 0", i);
    total += weight;
  }
  if (isinf(total)) return throw_error(c->vm, c->vm->errors.value, "random.choice: the weights must have a finite sum");
  if (total <= 0) return throw_error(c->vm, c->vm->errors.value, "random.choice: no weight above 0");
  double at = unit(g) * total;
  u32 i = 0, last = 0;
  for (; i < weights->len; i++) {
    number_to_double(weights->items[i], &weight);
    if (weight > 0) last = i;
    if ((at -= weight) < 0) break;
  }
  return native_return(c, list->items[i < weights->len ? i : last]);
}

static enum native_status random_choice(struct call *c)
{
  struct generator *g = generator(c);
  Value source = c->args[first(c)];
  struct list *list;
  if (!g) return NATIVE_THROW;
  if (IS_RANGE(source) && !arg_has(c, first(c) + 1)) {
    u64 len = range_len(AS_RANGE(source));
    return len ? return_int(c, range_at(AS_RANGE(source), below(g, len))) : throw_empty(c);
  }
  enum walk_status s = walk_gather(c, 0, source, &list);
  if (s != WALK_END) return walk_leave(s);
  if (list->len == 0) return throw_empty(c);
  if (arg_has(c, first(c) + 1)) return choose_weighted(c, g, list);
  return native_return(c, list->items[below(g, list->len)]);
}

// Brings random elements to the first [count] places; to some of them where it is to stop.
static bool shuffle(struct call *c, struct generator *g, struct list *list, u32 count)
{
  heap_barrier(c->heap, list);
  for (u32 i = 0; i < count && i + 1 < list->len; i++) {
    if (native_must_stop_at(c, i)) return false;
    u32 other = i + (u32)below(g, list->len - i);
    Value swap = list->items[i];
    list->items[i] = list->items[other];
    list->items[other] = swap;
  }
  return true;
}

static enum native_status random_shuffle(struct call *c)
{
  struct generator *g = generator(c);
  struct list *list;
  if (!g || !arg_list(c, first(c), &list)) return NATIVE_THROW;
  return shuffle(c, g, list, list->len) ? native_return(c, NIL) : NATIVE_THROW;
}

static enum native_status take_shuffled(struct call *c, u32 count)
{
  struct generator *g = generator(c);
  struct list *list;
  if (!g) return NATIVE_THROW;
  enum walk_status s = walk_gather(c, 0, c->args[first(c)], &list);
  if (s != WALK_END) return walk_leave(s);
  if (count != UINT32_MAX && count > list->len)
    return throw_error(c->vm, c->vm->errors.value, "random.sample: %u of %u cannot be chosen", count, list->len);
  list = list_slice(c->heap, list, 0, list->len);
  if (!list) return throw_memory(c->vm);
  if (!shuffle(c, g, list, count)) return NATIVE_THROW;
  if (count < list->len) list_truncate(c->heap, list, count);
  return return_object(c, list);
}

static enum native_status random_shuffled(struct call *c) { return take_shuffled(c, UINT32_MAX); }

static enum native_status random_sample(struct call *c)
{
  u32 count;
  return arg_count(c, first(c) + 1, &count) ? take_shuffled(c, count) : NATIVE_THROW;
}

// From the system, fit for secrets

static enum native_status throw_system(struct call *c)
{
  return throw_error(c->vm, c->vm->errors.io, "random.%s: the system gives no random numbers", c->native->name);
}

#define RANDOM_PART 256u  // bytes the system gives at once

static enum native_status random_bytes(struct call *c)
{
  u32 count;
  if (!arg_count(c, 0, &count)) return NATIVE_THROW;
  struct bytes *b = bytes_new(c->heap, NULL, count);
  for (u32 at = 0, part; b && at < b->len; at += part) {
    part = b->len - at < RANDOM_PART ? b->len - at : RANDOM_PART;
    if (!sys_random(b->data + at, part)) return throw_system(c);
    if (at % (RANDOM_PART * 256) == 0 && native_must_stop(c)) return NATIVE_THROW;
  }
  return return_object(c, b);
}

static enum native_status random_uuid(struct call *c)
{
  static const char digits[] = "0123456789abcdef";
  u8 octets[16];
  char text[36], *to = text;
  if (!sys_random(octets, sizeof octets)) return throw_system(c);
  octets[6] = (u8)((octets[6] & 0x0F) | 0x40);  // version 4
  octets[8] = (u8)((octets[8] & 0x3F) | 0x80);
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = digits[octets[i] >> 4];
    *to++ = digits[octets[i] & 15];
  }
  return return_object(c, string_new(c->heap, text, sizeof text));
}

// Functions that are methods of generators too.
static const struct native methods[] = {
  { .name = "float",
    .fn = random_float,
    .max = 2,
    .usage = "float(low = 0, high = 1)",
    .doc = "A float from [low] to below [high], each as likely.\n"
           "    random.float(10, 20)" },
  { .name = "int",
    .fn = random_int,
    .required = 2,
    .max = 2,
    .usage = "int(low, high)",
    .doc = "An int from [low] to [high], both included.\n"
           "    random.int(1, 6)              # a die" },
  { .name = "bool",
    .fn = random_bool,
    .max = 1,
    .usage = "bool(chance = 0.5)",
    .doc = "True with that chance." },
  { .name = "gauss",
    .fn = random_gauss,
    .max = 2,
    .usage = "gauss(mean = 0, deviation = 1)",
    .doc = "A float of the normal distribution." },
  { .name = "choice",
    .fn = random_choice,
    .required = 1,
    .max = 2,
    .locals = GATHER_LOCALS,
    .usage = "choice(values, weights = nil)",
    .doc = "One of some values, each as likely or as the list of [weights] says.\n"
           "Nothing to choose from is a ValueError.\n"
           "    random.choice([\"head\", \"tail\"])" },
  { .name = "sample",
    .fn = random_sample,
    .required = 2,
    .max = 2,
    .locals = GATHER_LOCALS,
    .usage = "sample(values, count)",
    .doc = "A list of so many of some values, none twice, in random order.\n"
           "    random.sample(1..50, 6)" },
  { .name = "shuffle",
    .fn = random_shuffle,
    .required = 1,
    .max = 1,
    .usage = "shuffle(list)",
    .doc = "Brings a list into random order, in place." },
  { .name = "shuffled",
    .fn = random_shuffled,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "shuffled(values)",
    .doc = "A list of some values in random order." },
  { .name = "seed",
    .fn = random_seed,
    .required = 1,
    .max = 1,
    .usage = "seed(seed)",
    .doc = "Starts again from an int or string: the same seed gives the same numbers, everywhere." },
};

static const struct native functions[] = {
  { .name = "generator",
    .fn = random_generator,
    .max = 1,
    .usage = "generator(seed = nil)",
    .doc = "A generator of its own, from a seed, an int or string, or else from the system.\n"
           "    let dice = random.generator(42); dice.int(1, 6)" },
  { .name = "bytes",
    .fn = random_bytes,
    .required = 1,
    .max = 1,
    .usage = "bytes(count)",
    .doc = "So many random bytes from the system, fit for keys and passwords." },
  { .name = "uuid",
    .fn = random_uuid,
    .usage = "uuid()",
    .doc = "A random UUID (version 4) from the system, a string." },
};

static const struct native_class generator_class = {
  .name = "generator",
  .doc = "A generator of random numbers: random.generator(seed).",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .size = sizeof(struct generator),
};

static const struct native random_itself = {
  .name = "random",
  .fn = random_float,
  .max = 2,
  .usage = "random(low = 0, high = 1)",
  .doc = "A float from [low] to below [high], each as likely.\n"
         "    if random() < 0.1 { print(\"rare\") }",
};

bool lib_open_random(struct lull *vm, struct module *m)
{
  struct string *name = vm_intern(vm, random_itself.name);
  if (!name) return false;
  m->call = as_object(native_value(vm, &random_itself, name, 0));
  heap_barrier(&vm->heap, m);
  return module_add_natives(vm, m, methods, COUNT_OF(methods)) &&
         module_add_natives(vm, m, functions, COUNT_OF(functions));
}
