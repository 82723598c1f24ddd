// Ints as text, in any base.
#include <string.h>

#include "value/number_big.h"

static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static int digit_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 36;
}

// How many bits a digit of each base takes, rounded up: times 1024.
static size_t bits_of_digits(size_t digits, int base)
{
  static const u16 bits[37] = { 0,    0,    1024, 1624, 2048, 2378, 2648, 2875, 3072, 3247, 3402, 3543, 3672, 3790, 3899, 4001, 4096, 4186, 4271,
                                4350, 4426, 4498, 4567, 4633, 4696, 4756, 4814, 4870, 4923, 4975, 5025, 5074, 5120, 5166, 5210, 5253, 5295 };
  return digits / 1024 * bits[base] + digits % 1024 * bits[base] / 1024 + 1;
}

// Digits of the text as values, in [to] where it is not NULL; how many, or -1 where the text is no number, or it is to end.
static i64 read_digits(struct heap *heap, const char *text, size_t len, int base, u8 *to)
{
  i64 count = 0;
  bool was_digit = false;
  for (size_t i = 0; i < len; i++) {
    int digit = digit_value(text[i]);
    if (heap_must_stop_at(heap, i)) return -1;
    if (text[i] == '_' && was_digit && i + 1 < len) {
      was_digit = false;
      continue;
    }
    if (digit >= base) return -1;
    was_digit = true;
    if (to) to[count] = (u8)digit;
    count++;
  }
  return was_digit ? count : -1;
}

static Value parse_small(const char *text, size_t len, int base, bool is_negative)
{
  i64 n = 0;
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '_') continue;
    int digit = digit_value(text[i]);
    if (__builtin_mul_overflow(n, base, &n) || __builtin_sub_overflow(n, digit, &n)) return UNSET;
  }
  // Gathered below zero, where there is one more.
  if (!is_negative && n == INT64_MIN) return UNSET;
  return value_int(is_negative ? n : -n);
}

static Value parse_big(struct heap *heap, const char *text, size_t len, int base, bool is_negative)
{
  Value result = UNSET;
  u8 *digits = heap_resize(heap, NULL, 0, len);
  if (!digits) return UNSET;
  i64 all = read_digits(heap, text, len, base, digits);
  size_t count = all < 0 ? 0 : (size_t)all, zeros = 0;
  while (zeros < count && digits[zeros] == 0) zeros++;
  struct bigint *b = count ? bigint_new(heap, bits_of_digits(count - zeros, base) / 64 + 2) : NULL;
  mp_size_t size = b ? limbs_from_digits(heap, b->limbs, digits + zeros, count - zeros, base) : -1;
  if (size >= 0 && bigint_finish(b, (size_t)size, is_negative, &result) != NUMBER_OK) result = UNSET;
  (void)heap_resize(heap, digits, len, 0);
  return result;
}

Value number_parse_int(struct heap *heap, const char *text, size_t len, int base)
{
  bool is_signed = len > 0 && (*text == '-' || *text == '+'), is_negative = is_signed && *text == '-';
  text += is_signed;
  len -= is_signed;
  if (read_digits(heap, text, len, base, NULL) < 0) return UNSET;
  Value v = parse_small(text, len, base, is_negative);
  return is_unset(v) ? parse_big(heap, text, len, base, is_negative) : v;
}

static u32 count_digits(u64 n)
{
  u32 count = 1;
  for (; n >= 10000; n /= 10000) count += 4;
  return count + (n >= 10) + (n >= 100) + (n >= 1000);
}

static u64 magnitude(i64 n) { return n < 0 ? 0 - (u64)n : (u64)n; }

u32 number_int_width(i64 n)
{
  return count_digits(magnitude(n)) + (n < 0);
}

void number_write_int(i64 n, u32 width, char *to)
{
  static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
                              "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798"
                              "99";
  u64 rest = magnitude(n);
  char *p = to + width;
  for (; rest >= 10; rest /= 100) memcpy(p -= 2, &pairs[rest % 100 * 2], 2);
  if (rest || width == 1) *--p = (char)('0' + rest);
  if (n < 0) *to = '-';
}

static void print_small(i64 n, u32 base, struct buf *out)
{
  char text[65], *p = text + sizeof text;
  u64 rest = magnitude(n);
  do *--p = alphabet[rest % base];
  while (rest /= base);
  if (n < 0) *--p = '-';
  buf_append(out, p, (size_t)(text + sizeof text - p));
}

static void print_decimal(i64 n, struct buf *out)
{
  char text[NUMBER_INT_WIDTH];
  u32 width = number_int_width(n);
  number_write_int(n, width, text);
  buf_append(out, text, width);
}

static void print_big(struct heap *heap, const struct integer *n, int base, struct buf *out)
{
  // A digit holds 1 bit at least, and 3.3 bits in base 10.
  size_t bits = limbs_bits(n->limbs, n->size);
  size_t room = (base >= 10 ? bits / 3 : bits) + 2;
  struct scratch space;
  mp_limb_t *limbs = scratch_take(heap, &space, (size_t)n->size + 1);
  if (n->is_negative) buf_putc(out, '-');
  char *to = limbs ? buf_reserve(out, room) : NULL;
  if (to) {
    mpn_copyi(limbs, n->limbs, n->size);
    size_t count = limbs_to_digits(heap, limbs, n->size, base, (u8 *)to), zeros = 0;
    while (zeros + 1 < count && to[zeros] == 0) zeros++;
    for (size_t i = zeros; i < count; i++) to[i - zeros] = alphabet[(u8)to[i]];
    out->len += count - zeros;
    out->data[out->len] = 0;
    out->failed |= count == 0;
  } else {
    out->failed = true;
  }
  scratch_give_back(heap, &space);
}

void number_print_base(struct heap *heap, Value v, int base, struct buf *out)
{
  if (is_int(v)) {
    if (base == 10) print_decimal(as_int(v), out);
    else print_small(as_int(v), (u32)base, out);
    return;
  }
  struct integer n;
  integer_load(&n, v);
  print_big(heap, &n, base, out);
}

void number_print(struct heap *heap, Value v, struct buf *out)
{
  if (is_float(v)) number_print_double(as_float(v), out);
  else number_print_base(heap, v, 10, out);
}
