#include "api/port.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <time.h>

#include "api/value.h"
#include "vm/host.h"

// What was posted: a function of the poster's, with what it is called with.
struct posted {
  struct posted *next;
  void (*run)(struct lull *lull, void *user);
  void *user;
};

// Lives until its state is gone and nobody holds it. All but the watcher is guarded by the lock.
struct lull_port {
  pthread_mutex_t lock;
  struct lull *lull;  // NULL: gone
  struct ev_loop *loop;
  ev_async ready;  // keeps the loop alive while somebody holds the port
  struct posted *first, *last;
  size_t holds;
  pthread_t thread;  // of the loop, as last seen
};

// Blocks that change threads belong to no state, and count for none.
static void *block_new(size_t size)
{
  struct alloc own;
  alloc_init(&own, SIZE_MAX);
  return mem_alloc_zero(&own, size);
}

static void block_free(void *block, size_t size)
{
  struct alloc own = { .used = size };
  mem_free(&own, block, size);
}

static void destroy(struct lull_port *port)
{
  pthread_mutex_destroy(&port->lock);
  block_free(port, sizeof *port);
}

static void stop(struct lull_port *port)
{
  ev_async_stop(port->loop, &port->ready);
  port->lull->port = NULL;
  port->lull = NULL;
}

static void call(struct lull *vm, struct posted *p)
{
  if (vm) host_hold(vm);
  if (vm && !vm->sched.is_running) vm_take_stop(vm);  // as compile_text
  p->run(vm, p->user);
  if (vm) host_let_go(vm);
  block_free(p, sizeof *p);
}

static struct posted *take_all(struct lull_port *port)
{
  struct posted *first = port->first;
  port->first = port->last = NULL;
  return first;
}

static void on_ready(struct ev_loop *loop, ev_async *w, int events)
{
  struct lull_port *port = CONTAINER_OF(w, struct lull_port, ready);
  struct lull *vm = port->lull;
  (void)loop;
  (void)events;
  pthread_mutex_lock(&port->lock);
  port->thread = pthread_self();
  struct posted *p = take_all(port);
  bool is_last = !p && port->holds == 0;
  if (is_last) stop(port);
  pthread_mutex_unlock(&port->lock);
  if (is_last) destroy(port);
  for (struct posted *next; p; p = next) {
    next = p->next;
    call(vm->is_ending ? NULL : vm, p);
  }
}

void port_close(struct lull *vm)
{
  struct lull_port *port = vm->port;
  if (!port) return;
  pthread_mutex_lock(&port->lock);
  struct posted *p = take_all(port);
  stop(port);
  bool is_last = port->holds == 0;
  pthread_mutex_unlock(&port->lock);
  if (is_last) destroy(port);
  for (struct posted *next; p; p = next) {
    next = p->next;
    call(NULL, p);
  }
}

struct lull_port *lull_port_open(struct lull *vm)
{
  if (vm->is_ending) return NULL;
  if (vm->port) return lull_port_keep(vm->port);
  struct lull_port *port = block_new(sizeof *port);
  if (!port) return NULL;
  if (pthread_mutex_init(&port->lock, NULL) != 0) return block_free(port, sizeof *port), NULL;
  port->lull = vm;
  port->loop = vm->loop;
  port->holds = 1;
  port->thread = pthread_self();
  ev_async_init(&port->ready, on_ready);
  ev_async_start(vm->loop, &port->ready);
  return vm->port = port;
}

struct lull_port *lull_port_keep(struct lull_port *port)
{
  pthread_mutex_lock(&port->lock);
  port->holds++;
  pthread_mutex_unlock(&port->lock);
  return port;
}

void lull_port_release(struct lull_port *port)
{
  if (!port) return;
  pthread_mutex_lock(&port->lock);
  bool is_last = --port->holds == 0 && !port->lull;
  if (port->holds == 0 && port->lull) ev_async_send(port->loop, &port->ready);
  pthread_mutex_unlock(&port->lock);
  if (is_last) destroy(port);
}

bool lull_post_call(struct lull_port *port, void (*run)(struct lull *lull, void *user), void *user)
{
  struct posted *p = block_new(sizeof *p);
  if (!p) return false;
  *p = (struct posted){ .run = run, .user = user };
  pthread_mutex_lock(&port->lock);
  bool ok = port->lull;
  if (ok) {
    if (port->last) port->last->next = p;
    else port->first = p;
    port->last = p;
    ev_async_send(port->loop, &port->ready);
  }
  pthread_mutex_unlock(&port->lock);
  if (!ok) block_free(p, sizeof *p);
  return ok;
}

void lull_port_stop(struct lull_port *port)
{
  pthread_mutex_lock(&port->lock);
  if (port->lull) lull_stop(port->lull);
  pthread_mutex_unlock(&port->lock);
}

// Texts

#define RESULT_MAX ((size_t)1 << 20)  // of the text of a value that is no string, about

struct job {
  uint64_t tag;
  void (*told)(void *user, enum lull_outcome outcome, const char *text, size_t len);
  void *user;
  size_t size;  // of the whole block
  size_t len;
  char *name;
  char text[];
};

static void tell(struct job *job, enum lull_outcome outcome, const char *text, size_t len)
{
  if (job->told) job->told(job->user, outcome, text, len);
  block_free(job, job->size);
}

