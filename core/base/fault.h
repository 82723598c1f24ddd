// Fault builds: allocations and system calls that fail on demand. The only file-scope state of core, and only there: a
// process has one table of calls, whatever the number of its states. Elsewhere all of this is nothing.
//
// The environment decides, before main (LULL_FAIL): "alloc:N" lets the Nth request for memory fail, "alloc:N+" that one
// and all later ones; "sys:N:ERRNO" and "sys:N+:ERRNO" a system call, with the number of an errno. LULL_FAIL_COUNT
// names a file that gets the numbers of both when the process ends.
#ifndef LULL_BASE_FAULT_H
#define LULL_BASE_FAULT_H

#include "base/types.h"

#ifdef LULL_FAULTS
// Count a request; true (with errno set) where it is to fail.
bool fault_alloc(void);
bool fault_sys(void);
#else
static inline bool fault_alloc(void) { return false; }
static inline bool fault_sys(void) { return false; }
#endif

#endif
