// A session: a person at a terminal, typing inputs that run on the loop while the prompt stays usable. Either the
// process is there for it, with a state of its own on this terminal (session_run), or it is a guest in a running
// program (session_open), with a terminal elsewhere and the program's state.
#ifndef LULL_SESSION_SESSION_H
#define LULL_SESSION_SESSION_H

#include "base/alloc.h"

struct capabilities;
struct house;
struct remote;
struct session;

struct session_config {
  struct alloc *alloc;
  const struct capabilities *capabilities;
  bool is_quiet;         // no greeting
  bool skips_init;       // no init.lull
  const char *log;       // a file that gets what is shown; NULL: none
  size_t memory;         // bytes for programs, 0: the default
  u64 steps;             // granted with each input; 0: no limit
  double seconds;        // the same
  unsigned denied;       // what programs may not do: sys_deny's
  const char *first;     // a text to run before the first prompt; NULL: none
  size_t first_len;
  const char *first_name;  // what errors call it
  int argc;
  char *const *argv;
  // Guests only. All of it is borrowed.
  struct house *house;
  struct remote *remote;
  void (*on_leave)(void *user);             // the session is over: session_detach it, but not from here
  void (*on_front)(u64 cell, void *user);  // this cell is waited for now; 0: none
  void *user;
};

struct session_end {
  int status;
  int signal;  // 0, or the signal to die by
};

// Runs until the user leaves.
struct session_end session_run(const struct session_config *config);

// --- guests
// A guest with its prompt shown. NULL with errno when it cannot be. Of what the config has, only what is said to be for
// guests, and the allocator and the capabilities, must last: until session_detach, but the house until session_close.
struct session *session_open(const struct session_config *config);
// The terminal is gone, or is about to be: nothing more is shown. What the cells have running goes on.
void session_detach(struct session *s);
// Whether any cell of it has something running.
bool session_is_alive(struct session *s);
bool session_is_detached(const struct session *s);
struct session *session_next(const struct session *s);  // in the house
// Frees it, detached or not. What is still running is nobody's from then on. NULL is fine.
void session_close(struct session *s);
// What became of it, from on_leave on.
int session_status(const struct session *s);

void session_feed(struct session *s, const char *bytes, size_t len);  // keys
void session_signal(struct session *s, int signal);                   // what a key means: SIGINT, SIGTSTP
void session_resize(struct session *s);
void session_redraw(struct session *s);
void session_resume(struct session *s, int status);  // what was lent is back; a command's status as waitpid tells it
size_t session_queued(const struct session *s);      // bytes that wait for the terminal

#endif