// As print shows it; an error as its report.
static bool job_done(struct lull *vm, void *user, enum lull_outcome outcome, struct lull_value v)
{
  struct job *job = user;
  if (outcome == LULL_DROPPED) {
    tell(job, outcome, NULL, 0);
    return true;
  }
  struct buf out;
  struct lull_ref ref = { .vm = vm, .value = value_in(v), .holds = 1 };
  size_t len;
  const char *text = lull_get_string(vm, v, &len);
  buf_init(&out, &vm->alloc);
  if (outcome == LULL_THROWN) lull_report(vm, &ref, &out);
  else if (text) buf_append(&out, text, len);
  else lull_inspect(vm, &ref, RESULT_MAX, &out);
  bool is_told = job->told;
  tell(job, outcome, buf_text(&out), out.len);
  buf_fini(&out);
  return is_told;
}

static void run_job(struct lull *vm, void *user)
{
  struct job *job = user;
  if (!vm) {
    tell(job, LULL_DROPPED, NULL, 0);
    return;
  }
  struct buf messages;
  buf_init(&messages, &vm->alloc);
  struct lull_value f = lull_compile(vm, job->name, job->text, job->len, LULL_CELL, &messages);
  if (lull_is_absent(f)) tell(job, LULL_THROWN, buf_text(&messages), messages.len);
  else if (!lull_start_now(vm, job->tag, f, NULL, 0, job_done, job)) tell(job, LULL_DROPPED, NULL, 0);
  buf_fini(&messages);
}

bool lull_post(struct lull_port *port, uint64_t tag, const char *name, const char *text, size_t len,
               void (*told)(void *user, enum lull_outcome outcome, const char *text, size_t len), void *user)
{
  size_t size = sizeof(struct job) + len + 1 + strlen(name) + 1;
  struct job *job = block_new(size);
  if (!job) return false;
  *job = (struct job){ .tag = tag, .told = told, .user = user, .size = size, .len = len, .name = job->text + len + 1 };
  memcpy(job->text, text, len);
  memcpy(job->name, name, strlen(name));
  bool ok = lull_post_call(port, run_job, job);
  if (!ok) block_free(job, size);
  return ok;
}

// One who waits, and the job it waits for: whoever is through last frees it.
struct wait {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  bool has_ended, is_left;
  enum lull_outcome outcome;
  char *text;
  size_t len;
};

static void wait_free(struct wait *w)
{
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->ended);
  if (w->text) block_free(w->text, w->len + 1);
  block_free(w, sizeof *w);
}

static void wait_told(void *user, enum lull_outcome outcome, const char *text, size_t len)
{
  struct wait *w = user;
  char *copy = text ? block_new(len + 1) : NULL;
  if (copy) memcpy(copy, text, len);
  pthread_mutex_lock(&w->lock);
  w->outcome = outcome;
  w->text = copy;
  w->len = copy ? len : 0;
  w->has_ended = true;
  bool is_left = w->is_left;
  pthread_cond_signal(&w->ended);
  pthread_mutex_unlock(&w->lock);
  if (is_left) wait_free(w);
}

static bool is_own_thread(struct lull_port *port)
{
  pthread_mutex_lock(&port->lock);
  bool is = pthread_equal(port->thread, pthread_self());
  pthread_mutex_unlock(&port->lock);
  return is;
}

static struct timespec deadline(double seconds)
{
  struct timespec t;
  if (seconds > 1e9) seconds = 1e9;
  clock_gettime(CLOCK_MONOTONIC, &t);
  double whole = (double)(time_t)seconds;
  t.tv_sec += (time_t)whole;
  t.tv_nsec += (long)((seconds - whole) * 1e9);
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  return t;
}

static struct wait *wait_new(void)
{
  struct wait *w = block_new(sizeof *w);
  if (!w) return NULL;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->ended, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return w;
}

// False: not in time; the job has it then.
static bool wait_for(struct wait *w, double seconds)
{
  struct timespec until = deadline(seconds);
  pthread_mutex_lock(&w->lock);
  for (int error = 0; !w->has_ended && error != ETIMEDOUT;) {
    error = seconds > 0 ? pthread_cond_timedwait(&w->ended, &w->lock, &until) : pthread_cond_wait(&w->ended, &w->lock);
  }
  bool has_ended = w->has_ended;
  w->is_left = !has_ended;
  pthread_mutex_unlock(&w->lock);
  return has_ended;
}

enum lull_outcome lull_post_wait(struct lull_port *port, uint64_t tag, const char *name, const char *text, size_t len,
                                 double seconds, struct lull_result *result)
{
  *result = (struct lull_result){ .outcome = LULL_DROPPED };
  struct wait *w = is_own_thread(port) ? NULL : wait_new();
  if (!w) return LULL_DROPPED;
  if (!lull_post(port, tag, name, text, len, wait_told, w)) {
    wait_free(w);
    return LULL_DROPPED;
  }
  if (!wait_for(w, seconds)) return LULL_DROPPED;
  *result = (struct lull_result){ .outcome = w->outcome, .text = w->text, .len = w->len };
  w->text = NULL;
  wait_free(w);
  return result->outcome;
}

void lull_result_free(struct lull_result *result)
{
  if (result->text) block_free(result->text, result->len + 1);
  *result = (struct lull_result){ .outcome = LULL_DROPPED };
}
