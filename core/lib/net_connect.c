// Connecting: a name is looked up, its addresses are dialled, TLS shakes hands; each step may be the last.
#include <stdlib.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/net.h"
#include "loop/dial.h"

struct net_connect {
  struct operation op;
  struct lull *vm;
  struct net_lookup lookup;
  struct loop_dial dial;
  struct loop_timer timer;  // of the timeout
  double timeout;
  struct string *host;  // "unix:/path" as it was given
  u16 port;             // 0 with the former
  u32 options;
  struct tls_context *tls;  // NULL: none
  bool is_shared;           // which is the state's
  struct stream *stream;    // while it shakes hands
};

static struct net_connect *connect_of(struct object *o) { return (struct net_connect *)(void *)o; }

static void describe_target(const struct net_connect *n, struct buf *out)
{
  buf_puts(out, "connect to ");
  string_write(n->host, out);
  if (n->port) buf_printf(out, ":%u", n->port);
}

static void describe_connect(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  describe_target((struct net_connect *)op, out);
}

// Stops whatever step is under way.
static void stop(struct net_connect *n)
{
  if (!n->vm) return;
  net_lookup_stop(&n->lookup);
  loop_dial_fini(&n->dial);
  loop_timer_stop(n->vm->loop, &n->timer);
  if (n->stream) stream_abort(n->stream);
  n->stream = NULL;
}

static void abandon_connect(struct lull *vm, struct operation *op)
{
  (void)vm;
  stop((struct net_connect *)op);
}

static void mark_connect(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, connect_of(o)->host);
  heap_mark_object(heap, connect_of(o)->stream);
}

static void finish_connect(struct heap *heap, struct object *o)
{
  struct net_connect *n = connect_of(o);
  (void)heap;
  n->stream = NULL;  // it may be gone already
  stop(n);
  if (!n->is_shared) tls_context_destroy(n->tls);
}

static const struct operation_type connect_type = {
  .class = { .name = "connect",
             .is_deferred = true,
             .size = sizeof(struct net_connect),
             .mark = mark_connect,
             .finish = finish_connect },
  .describe = describe_connect,
  .abandon = abandon_connect,
};

// Ends it with an error of [class] or, with [code], an IOError.
static void fail(struct net_connect *n, const char *code, const char *text)
{
  struct lull *vm = n->vm;
  struct buf what;
  buf_init(&what, &vm->alloc);
  describe_target(n, &what);
  Value e = error_with_code(vm, code, "%s: %s", buf_text(&what), text);
  buf_fini(&what);
  stop(n);
  operation_fail(vm, &n->op, e);
}

static void fail_errno(struct net_connect *n, int error)
{
  struct buf what;
  buf_init(&what, &n->vm->alloc);
  describe_target(n, &what);
  stop(n);
  operation_fail_errno(n->vm, &n->op, error, "%s", buf_text(&what));
  buf_fini(&what);
}

static void on_timeout(struct loop_timer *t)
{
  struct net_connect *n = CONTAINER_OF(t, struct net_connect, timer);
  struct lull *vm = n->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  describe_target(n, &text);
  buf_printf(&text, " took longer than %gs", n->timeout);
  struct instance *e = error_new(vm, vm->errors.timeout, string_from_buf(&vm->heap, &text));
  buf_fini(&text);
  stop(n);
  operation_fail(vm, &n->op, value_object(e));
}

static void succeed(struct net_connect *n, struct stream *s)
{
  n->stream = NULL;
  stop(n);
  operation_resolve(n->vm, &n->op, value_object(s));
}

static void on_shaken(struct stream *s)
{
  struct net_connect *n = connect_of(as_object(s->owner));
  int error = s->io.read_error ? s->io.read_error : s->io.write_error;
  s->owner = NIL;
  if (!error && tls_filter_is_ready(s->io.filter)) {
    succeed(n, s);
  } else if (error > 0) {
    fail_errno(n, error);
  } else {
    const char *code, *text = loop_stream_fault(&s->io, &code);
    fail(n, code, text);
  }
}

static void shake_hands(struct net_connect *n, struct stream *s)
{
  struct stream_filter *filter = tls_filter_create(n->tls, string_cstr(&n->vm->heap, n->host));
  if (!filter) {
    stream_abort(s);
    fail(n, "ETLS", "TLS does not take this name, or there is no memory");
    return;
  }
  n->stream = s;
  s->owner = value_object(n);
  heap_barrier(&n->vm->heap, n);
  net_handshake(s, filter, on_shaken);
}

static void on_dialled(struct loop_dial *d, int fd, int error)
{
  struct net_connect *n = CONTAINER_OF(d, struct net_connect, dial);
  if (fd < 0) {
    fail_errno(n, error);
    return;
  }
  struct stream *s = stream_from_fd(n->vm, fd, STREAM_READ | STREAM_WRITE | STREAM_SOCKET);
  if (s) stream_set_peer(s, &d->reached);
  if (!s) fail(n, "ENOMEM", "out of memory");
  else if (n->tls) shake_hands(n, s);
  else succeed(n, s);
}

