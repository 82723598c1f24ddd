// Floats as text. Printing is Schubfach (Giulietti, 2020): the shortest digits that read back the same, the nearest of them. Reading multiplies with the same
// powers of ten and decides from the bounds of the product; the few texts too near the middle of two floats are decided exactly.
#include <math.h>
#include <string.h>

#include "base/wide.h"
#include "value/number_big.h"

// floor(log2(10^k)), floor(log10(2^q)) and floor(log10(2^q * 3/4)), for all exponents of doubles. Shifts of negative numbers floor.
static int log2_of_power(int k) { return (k * 1741647) >> 19; }
static int log10_of_power(int q) { return (q * 1262611) >> 22; }
static int log10_of_three_quarters(int q) { return (q * 1262611 - 524031) >> 22; }

struct decimal {
  u64 digits;
  int exponent;  // of ten
};

// The highest 64 bits of g * c, where what lies below them sets the lowest bit ("round to odd").
static u64 multiply_odd(const struct number_power *g, u64 c)
{
  struct wide product = wide_add(wide_multiply(g->high, c), wide_multiply(g->low, c).high);
  return product.high | (product.low > 1);
}

// The neighbour in digits of the value in quarters, [vb] = 4 * v: both candidates s and s + 1 lie around it; lower and upper bound what reads back.
static u64 pick(u64 vb, u64 lower, u64 upper)
{
  u64 s = vb / 4, mid = 4 * s + 2;
  bool is_down_in = lower <= 4 * s, is_up_in = 4 * s + 4 <= upper;
  if (is_down_in != is_up_in) return s + is_up_in;
  return s + (vb > mid || (vb == mid && (s & 1)));
}

// c * 2^q, c > 0. [is_lopsided]: the float below is half as far away as the one above.
static struct decimal shortest(u64 c, int q, bool is_lopsided)
{
  bool is_odd = c & 1;
  int k = is_lopsided ? log10_of_three_quarters(q) : log10_of_power(q);
  int h = q + log2_of_power(-k) + 1;
  const struct number_power *g = &number_powers[-k - NUMBER_POWER_MIN];
  u64 vb = multiply_odd(g, 4 * c << h);
  u64 lower = multiply_odd(g, (4 * c - 2 + is_lopsided) << h) + is_odd;
  u64 upper = multiply_odd(g, (4 * c + 2) << h) - is_odd;
  u64 tens = vb / 40;
  if (vb >= 40) {
    bool is_down_in = lower <= 40 * tens, is_up_in = 40 * tens + 40 <= upper;
    if (is_down_in != is_up_in) return (struct decimal){ tens + is_up_in, k + 1 };
  }
  return (struct decimal){ pick(vb, lower, upper), k };
}

// Of a finite double above zero.
static struct decimal to_decimal(double d)
{
  u64 bits;
  memcpy(&bits, &d, sizeof bits);
  u64 fraction = bits & (((u64)1 << 52) - 1);
  int exponent = (int)(bits >> 52 & 0x7FF);
  struct decimal decimal = exponent ? shortest(fraction | (u64)1 << 52, exponent - 1075, fraction == 0 && exponent > 1)
                                    : shortest(fraction, -1074, false);
  while (decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    decimal.exponent++;
  }
  return decimal;
}

static int write_digits(u64 n, char *end)
{
  char *p = end;
  do *--p = (char)('0' + n % 10);
  while (n /= 10);
  return (int)(end - p);
}

static void print_exponential(const char *digits, int count, int exponent, struct buf *out)
{
  char text[8];
  buf_putc(out, digits[0]);
  if (count > 1) {
    buf_putc(out, '.');
    buf_append(out, digits + 1, (size_t)count - 1);
  }
  buf_puts(out, exponent < 0 ? "e-" : "e");
  int len = write_digits((u64)(exponent < 0 ? -exponent : exponent), text + sizeof text);
  buf_append(out, text + sizeof text - len, (size_t)len);
}

