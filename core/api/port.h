// The way into a state for other threads.
#ifndef LULL_API_PORT_H
#define LULL_API_PORT_H

struct lull;

// The state goes: whoever waits is told, and nothing more comes in.
void port_close(struct lull *vm);

#endif
