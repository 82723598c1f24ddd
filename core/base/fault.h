// Fault builds: allocations and system calls that fail on demand. The only file-scope state of core, and only there: a
// process has one table of calls, whatever the number of its states. Elsewhere all of this is nothing.
//
// The environment decides, before main (LULL_FAIL, taken away then, so that children are spared): "alloc:N" lets the Nth
// request for memory fail, "alloc:N+" that one and all later ones; "sys:N:ERRNO" and "sys:N+:ERRNO" a system call, with
// the number of an errno; "sys_write:N:ERRNO" counts the calls of that function of base/sys alone. LULL_FAIL_COUNT names
// a file that gets the numbers of both when the process ends, the names of the system calls, a line each, and the first
// request that came each way, that is by the same calls: "alloc:N WAY", "sys:N WAY";
// LULL_FAIL_TRACE one that gets the calls that led to each failure, for addr2line.
#ifndef LULL_BASE_FAULT_H
#define LULL_BASE_FAULT_H

#include "base/types.h"

#ifdef LULL_FAULTS
// Count a request; true (with errno set) where it is to fail. [function]: a literal.
bool fault_alloc(void);
bool fault_sys(const char *function);
#else
static inline bool fault_alloc(void) { return false; }
static inline bool fault_sys(const char *function) { return (void)function, false; }
#endif

#endif
