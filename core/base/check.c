#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void bug(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fputs("lull: internal error: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  abort();
}
