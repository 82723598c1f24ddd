// What it takes to run a program: its words, its environment, and the file its name means.
#ifndef LULL_LIB_PROGRAM_H
#define LULL_LIB_PROGRAM_H

#include "vm/state.h"

// Texts side by side, each with its NUL, as execve takes them.
struct words {
  struct buf text;
  VEC(u32) starts;
  char **list;  // made by words_list
  bool failed;
};

void words_init(struct words *w, struct alloc *alloc);
void words_fini(struct words *w);
// False: it holds a NUL.
bool words_add(struct words *w, const char *bytes, size_t len);
// NULL at its end; valid until the next words_add. NULL: no memory.
char **words_list(struct words *w);
static inline const char *words_at(const struct words *w, u32 i) { return w->text.data + w->starts.data[i]; }

// A value as the words it stands for: a string, number or bytes is one, a list one for each element. Throws a
// TypeError or ValueError and gives false where it stands for none; [what] begins the message.
bool words_add_value(struct lull *vm, struct words *w, Value v, const char *what);

// The environment of children: that of os.env once a program has looked at it, else the process's own.
// NULL: the process's own.
struct map *program_env(struct lull *vm);
char **program_environment(void);  // the process's own
// As "NAME=value" into [w], with the entries of [more] over it (nil takes a name away). False: thrown.
bool program_environ(struct lull *vm, struct words *w, struct map *more);

// The file of a program, as a shell finds it: a name without a slash along PATH. 0, or the errno (ENOENT, EACCES).
int program_find(struct lull *vm, const char *name, struct buf *path);
// Throws the IOError of a program that could not be started, with what is wrong and a hint.
enum native_status program_throw(struct call *c, int error, const char *name, const char *path, const char *cwd);

#endif
