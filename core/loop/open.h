// Making a libev loop that will hear what wakes it up.
//
// The system may refuse to watch a descriptor (epoll_ctl: no memory, or more than fs.epoll.max_user_watches). libev then takes
// its watcher out of the loop; with its own wake-up descriptor, signals, ended children and worker threads would wait for ever.
#ifndef LULL_LOOP_OPEN_H
#define LULL_LOOP_OPEN_H

#include <ev.h>

#include "base/types.h"

// Has libev watch its wake-up descriptor now, and for good; where it is not heard, the loop is one that polls. The default
// loop is the process's one, which hears of children. NULL: no memory, or no descriptors.
struct ev_loop *loop_open(bool is_default);

#endif
