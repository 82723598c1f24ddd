#include "loop/work.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#define THREADS 4       // that run at once, besides those with slow works
#define THREADS_MAX 32  // in all
#define STACK_BYTES ((size_t)1 << 20)

enum work_state { WORK_FREE, WORK_WAITING, WORK_RUNNING, WORK_ENDED };

struct thread {
  struct work_pool *pool;
  pthread_t id;
  struct work *work;  // it runs
};

struct work_pool {
  struct alloc *alloc;
  struct ev_loop *loop;
  ev_async ended_some;
  pthread_mutex_t lock;  // of all below, and of the works and lanes
  pthread_cond_t started_some;
  struct work_list queue, ended;
  struct thread threads[THREADS_MAX];
  u32 thread_count, idle, slow;
  bool is_closing;
};

static void list_add(struct work_list *list, struct work *w)
{
  w->list = list;
  w->next = NULL;
  w->prev = list->last;
  if (list->last) list->last->next = w;
  else list->first = w;
  list->last = w;
  list->len++;
}

static void list_remove(struct work *w)
{
  struct work_list *list = w->list;
  if (w->prev) w->prev->next = w->next;
  else list->first = w->next;
  if (w->next) w->next->prev = w->prev;
  else list->last = w->prev;
  list->len--;
  w->list = NULL;
}

static struct work *list_take(struct work_list *list)
{
  struct work *w = list->first;
  if (w) list_remove(w);
  return w;
}

// The lane is free again: its next work comes into the queue.
static void leave_lane(struct work_pool *pool, struct work_lane *lane)
{
  if (!lane) return;
  struct work *next = list_take(&lane->waiting);
  lane->is_busy = next != NULL;
  if (!next) return;
  list_add(&pool->queue, next);
  pthread_cond_signal(&pool->started_some);
}

static void run(struct work_pool *pool, struct thread *t, struct work *w)
{
  w->state = WORK_RUNNING;
  t->work = w;
  pool->slow += w->is_slow;
  pthread_mutex_unlock(&pool->lock);
  w->run(w);
  pthread_mutex_lock(&pool->lock);
  pool->slow -= w->is_slow;
  t->work = NULL;
  w->state = WORK_ENDED;
  if (!w->keeps_lane) leave_lane(pool, w->lane);
  if (!pool->ended.first) ev_async_send(pool->loop, &pool->ended_some);
  list_add(&pool->ended, w);
}

static void *thread_main(void *user)
{
  struct thread *t = user;
  struct work_pool *pool = t->pool;
  pthread_mutex_lock(&pool->lock);
  while (!pool->is_closing) {
    struct work *w = list_take(&pool->queue);
    if (w) {
      run(pool, t, w);
      continue;
    }
    pool->idle++;
    pthread_cond_wait(&pool->started_some, &pool->lock);
    pool->idle--;
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

static void on_ended(struct ev_loop *loop, ev_async *a, int events)
{
  struct work_pool *pool = CONTAINER_OF(a, struct work_pool, ended_some);
  (void)loop;
  (void)events;
  pthread_mutex_lock(&pool->lock);
  struct work *w = pool->ended.first;
  pool->ended = (struct work_list){ 0 };
  pthread_mutex_unlock(&pool->lock);
  for (struct work *next; w; w = next) {
    next = w->next;
    w->state = WORK_FREE;
    w->done(w);
  }
}

struct work_pool *work_create(struct alloc *alloc, struct ev_loop *loop)
{
  struct work_pool *pool = mem_alloc_zero(alloc, sizeof *pool);
  if (!pool) return NULL;
  pool->alloc = alloc;
  pool->loop = loop;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->started_some, NULL);
  ev_async_init(&pool->ended_some, on_ended);
  ev_async_start(loop, &pool->ended_some);
  ev_unref(loop);
  return pool;
}

// Signals are for the thread of the loop alone.
static int start_thread(struct thread *t)
{
  sigset_t all, before;
  pthread_attr_t attributes;
  sigfillset(&all);
  if (pthread_attr_init(&attributes) != 0) return ENOMEM;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&t->id, &attributes, thread_main, t);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return error;
}

// One thread more, where none is idle for the next work and there may be one. False: there is none at all.
static bool add_thread(struct work_pool *pool)
{
  u32 most = THREADS + pool->slow < THREADS_MAX ? THREADS + pool->slow : THREADS_MAX;
  if (pool->idle > pool->queue.len || pool->thread_count >= most) return true;
  struct thread *t = &pool->threads[pool->thread_count];
  t->pool = pool;
  int error = start_thread(t);
  if (error == 0) pool->thread_count++;
  else errno = error;
  return pool->thread_count > 0;
}

bool work_start(struct work_pool *pool, struct work *w)
{
  pthread_mutex_lock(&pool->lock);
  bool ok = add_thread(pool);
  if (ok) {
    w->state = WORK_WAITING;
    bool is_next = !w->lane || !w->lane->is_busy;
    if (w->lane) w->lane->is_busy = true;
    list_add(is_next ? &pool->queue : &w->lane->waiting, w);
    if (is_next) pthread_cond_signal(&pool->started_some);
  }
  pthread_mutex_unlock(&pool->lock);
  return ok;
}

// Takes a work out that has not begun.
static bool take_out(struct work_pool *pool, struct work *w)
{
  if (w->state != WORK_WAITING) return false;
  bool was_next = w->list == &pool->queue;
  list_remove(w);
  w->state = WORK_FREE;
  if (was_next) leave_lane(pool, w->lane);
  return true;
}

void work_drop(struct work_pool *pool, struct work *w)
{
  atomic_store(&w->is_dropped, true);
  pthread_mutex_lock(&pool->lock);
  bool is_out = take_out(pool, w);
  pthread_mutex_unlock(&pool->lock);
  if (is_out) w->done(w);
}

void work_leave_lane(struct work_pool *pool, struct work_lane *lane)
{
  pthread_mutex_lock(&pool->lock);
  leave_lane(pool, lane);
  pthread_mutex_unlock(&pool->lock);
}

static void stop_threads(struct work_pool *pool)
{
  pthread_mutex_lock(&pool->lock);
  pool->is_closing = true;
  for (u32 i = 0; i < pool->thread_count; i++) {
    if (pool->threads[i].work) atomic_store(&pool->threads[i].work->is_dropped, true);
  }
  pthread_cond_broadcast(&pool->started_some);
  pthread_mutex_unlock(&pool->lock);
  for (u32 i = 0; i < pool->thread_count; i++) pthread_join(pool->threads[i].id, NULL);
}

void work_destroy(struct work_pool *pool)
{
  if (!pool) return;
  stop_threads(pool);
  for (struct work *w; (w = pool->ended.first ? list_take(&pool->ended) : list_take(&pool->queue));) {
    atomic_store(&w->is_dropped, true);
    leave_lane(pool, w->lane);
    w->state = WORK_FREE;
    w->done(w);
  }
  ev_ref(pool->loop);
  ev_async_stop(pool->loop, &pool->ended_some);
  pthread_mutex_destroy(&pool->lock);
  pthread_cond_destroy(&pool->started_some);
  mem_free(pool->alloc, pool, sizeof *pool);
}