// [point]: how many digits stand before the point; may be negative, or more than there are.
static void print_positional(const char *digits, int count, int point, struct buf *out)
{
  if (point <= 0) {
    buf_puts(out, "0.");
    buf_repeat(out, '0', (size_t)-point);
    buf_append(out, digits, (size_t)count);
    return;
  }
  int before = count < point ? count : point;
  buf_append(out, digits, (size_t)before);
  buf_repeat(out, '0', (size_t)(point - before));
  buf_putc(out, '.');
  if (count > before) buf_append(out, digits + before, (size_t)(count - before));
  else buf_putc(out, '0');
}

void number_print_double(double d, struct buf *out)
{
  char text[20];
  if (isnan(d)) {
    buf_puts(out, "nan");
    return;
  }
  if (signbit(d)) buf_putc(out, '-');
  d = fabs(d);
  if (isinf(d) || d == 0) {
    buf_puts(out, d == 0 ? "0.0" : "inf");
    return;
  }
  struct decimal decimal = d < 1e15 && (double)(u64)d == d ? (struct decimal){ (u64)d, 0 } : to_decimal(d);
  int count = write_digits(decimal.digits, text + sizeof text);
  const char *digits = text + sizeof text - count;
  int exponent = count - 1 + decimal.exponent;
  if (exponent < -5 || exponent >= 16) print_exponential(digits, count, exponent, out);
  else print_positional(digits, count, exponent + 1, out);
}

#define DIGITS_KEPT 19    // always fit 64 bits
#define DIGITS_EXACT 800  // more never decide between two floats, only whether they are all zeros
#define POWER_LIMBS 64

// What a text says: [digits] * 10^exponent, and more digits behind where is_cut.
struct number_text {
  u64 digits;
  int count;  // of them, without leading zeros
  i64 exponent;
  bool is_cut;
  const char *begin, *end;  // of the digits, with leading zeros, point and '_'
};

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

// A '_' stands between two digits.
static bool is_separator(const char *begin, const char *p, const char *end)
{
  return p < end && *p == '_' && p > begin && is_digit(p - 1, end) && is_digit(p + 1, end);
}

static void take_digit(struct number_text *t, int digit, bool is_fraction)
{
  t->exponent -= is_fraction;
  if (t->count == DIGITS_KEPT) {
    t->exponent++;
    t->is_cut |= digit != 0;
    return;
  }
  t->digits = t->digits * 10 + (u64)digit;
  t->count += t->digits != 0;
}

static const char *scan_digits(struct number_text *t, const char *p, const char *end, bool is_fraction)
{
  const char *begin = p;
  for (; is_digit(p, end) || is_separator(begin, p, end); p++) {
    if (*p != '_') take_digit(t, *p - '0', is_fraction);
  }
  return p;
}

// Beyond a billion the digits could not outweigh it.
static const char *scan_exponent(struct number_text *t, const char *p, const char *end)
{
  if (p == end || (*p != 'e' && *p != 'E')) return p;
  bool is_negative = ++p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  if (!is_digit(p, end)) return NULL;
  i64 exponent = 0;
  const char *begin = p;
  for (; is_digit(p, end) || is_separator(begin, p, end); p++) {
    if (*p != '_' && exponent < ((i64)1 << 40)) exponent = exponent * 10 + (*p - '0');
  }
  t->exponent += is_negative ? -exponent : exponent;
  return p;
}

static bool scan_number(struct number_text *t, const char *p, const char *end)
{
  t->begin = p;
  p = scan_digits(t, p, end, false);
  bool has_digits = p > t->begin;
  if (p < end && *p == '.') {
    const char *fraction = p + 1;
    p = scan_digits(t, fraction, end, true);
    has_digits |= p > fraction;
  }
  t->end = p;
  return has_digits && scan_exponent(t, p, end) == end;
}

