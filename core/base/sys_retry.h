// What the functions of sys.h and its like are made of. Included by base/sys*.c only.
#ifndef LULL_BASE_SYS_RETRY_H
#define LULL_BASE_SYS_RETRY_H

#include <errno.h>

#include "base/types.h"

#ifdef LULL_FAULTS
bool sys_is_failing(void);  // counts the call; true, with errno set, where it is to fail
#else
static inline bool sys_is_failing(void) { return false; }
#endif

#define RETRY(expression) \
  do { \
    if (sys_is_failing()) return -1; \
    __typeof__(expression) result; \
    do result = (expression); \
    while (result < 0 && errno == EINTR); \
    return result; \
  } while (0)

#endif
