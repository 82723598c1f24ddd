#include "loop/signal.h"

#include <errno.h>
#include <stdatomic.h>

// What a signal does is the process's: it is watched by one state at a time.
static _Atomic(struct loop_signals *) signal_owners[SIGNAL_MAX];

void loop_signals_init(struct loop_signals *all, struct ev_loop *loop, struct alloc *alloc)
{
  *all = (struct loop_signals){ .loop = loop, .alloc = alloc };
}

void loop_signals_fini(struct loop_signals *all)
{
  for (int i = 0; i < SIGNAL_MAX; i++) mem_free(all->alloc, all->entries[i], sizeof *all->entries[i]);
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
  struct signal_entry *entry = CONTAINER_OF(w, struct signal_entry, ev);
  (void)loop;
  (void)events;
  for (struct loop_signal *s = entry->first, *next; s; s = next) {
    next = s->next;
    s->came(s);
  }
}

static struct signal_entry *entry_of(struct loop_signals *all, int number)
{
  struct signal_entry *entry = all->entries[number];
  if (entry) return entry;
  entry = all->entries[number] = mem_alloc_zero(all->alloc, sizeof *entry);
  if (!entry) return errno = ENOMEM, NULL;
  entry->all = all;
  ev_signal_init(&entry->ev, on_signal, number);
  return entry;
}

// Faults of the program itself come back for ever where a handler returns from them; children are the loop's own.
static bool can_watch(int number)
{
  return number > 0 && number < SIGNAL_MAX && number != SIGKILL && number != SIGSTOP && number != SIGCHLD &&
         number != SIGSEGV && number != SIGBUS && number != SIGFPE && number != SIGILL && number != SIGALRM;
}

bool loop_signal_start(struct loop_signals *all, struct loop_signal *s, int number, void (*came)(struct loop_signal *s))
{
  struct signal_entry *entry = can_watch(number) ? entry_of(all, number) : (errno = EINVAL, NULL);
  struct loop_signals *nobody = NULL;
  if (!entry) return false;
  if (!entry->first && !atomic_compare_exchange_strong(&signal_owners[number], &nobody, all)) return errno = EBUSY, false;
  s->entry = entry;
  s->number = number;
  s->came = came;
  s->next = entry->first;
  entry->first = s;
  if (ev_is_active(&entry->ev)) return true;
  sigaction(number, NULL, &entry->before);
  ev_signal_start(all->loop, &entry->ev);
  ev_unref(all->loop);
  return true;
}

void loop_signal_stop(struct loop_signal *s)
{
  struct signal_entry *entry = s->entry;
  if (!entry) return;
  struct loop_signal **link = &entry->first;
  while (*link != s) link = &(*link)->next;
  *link = s->next;
  s->entry = NULL;
  if (entry->first) return;
  ev_ref(entry->all->loop);
  ev_signal_stop(entry->all->loop, &entry->ev);
  sigaction(s->number, &entry->before, NULL);
  atomic_store(&signal_owners[s->number], NULL);
}
