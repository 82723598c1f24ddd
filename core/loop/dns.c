#include "loop/dns.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "base/library.h"
#include "base/sys.h"
#include "loop/io.h"
#include "loop/timer.h"

#define ADDRESSES_MAX 64
#define SOCKETS_MAX 16
#define TRY_MS 2000  // for a server to answer, growing with each of TRIES
#define TRIES 3

// clang-format off
#define ARES_FUNCTIONS(X) \
  X(int, ares_init_options, (ares_channel *, struct ares_options *, int)) \
  X(void, ares_destroy, (ares_channel)) \
  X(int, ares_set_servers_ports_csv, (ares_channel, const char *)) \
  X(void, ares_getaddrinfo, (ares_channel, const char *, const char *, const struct ares_addrinfo_hints *, ares_addrinfo_callback, void *)) \
  X(void, ares_freeaddrinfo, (struct ares_addrinfo *)) \
  X(void, ares_process_fd, (ares_channel, ares_socket_t, ares_socket_t)) \
  X(struct timeval *, ares_timeout, (ares_channel, struct timeval *, struct timeval *)) \
  X(const char *, ares_strerror, (int))
// clang-format on

struct dns_socket {
  struct dns *dns;
  int fd;  // -1: not in use
  ev_io io;
};

struct dns {
  struct ev_loop *loop;
  struct alloc *alloc;
  ares_channel channel;
  struct dns_socket sockets[SOCKETS_MAX];
  struct loop_timer timer;
  u32 pending;
  double made;
  bool is_over;
#define MEMBER(result, name, params) result(*name) params;
  ARES_FUNCTIONS(MEMBER)
#undef MEMBER
};

// Lives until c-ares has answered, whether anybody still wants to know or not.
struct dns_query {
  struct dns *dns;
  u16 port;
  dns_answer answer;  // NULL: stopped
  void *user;
  bool is_starting, is_answered;
  bool is_local;  // the name is one of this machine
};

static void set_timer(struct dns *dns)
{
  struct timeval left;
  loop_timer_stop(dns->loop, &dns->timer);
  if (!dns->ares_timeout(dns->channel, NULL, &left)) return;
  loop_timer_start(dns->loop, &dns->timer, (double)left.tv_sec + (double)left.tv_usec * 1e-6, 0, false);
}

static void process(struct dns *dns, int readable, int writable)
{
  dns->ares_process_fd(dns->channel, readable, writable);
  set_timer(dns);
}

static void on_socket(struct ev_loop *loop, ev_io *w, int events)
{
  struct dns_socket *s = CONTAINER_OF(w, struct dns_socket, io);
  (void)loop_io_is_refused(loop, events);  // its timeouts go on
  process(s->dns, events & EV_READ ? s->fd : ARES_SOCKET_BAD, events & EV_WRITE ? s->fd : ARES_SOCKET_BAD);
}

