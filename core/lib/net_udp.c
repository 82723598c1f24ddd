// Datagrams: a socket that sends to and receives from any address.
#include <errno.h>

#include "base/sys.h"
#include "lib/lib.h"
#include "lib/net.h"
#include "loop/io.h"
#include "value/bytes.h"

#define DATAGRAM_MAX 65536

struct recv {
  struct operation op;  // its subject is the socket
  struct recv *next;
};

struct udp {
  struct box box;
  struct lull *vm;
  int fd;  // -1: closed
  struct address local;
  ev_io readable;
  struct recv *waiting;  // in their order
};

struct send {
  struct operation op;  // its subject is the socket
  struct net_lookup lookup;
  Value data;
  struct string *host;
};

static struct udp *udp_of(Value v) { return (struct udp *)(void *)as_object(v); }
static struct udp *self(struct call *c) { return udp_of(c->args[0]); }

static void describe_udp(const struct udp *u, struct buf *out)
{
  buf_puts(out, "udp ");
  address_print(&u->local, out);
  if (u->fd < 0) buf_puts(out, ", closed");
}

// Receiving

static bool put(struct lull *vm, struct map *m, const char *name, Value v)
{
  struct string *key = vm_intern(vm, name);
  return key && map_set(&vm->heap, m, value_object(key), v);
}

static Value datagram(struct lull *vm, const char *bytes, size_t len, const struct address *from)
{
  struct string *host = address_string(vm, from, false);
  struct bytes *data = bytes_new(&vm->heap, bytes, len);
  struct map *m = map_new(&vm->heap, 3);
  if (data && host && m && put(vm, m, "data", value_object(data)) && put(vm, m, "host", value_object(host)) &&
      put(vm, m, "port", value_int(address_port(from))))
    return value_object(m);
  vm->heap.exhausted = true;
  return NIL;
}

// The next datagram; UNSET where none has come, an error as *is_error says.
static Value take(struct udp *u, bool *is_error)
{
  char bytes[DATAGRAM_MAX];
  struct address from = { .len = sizeof from.any };
  *is_error = false;
  ssize_t n = sys_recvfrom(u->fd, bytes, sizeof bytes, &from.any, &from.len);
  if (n >= 0) {
    Value v = datagram(u->vm, bytes, (size_t)n, &from);
    *is_error = u->vm->heap.exhausted;
    return *is_error ? error_memory(u->vm) : v;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return UNSET;
  *is_error = true;
  return error_from_errno(u->vm, errno, "receive at port %u", address_port(&u->local));
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct udp *u = CONTAINER_OF(w, struct udp, readable);
  bool is_refused = loop_io_is_refused(loop, events), is_error = true;
  int error = errno;
  while (u->waiting) {
    Value v = is_refused ? error_from_errno(u->vm, error, "receive at port %u", address_port(&u->local)) : take(u, &is_error);
    if (is_unset(v)) return;
    struct recv *r = u->waiting;
    u->waiting = r->next;
    if (is_error) operation_fail(u->vm, &r->op, v);
    else operation_resolve(u->vm, &r->op, v);
  }
  loop_io_stop(loop, w);
}

static void abandon_recv(struct lull *vm, struct operation *op)
{
  struct udp *u = udp_of(op->subject);
  struct recv **link = &u->waiting;
  (void)vm;
  while (*link && &(*link)->op != op) link = &(*link)->next;
  if (*link) *link = (*link)->next;
}

static void describe_recv(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "receive at ");
  describe_udp(udp_of(op->subject), out);
}

static const struct operation_type recv_type = {
  .class = { .name = "receive", .is_deferred = true, .size = sizeof(struct recv) },
  .describe = describe_recv,
  .abandon = abandon_recv,
};

// What a recv gives at once: a datagram, or `done` of a closed socket. UNSET: it has to wait.
static Value recv_now(struct udp *u, bool *is_error)
{
  *is_error = false;
  if (u->fd < 0) return DONE;
  return u->waiting ? UNSET : take(u, is_error);
}

