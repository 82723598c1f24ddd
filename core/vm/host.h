// The callbacks of the host, and how long a state lasts: host code may end it from wherever it is called.
#ifndef LULL_VM_HOST_H
#define LULL_VM_HOST_H

#include "include/lull.h"

// Nothing is called any more once the state was ended.
void host_write(struct lull *vm, uint64_t tag, int stream, const char *bytes, size_t len);
void host_show(struct lull *vm, const struct lull_shown *shown);
void host_settled(struct lull *vm, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value);
void host_failed(struct lull *vm, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error);
bool host_can_ask(const struct lull *vm);
void host_ask(struct lull *vm, const char *prompt, size_t len, struct lull_ref *question);

// Around callbacks of the host: there it cannot run the loop, as they come from the midst of a turn.
void host_enter(struct lull *vm);
void host_return(struct lull *vm);
bool host_is_called(const struct lull *vm);  // a callback, or a native, is under way
// Around its calls that run the language, and its functions that the loop calls: the state cannot be freed meanwhile.
void host_hold(struct lull *vm);
void host_let_go(struct lull *vm);
// As host_let_go, where a call of the host returns to it: a state that was ended meanwhile is freed.
void host_leave(struct lull *vm);
// Nothing of it runs any more. It is freed at once, or when the code it was called from has returned.
void host_end(struct lull *vm);
// From the loop: frees a state that has been ended.
void host_ended(struct lull *vm);

#endif
