#include "attach/urgent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "attach/packet.h"
#include "lull.h"

enum { LOOK_US = 50 * 1000, SEEN_MOST = 2 * (PACKET_HEAD + PACKET_MOST) };

// Handlers take no argument of ours, so what they need lies here.
static struct {
  struct lull *volatile lull;
  struct urgent *volatile first;
  bool is_ticking;
  struct sigaction before;
  char seen[SEEN_MOST];
} self;

// What has arrived begins in `in`, where packets may be whole or cut, and goes on in the socket.
static bool has_interrupt(const struct urgent *u)
{
  size_t len = u->in->len - *u->in_at;
  if (len > sizeof self.seen / 2) return false;  // that much was typed before it: the loop comes to it
  if (len > 0) memcpy(self.seen, u->in->data + *u->in_at, len);
  ssize_t n = recv(u->fd, self.seen + len, sizeof self.seen - len, MSG_PEEK | MSG_DONTWAIT);
  return packet_has(self.seen, n > 0 ? len + (size_t)n : len, PACKET_INTERRUPT);
}

static void on_tick(int number)
{
  int error = errno;
  u64 running = self.lull ? lull_tag(self.lull) : 0;
  for (struct urgent *u = self.first; u && running; u = u->next) {
    if (u->front != running || u->has_stopped || !has_interrupt(u)) continue;
    u->has_stopped = 1;
    lull_stop(self.lull);
  }
  errno = error;
}

static void set_timer(void)
{
  bool is_wanted = false;
  for (const struct urgent *u = self.first; u; u = u->next) is_wanted = is_wanted || u->front;
  if (is_wanted == self.is_ticking) return;
  suseconds_t every = is_wanted ? LOOK_US : 0;
  struct itimerval timer = { .it_interval = { .tv_usec = every }, .it_value = { .tv_usec = every } };
  self.is_ticking = setitimer(ITIMER_PROF, &timer, NULL) == 0 && is_wanted;
}

void urgent_start(struct lull *lull)
{
  struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
  sigemptyset(&action.sa_mask);
  self.lull = lull;
  sigaction(SIGPROF, &action, &self.before);
}

void urgent_end(void)
{
  if (!self.lull) return;
  self.first = NULL;
  set_timer();
  self.lull = NULL;
  sigaction(SIGPROF, &self.before, NULL);
}

// One store each takes it in and out: the handler may come at any time.
void urgent_add(struct urgent *u)
{
  u->next = self.first;
  self.first = u;
}

void urgent_remove(struct urgent *u)
{
  if (self.first == u) self.first = u->next;
  for (struct urgent *at = self.first; at; at = at->next)
    if (at->next == u) at->next = u->next;
  set_timer();
}

void urgent_set_front(struct urgent *u, u64 cell)
{
  u->front = cell;
  set_timer();
}
