// What the functions of sys.h and its like are made of. Included by base/sys*.c only.
#ifndef LULL_BASE_SYS_RETRY_H
#define LULL_BASE_SYS_RETRY_H

#include <errno.h>

#include "base/fault.h"

#define FAILS() fault_sys(__func__)

#define RETRY(expression) \
  do { \
    __typeof__(expression) result; \
    do result = FAILS() ? -1 : (expression); \
    while (result < 0 && errno == EINTR); \
    return result; \
  } while (0)

#endif