static void on_timer(struct loop_timer *t)
{
  process(CONTAINER_OF(t, struct dns, timer), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static struct dns_socket *socket_of(struct dns *dns, int fd)
{
  for (int i = 0; i < SOCKETS_MAX; i++) {
    if (dns->sockets[i].fd == fd) return &dns->sockets[i];
  }
  return NULL;
}

// c-ares wants to know of other events of a socket, or of none any more. Beyond SOCKETS_MAX its timeouts go on.
static void on_state(void *user, ares_socket_t fd, int readable, int writable)
{
  struct dns *dns = user;
  struct dns_socket *s = socket_of(dns, fd);
  if (!s) s = socket_of(dns, -1);
  if (!s) return;
  if (s->fd == fd) loop_io_stop(dns->loop, &s->io);
  s->fd = readable || writable ? fd : -1;
  if (s->fd < 0) return;
  ev_io_init(&s->io, on_socket, fd, (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
  loop_io_start(dns->loop, &s->io);
}

struct dns *dns_create(struct ev_loop *loop, struct alloc *alloc, const char *servers, const char **why)
{
#define SYMBOL(result, name, params) { #name, offsetof(struct dns, name) },
  static const struct library_symbol symbols[] = { ARES_FUNCTIONS(SYMBOL) };
#undef SYMBOL
  struct dns *dns = mem_alloc_zero(alloc, sizeof *dns);
  *why = "out of memory";
  if (!dns) return NULL;
  dns->loop = loop;
  dns->alloc = alloc;
  dns->made = sys_now();
  loop_timer_init(&dns->timer, on_timer);
  for (int i = 0; i < SOCKETS_MAX; i++) dns->sockets[i] = (struct dns_socket){ .dns = dns, .fd = -1 };
  struct ares_options options = {
    .timeout = TRY_MS, .tries = TRIES, .sock_state_cb = on_state, .sock_state_cb_data = dns
  };
  int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  int status = 0;
  if (library_bind(LULL_LIBCARES, symbols, COUNT_OF(symbols), dns, why)) {
    status = dns->ares_init_options(&dns->channel, &options, mask);
    if (!status && servers) status = dns->ares_set_servers_ports_csv(dns->channel, servers);
    if (!status) return dns;
    *why = dns->ares_strerror(status);
  }
  dns_destroy(dns);
  return NULL;
}

void dns_destroy(struct dns *dns)
{
  if (!dns) return;
  dns->is_over = true;
  if (dns->channel) dns->ares_destroy(dns->channel);
  loop_timer_stop(dns->loop, &dns->timer);
  mem_free(dns->alloc, dns, sizeof *dns);
}

double dns_age(const struct dns *dns) { return sys_now() - dns->made; }

bool dns_is_idle(const struct dns *dns) { return dns->pending == 0; }

static const char *code_of(int status)
{
  switch (status) {
  case ARES_ENODATA:
  case ARES_ENONAME:
  case ARES_EBADNAME:
  case ARES_ENOTFOUND: return "ENOTFOUND";
  case ARES_ETIMEOUT: return "ETIMEDOUT";
  case ARES_ENOMEM: return "ENOMEM";
  default: return "EDNS";
  }
}

static u32 copy_addresses(const struct ares_addrinfo *found, u16 port, struct address *out)
{
  u32 count = 0;
  for (const struct ares_addrinfo_node *n = found->nodes; n && count < ADDRESSES_MAX; n = n->ai_next) {
    if (n->ai_family != AF_INET && n->ai_family != AF_INET6) continue;
    memset(&out[count], 0, sizeof *out);
    memcpy(&out[count].any, n->ai_addr, n->ai_addrlen);
    out[count].len = n->ai_addrlen;
    address_set_port(&out[count++], port);
  }
  return count;
}

// "localhost" and all below it are this machine, whatever the system says of them (RFC 6761).
static bool is_local(const char *name)
{
  static const char local[] = "localhost";
  size_t len = strlen(name), own = sizeof local - 1;
  return len >= own && strcasecmp(name + len - own, local) == 0 && (len == own || name[len - own - 1] == '.');
}

static u32 local_addresses(u16 port, struct address *out)
{
  u32 count = 0;
  count += address_parse(&out[count], "127.0.0.1", port);
  count += address_parse(&out[count], "::1", port);
  return count;
}

static void on_answer(void *user, int status, int timeouts, struct ares_addrinfo *found)
{
  struct dns_query *q = user;
  struct dns *dns = q->dns;
  struct address addresses[ADDRESSES_MAX];
  u32 count = found ? copy_addresses(found, q->port, addresses) : 0;
  (void)timeouts;
  if (found) dns->ares_freeaddrinfo(found);
  if (!count && q->is_local) count = local_addresses(q->port, addresses);
  dns->pending--;
  if (count) status = ARES_SUCCESS;
  else if (!status) status = ARES_ENODATA;
  const char *text = status == ARES_ENODATA || status == ARES_ENOTFOUND ? "no such name" : dns->ares_strerror(status);
  if (q->answer && !dns->is_over) q->answer(q->user, addresses, count, count ? NULL : code_of(status), text);
  q->is_answered = true;
  if (!q->is_starting) mem_free(dns->alloc, q, sizeof *q);
}

struct dns_query *dns_start(struct dns *dns, const char *name, u16 port, dns_answer answer, void *user)
{
  struct dns_query *q = mem_alloc(dns->alloc, sizeof *q);
  if (!q) {
    answer(user, NULL, 0, "ENOMEM", "out of memory");
    return NULL;
  }
  *q = (struct dns_query){ .dns = dns, .port = port, .answer = answer, .user = user, .is_starting = true, .is_local = is_local(name) };
  struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC,
                                       .ai_socktype = SOCK_STREAM,
                                       .ai_flags = ARES_AI_NUMERICSERV };
  dns->pending++;
  dns->ares_getaddrinfo(dns->channel, name, NULL, &hints, on_answer, q);
  q->is_starting = false;
  set_timer(dns);
  if (!q->is_answered) return q;
  mem_free(dns->alloc, q, sizeof *q);
  return NULL;
}

void dns_stop(struct dns_query *query) { query->answer = NULL; }
