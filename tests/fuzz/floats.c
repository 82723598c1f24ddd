// floats [COUNT [SEED]]: doubles with bits at random, printed and read back: the same bits.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/number.h"

int main(int argc, char **argv)
{
  unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
  u64 state = 88172645463325252u + (argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
  struct alloc alloc;
  struct buf text;
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&text, &alloc);
  for (unsigned long i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double d, again;
    memcpy(&d, &state, sizeof d);
    if (isnan(d)) continue;  // prints as nan, whatever its bits
    buf_clear(&text);
    number_print_double(d, &text);
    if (number_parse_float(buf_text(&text), text.len, &again) && memcmp(&d, &again, sizeof d) == 0) continue;
    fprintf(stderr, "%.17g is printed as %s, which is %.17g\n", d, buf_text(&text), again);
    return 1;
  }
  buf_fini(&text);
  printf("%lu floats\n", count);
  return 0;
}