static struct operation *recv_wait(struct udp *u)
{
  struct recv *r = operation_new(u->vm, &recv_type, value_object(u));
  if (!r) return throw_memory(u->vm), NULL;
  struct recv **link = &u->waiting;
  while (*link) link = &(*link)->next;
  *link = r;
  heap_barrier(&u->vm->heap, u);
  loop_io_start(u->vm->loop, &u->readable);
  return &r->op;
}

static enum native_status udp_recv(struct call *c)
{
  struct udp *u = self(c);
  bool is_error;
  Value v = recv_now(u, &is_error);
  if (is_error) return throw_value(c->vm, v);
  struct operation *op = NULL;
  if (is_unset(v)) {
    op = recv_wait(u);
    return op ? native_return(c, value_object(op)) : NATIVE_THROW;
  }
  struct deferred *d = deferred_new(c->vm);
  deferred_fulfil(c->vm, d, v);
  return native_return(c, value_object(d));
}

static enum native_status udp_next(struct call *c)
{
  bool is_error;
  if (c->step > 0) return native_return(c, c->value);
  Value v = recv_now(self(c), &is_error);
  if (is_error) return throw_value(c->vm, v);
  if (!is_unset(v)) return native_return(c, v);
  struct operation *op = recv_wait(self(c));
  return op ? operation_wait(c, &op->deferred) : NATIVE_THROW;
}

static enum native_status udp_iterate(struct call *c) { return native_return(c, c->args[0]); }

// Sending

static void send_to(struct send *s, const struct address *to)
{
  struct udp *u = udp_of(s->op.subject);
  struct lull *vm = u->vm;
  size_t len;
  const char *bytes = data_bytes(&vm->heap, s->data, &len);
  // Where the system has no room for it now, a datagram is lost, as on its way.
  bool ok = u->fd >= 0 && (sys_sendto(u->fd, bytes, len, &to->any, to->len) >= 0 || errno == EAGAIN);
  int error = u->fd < 0 ? EBADF : errno;
  if (ok) {
    operation_resolve(vm, &s->op, NIL);
    return;
  }
  operation_fail_errno(vm, &s->op, error, "send to %s:%u", string_cstr(&vm->heap, s->host), address_port(to));
}

static void on_found(struct net_lookup *l, const struct address *addresses, u32 count, const char *code,
                     const char *text)
{
  struct send *s = CONTAINER_OF(l, struct send, lookup);
  struct lull *vm = l->vm;
  int family = udp_of(s->op.subject)->local.any.ss_family;
  for (u32 i = 0; i < count; i++) {
    if (addresses[i].any.ss_family != family) continue;
    send_to(s, &addresses[i]);
    return;
  }
  if (!code) code = "ENOTFOUND", text = "no address of the socket's kind";
  operation_fail(vm, &s->op, error_with_code(vm, code, "send to %s: %s", string_cstr(&vm->heap, s->host), text));
}

static void describe_send(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "send to ");
  string_write(((struct send *)op)->host, out);
}

static void abandon_send(struct lull *vm, struct operation *op)
{
  (void)vm;
  net_lookup_stop(&((struct send *)op)->lookup);
}

static void mark_send(struct heap *heap, struct object *o)
{
  heap_mark(heap, ((struct send *)(void *)o)->data);
  heap_mark_object(heap, ((struct send *)(void *)o)->host);
}

static void finish_send(struct heap *heap, struct object *o)
{
  (void)heap;
  net_lookup_stop(&((struct send *)(void *)o)->lookup);
}

static const struct operation_type send_type = {
  .class = { .name = "send",
             .is_deferred = true,
             .size = sizeof(struct send),
             .mark = mark_send,
             .finish = finish_send },
  .is_effect = true,
  .describe = describe_send,
  .abandon = abandon_send,
};