static void dial(struct net_connect *n, const struct address *addresses, u32 count)
{
  n->dial.done = on_dialled;
  if (loop_dial_init(&n->dial, n->vm->loop, &n->vm->alloc, addresses, count, n->options)) loop_dial_start(&n->dial);
  else fail(n, "ENOMEM", "out of memory");
}

static void on_found(struct net_lookup *l, const struct address *addresses, u32 count, const char *code,
                     const char *text)
{
  struct net_connect *n = CONTAINER_OF(l, struct net_connect, lookup);
  if (code) fail(n, code, text);
  else dial(n, addresses, count);
}

void net_handshake(struct stream *s, struct stream_filter *filter, void (*done)(struct stream *s))
{
  s->io.filter = filter;
  s->shaken = done;
  tls_filter_start(filter, &s->io);
  loop_stream_want(&s->io, true);
  s->io.on_input = stream_shake_on;
}

void stream_shake_on(struct loop_stream *io)
{
  struct stream *s = CONTAINER_OF(io, struct stream, io);
  if (!tls_filter_is_ready(io->filter) && !io->is_ended && !io->write_error) return;
  io->on_input = stream_read_on;
  loop_stream_want(io, false);
  s->shaken(s);
}

static struct tls_context *client_context(struct call *c, bool *is_shared)
{
  const char *ca = NULL;
  if (arg_given(c, 5) && !is_nil(c->args[5]) && !arg_cstring(c, 5, &ca)) return NULL;
  struct tls *tls = ca ? net_tls_files(c) : net_tls(c->vm);
  if (!tls) return NULL;
  char why[256];
  bool is_verified = arg_flag(c, 4, true);
  *is_shared = is_verified && !ca;
  struct tls_context *context =
      *is_shared ? net_trust(c->vm, why, sizeof why) : tls_client_context(tls, is_verified, ca, why, sizeof why);
  if (!context) throw_value(c->vm, error_with_code(c->vm, "ECERT", "connect: %s", why));
  return context;
}

// The port given, or the one behind the name: "example.org:80".
static bool arg_target(struct call *c, struct string **host, u16 *port)
{
  const char *text = string_cstr(c->heap, *host), *colon = strrchr(text, ':');
  if (arg_given(c, 1) && !is_nil(c->args[1])) return arg_port(c, 1, port);
  char *end;
  unsigned long n = colon && colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : 0;
  if (!n || *end || n > UINT16_MAX) {
    throw_error(c->vm, c->vm->errors.value, "connect: \"%s\" has no port: connect(host, port)", text);
    return false;
  }
  *port = (u16)n;
  bool is_bracketed = text[0] == '[' && colon[-1] == ']';
  *host = string_new(c->heap, text + is_bracketed, (size_t)(colon - text) - 2 * is_bracketed);
  return *host || (throw_memory(c->vm), false);
}

static void begin(struct net_connect *n)
{
  struct address a;
  const char *host = string_cstr(&n->vm->heap, n->host);
  if (n->port == 0) {
    if (address_unix(&a, host + 5)) dial(n, &a, 1);
    else fail(n, "ENAMETOOLONG", "the path of a socket is too long");
  } else if (address_parse(&a, host, n->port)) {
    dial(n, &a, 1);
  } else {
    n->lookup.done = on_found;
    net_lookup_start(n->vm, &n->lookup, host, n->port);
  }
}

enum native_status net_connect(struct call *c)
{
  struct lull *vm = c->vm;
  const char *name;
  u16 port = 0;
  double timeout = 0;
  if (!arg_cstring(c, 0, &name)) return NATIVE_THROW;
  struct string *host = AS_STRING(c->args[0]);
  bool is_unix = strncmp(name, "unix:", 5) == 0;
  bool has_timeout = arg_given(c, 3) && !is_nil(c->args[3]);
  if ((!is_unix && !arg_target(c, &host, &port)) || (has_timeout && !arg_seconds(c, 3, &timeout))) return NATIVE_THROW;
  if (!is_unix && !port) return throw_error(vm, vm->errors.value, "connect: there is no port 0");
  struct tls_context *tls = NULL;
  bool is_shared = false;
  if (arg_flag(c, 2, false) && !(tls = client_context(c, &is_shared))) return NATIVE_THROW;
  struct net_connect *n = operation_new(vm, &connect_type, NIL);
  if (!n) {
    if (!is_shared) tls_context_destroy(tls);
    return throw_memory(vm);
  }
  n->vm = vm;
  n->host = host;
  n->port = port;
  n->tls = tls;
  n->is_shared = is_shared;
  n->timeout = timeout;
  n->options = (arg_flag(c, 6, true) ? SOCKET_NODELAY : 0) | (arg_flag(c, 7, false) ? SOCKET_KEEPALIVE : 0);
  loop_timer_init(&n->timer, on_timeout);
  if (has_timeout) loop_timer_start(vm->loop, &n->timer, timeout, 0, false);
  begin(n);
  return native_return(c, value_object(n));
}