// digits * 10^exponent from the highest 128 bits of the product, moved by [slack] units of the last of them.
static double scale(u64 digits, int exponent, int slack)
{
  const struct number_power *g = &number_powers[exponent - NUMBER_POWER_MIN];
  int shift = __builtin_clzll(digits);
  u64 below = wide_multiply(digits << shift, g->low).high;
  struct wide product = wide_add(wide_multiply(digits << shift, g->high), below);
  if (slack > 0) product = wide_add(product, 1);
  else product.high -= product.low-- == 0;
  int binary = log2_of_power(exponent) - 63 - shift;
  if (!(product.high >> 63)) {
    product = (struct wide){ product.high << 1 | product.low >> 63, product.low << 1 };
    binary--;
  }
  return number_round(product.high, product.low != 0, binary + 64);
}

// All digits as values, without leading zeros, '_' and point; a 1 at the end stands for what would be too many. Returns how many.
static size_t gather(const struct number_text *t, u8 *digits)
{
  size_t count = 0;
  bool is_more = false;
  for (const char *p = t->begin; p < t->end; p++) {
    if (!is_digit(p, t->end) || (count == 0 && *p == '0')) continue;
    if (count < DIGITS_EXACT) digits[count++] = (u8)(*p - '0');
    else is_more |= *p != '0';
  }
  if (is_more) digits[count++] = 1;
  return count;
}

static mp_size_t multiply_by_ten(mp_limb_t *limbs, mp_size_t size, i64 times)
{
  while (times > 0) {
    mp_limb_t factor = 1;
    for (int i = 0; i < 19 && times > 0; i++, times--) factor *= 10;
    mp_limb_t carry = mpn_mul_1(limbs, limbs, size, factor);
    if (carry) limbs[size++] = carry;
  }
  return size;
}

// With all digits (up to 800), as a fraction of two integers. Between 10^-330 and 10^310, so that both fit.
static double read_exactly(const struct number_text *t)
{
  u8 digits[DIGITS_EXACT + 1];
  mp_limb_t above[POWER_LIMBS], below[POWER_LIMBS], scratch[2 * POWER_LIMBS + 4];
  size_t count = gather(t, digits);
  // t->exponent belongs to the first DIGITS_KEPT digits.
  i64 exponent = t->exponent + t->count - (i64)count;
  mp_size_t size = (mp_size_t)mpn_set_str(above, digits, count, 10);
  if (exponent >= 0) return limbs_to_double(above, multiply_by_ten(above, size, exponent));
  below[0] = 1;
  return limbs_ratio(above, size, below, multiply_by_ten(below, 1, -exponent), scratch);
}

static double to_double(const struct number_text *t)
{
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  i64 exponent = t->exponent;
  if (t->digits == 0) return 0;
  if (!t->is_cut && t->digits <= (u64)1 << 53 && exponent >= -22 && exponent <= 22) {
    return exponent < 0 ? (double)t->digits / powers[-exponent] : (double)t->digits * powers[exponent];
  }
  if (exponent + t->count > 310) return INFINITY;
  if (exponent + t->count < -330) return 0;
  if (exponent >= NUMBER_POWER_MIN && exponent <= NUMBER_POWER_MAX) {
    double low = scale(t->digits, (int)exponent, -1), high = scale(t->digits + t->is_cut, (int)exponent, 1);
    if (low == high) return low;
  }
  return read_exactly(t);
}

static bool is_word(const char *text, size_t len, const char *word)
{
  return len == strlen(word) && memcmp(text, word, len) == 0;
}

bool number_parse_float(const char *text, size_t len, double *d)
{
  struct number_text t = { 0 };
  const char *p = text, *end = text + len;
  bool is_negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  size_t rest = (size_t)(end - p);
  if (is_word(p, rest, "inf")) *d = INFINITY;
  else if (is_word(p, rest, "nan")) *d = NAN;
  else if (scan_number(&t, p, end)) *d = to_double(&t);
  else return false;
  if (is_negative) *d = -*d;
  return true;
}