static enum native_status udp_send(struct call *c)
{
  const char *name;
  struct address to;
  u16 port;
  if (!arg_data(c, 1) || !arg_cstring(c, 2, &name) || !arg_port(c, 3, &port)) return NATIVE_THROW;
  if (self(c)->fd < 0) return throw_value(c->vm, error_with_code(c->vm, "ECLOSED", "send: the socket is closed"));
  struct send *s = operation_new(c->vm, &send_type, c->args[0]);
  if (!s) return throw_memory(c->vm);
  s->data = c->args[1];
  s->host = AS_STRING(c->args[2]);
  s->lookup.done = on_found;
  if (address_parse(&to, name, port)) send_to(s, &to);
  else net_lookup_start(c->vm, &s->lookup, name, port);
  return native_return(c, value_object(s));
}

// The socket

static void close_udp(struct udp *u)
{
  if (u->fd < 0) return;
  loop_io_stop(u->vm->loop, &u->readable);
  sys_close(u->fd);
  u->fd = -1;
}

static enum native_status udp_close(struct call *c)
{
  struct udp *u = self(c);
  close_udp(u);
  while (u->waiting) {
    struct recv *r = u->waiting;
    u->waiting = r->next;
    operation_resolve(c->vm, &r->op, DONE);
  }
  return native_return(c, NIL);
}

static enum native_status get_port(struct call *c)
{
  return native_return(c, value_int(address_port(&self(c)->local)));
}

static void mark_udp(struct heap *heap, struct object *o)
{
  for (struct recv *r = ((struct udp *)(void *)o)->waiting; r; r = r->next) heap_mark_object(heap, r);
}

static void finish_udp(struct heap *heap, struct object *o)
{
  (void)heap;
  if (((struct udp *)(void *)o)->vm) close_udp((struct udp *)(void *)o);
}

static void print_udp(struct heap *heap, struct object *o, struct buf *out)
{
  (void)heap;
  buf_putc(out, '<');
  describe_udp((const struct udp *)(const void *)o, out);
  buf_putc(out, '>');
}

static const struct native methods[] = {
  { "send", udp_send, 3, 3, 0, "send(data, host, port)",
    "Sends a string or bytes as one datagram: a deferred, which says nothing of its arrival.\n"
    "Throws an IOError: \"EMSGSIZE\" where it is too large. `await u.send(\"ping\", \"127.0.0.1\", 5000)`" },
  { "recv", udp_recv, 0, 0, 0, "recv()",
    "A deferred of the next datagram: a map of `data` (bytes), `host` and `port`; of `done` once the socket is closed." },
  { "iterate", udp_iterate, 0, 0, 0, "iterate()",
    "Itself: loops get what comes.\n`for m in u { print(m.data.decode()) }`" },
  { "next", udp_next, 0, 0, 0, "next()",
    "Waits for the next datagram, and gives it; `done` once the socket is closed." },
  { "close", udp_close, 0, 0, 0, "close()", "Closes the socket; who waits for a datagram gets `done`." },
};

static const struct native getters[] = {
  { "port", get_port, 0, 0, 0, "port", "The port it receives at." },
};

static const struct native_class udp_class = {
  .name = "udp",
  .doc = "A socket for datagrams.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .size = sizeof(struct udp),
  .mark = mark_udp,
  .finish = finish_udp,
  .print = print_udp,
};

enum native_status net_udp(struct call *c)
{
  struct address a;
  u16 port = 0;
  bool is_given = arg_given(c, 0) && !is_nil(c->args[0]);
  if ((is_given && !arg_port(c, 0, &port)) || !arg_host(c, 1, "0.0.0.0", port, &a)) return NATIVE_THROW;
  int fd = socket_bound(&a, SOCK_DGRAM, SOCKET_BROADCAST);
  if (fd < 0) return throw_errno(c, errno, "udp: port %u", port);
  struct udp *u = box_new(c->vm, &udp_class);
  if (!u) {
    sys_close(fd);
    return throw_memory(c->vm);
  }
  u->vm = c->vm;
  u->fd = fd;
  u->local = a;
  ev_io_init(&u->readable, on_readable, fd, EV_READ);
  return native_return(c, value_object(u));
}
