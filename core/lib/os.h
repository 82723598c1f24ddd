// The files of the module os.
#ifndef LULL_LIB_OS_H
#define LULL_LIB_OS_H

#include "vm/native.h"

enum native_status os_signals(struct call *c);

#endif
