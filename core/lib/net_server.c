// Servers: a listener whose connections are handled by a function of the program.
#include <errno.h>
#include <string.h>

#include "lib/lib.h"
#include "lib/net.h"
#include "loop/listen.h"

#define BACKLOG 1024

struct server {
  struct operation op;
  struct loop_listener listener;
  struct lull *vm;
  Value handler;
  struct stream *first;  // its open connections
  u32 connections;
  struct tls_context *tls;
};

static const struct operation_type server_type;

static struct server *server_of(struct object *o) { return (struct server *)(void *)o; }
static struct server *self(struct call *c) { return server_of(as_object(c->args[0])); }

// Connections

static void connection_closed(struct stream *s)
{
  if (is_nil(s->owner)) return;
  struct server *server = server_of(as_object(s->owner));
  s->owner = NIL;
  stream_leave(s);
  server->connections--;
}

// The handler is done: so is the connection. It may have given a deferred, such as that of a last write.
static void handled(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct stream *s = (struct stream *)(void *)w->subject;
  // To have waited here is not to have handled its failure.
  if (d->state == DEFERRED_FAILED) d->is_handled = false;
  bool is_more = d->state == DEFERRED_RESOLVED && is_deferred(d->value) && as_deferred(d->value) != d;
  if (is_more && deferred_wait(vm, as_deferred(d->value), handled, w->subject, 0)) return;
  if (!stream_close(vm, s)) stream_abort(s);
}

static void handle(struct server *server, struct stream *s)
{
  struct lull *vm = server->vm;
  Value connection = value_object(s);
  struct task *t = call_later(vm, server->handler, &connection, 1, server->op.deferred.tag);
  if (!t) {
    stream_abort(s);
    return;
  }
  t->fiber->spawn_proto = server->op.place_proto;
  t->fiber->spawn_word = server->op.place_word;
  if (!deferred_wait(vm, &t->deferred, handled, &s->box.object, 0)) stream_abort(s);
  t->deferred.is_handled = false;
  sched_wake(vm);
}

static void shaken(struct stream *s)
{
  if (s->io.read_error || s->io.write_error || is_nil(s->owner)) stream_abort(s);
  else handle(server_of(as_object(s->owner)), s);
}

static void on_accepted(struct loop_listener *l, int fd, const struct address *peer)
{
  struct server *server = CONTAINER_OF(l, struct server, listener);
  struct lull *vm = server->vm;
  struct stream *s = stream_from_fd(vm, fd, STREAM_READ | STREAM_WRITE | STREAM_SOCKET);
  if (!s) return;
  stream_set_peer(s, peer);
  stream_join(s, &server->first, value_object(server), connection_closed);
  server->connections++;
  if (!server->tls) {
    handle(server, s);
    return;
  }
  struct stream_filter *filter = tls_filter_create(server->tls, NULL);
  if (filter) net_handshake(s, filter, shaken);
  else stream_abort(s);
}

static void on_troubled(struct loop_listener *l, int error)
{
  struct server *server = CONTAINER_OF(l, struct server, listener);
  struct lull *vm = server->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_puts(&text, "net.serve: cannot accept at ");
  address_print(&l->address, &text);
  buf_printf(&text, " for now: %s\n", strerror(error));
  u64 tag = vm->outside_tag;
  vm->outside_tag = server->op.deferred.tag;
  vm_write(vm, 2, buf_text(&text), text.len);
  vm->outside_tag = tag;
  buf_fini(&text);
}

// The server

static void stop(struct server *server) { loop_listener_close(&server->listener); }

static void drop_connections(struct server *server)
{
  while (server->first) stream_abort(server->first);
}

static void mark_server(struct heap *heap, struct object *o) { heap_mark(heap, server_of(o)->handler); }

static void finish_server(struct heap *heap, struct object *o)
{
  struct server *server = server_of(o);
  (void)heap;
  stop(server);
  // Those not swept yet must not look for it.
  for (struct stream *s = server->first; s; s = server->first) {
    s->owner = NIL;
    stream_leave(s);
  }
  tls_context_destroy(server->tls);
}

static void describe_server(struct lull *vm, struct operation *op, struct buf *out)
{
  const struct server *server = (const struct server *)op;
  (void)vm;
  buf_puts(out, "listen on ");
  address_print(&server->listener.address, out);
  buf_printf(out, ", %u connection%s", server->connections, server->connections == 1 ? "" : "s");
  if (server->listener.fd < 0) buf_puts(out, ", closed");
}

static void abandon_server(struct lull *vm, struct operation *op)
{
  (void)vm;
  stop((struct server *)op);
  drop_connections((struct server *)op);
}

static enum native_status server_close(struct call *c)
{
  struct server *server = self(c);
  stop(server);
  if (arg_flag(c, 1, false)) drop_connections(server);
  operation_resolve(c->vm, &server->op, NIL);
  return native_return(c, NIL);
}

static enum native_status server_set_handler(struct call *c)
{
  if (!arg_callable(c, 1)) return NATIVE_THROW;
  self(c)->handler = c->args[1];
  heap_barrier(c->heap, self(c));
  return native_return(c, NIL);
}

static enum native_status get_handler(struct call *c) { return native_return(c, self(c)->handler); }

static enum native_status get_port(struct call *c)
{
  const struct address *a = &self(c)->listener.address;
  return native_return(c, a->any.ss_family == AF_UNIX ? NIL : value_int(address_port(a)));
}

static enum native_status get_address(struct call *c)
{
  struct string *s = address_string(c->vm, &self(c)->listener.address, true);
  return s ? native_return(c, value_object(s)) : throw_memory(c->vm);
}

static enum native_status get_connections(struct call *c) { return native_return(c, value_int(self(c)->connections)); }

static const struct native methods[] = {
  { "close", server_close, 0, 1, 0, "close(connections = false)",
    "Stops listening; the server, which can be awaited, resolves.\n"
    "`connections`: closes what is connected too, at once; else its handlers go on to their end." },
};

static const struct native getters[] = {
  { "handler", get_handler, 0, 0, 0, "handler",
    "The function that is called with each connection; may be assigned: those that come from then on get the new one." },
  { "port", get_port, 0, 0, 0, "port", "The port it listens on; nil for a local socket." },
  { "address", get_address, 0, 0, 0, "address", "Where it listens: \"127.0.0.1:8080\", \"unix:/run/x\"." },
  { "connections", get_connections, 0, 0, 0, "connections", "How many connections are open." },
};

static const struct native setters[] = {
  { "handler=", server_set_handler, 1, 1, 0, "handler(f)", NULL },
};

static const struct operation_type server_type = {
  .class = { .name = "server",
             .doc = "What listens for connections and hands each to a function.",
             .methods = methods,
             .method_count = COUNT_OF(methods),
             .getters = getters,
             .getter_count = COUNT_OF(getters),
             .setters = setters,
             .setter_count = COUNT_OF(setters),
             .is_deferred = true,
             .size = sizeof(struct server),
             .mark = mark_server,
             .finish = finish_server },
  .is_effect = true,
  .describe = describe_server,
  .abandon = abandon_server,
};

// The files of tls: {cert, key}. NULL: thrown.
static struct tls_context *server_context(struct call *c, Value options)
{
  struct lull *vm = c->vm;
  Value files[2];
  static const char *const names[] = { "cert", "key" };
  if (!IS_MAP(options)) {
    arg_fail(c, 4, "a map {cert: path, key: path}");
    return NULL;
  }
  for (int i = 0; i < 2; i++) {
    struct string *name = vm_intern(vm, names[i]);
    files[i] = name ? map_get(c->heap, AS_MAP(options), value_object(name)) : UNSET;
    if (IS_STRING(files[i]) && !memchr(string_cstr(c->heap, AS_STRING(files[i])), 0, AS_STRING(files[i])->len)) continue;
    throw_error(vm, vm->errors.value, "serve: `tls` needs the path of a file as `%s`", names[i]);
    return NULL;
  }
  struct tls *tls = net_tls_files(c);
  if (!tls) return NULL;
  char why[256];
  const char *cert = string_cstr(c->heap, AS_STRING(files[0])), *key = string_cstr(c->heap, AS_STRING(files[1]));
  struct tls_context *context = tls_server_context(tls, cert, key, why, sizeof why);
  if (!context) throw_value(vm, error_with_code(vm, "ECERT", "serve: %s", why));
  return context;
}

static bool listen_at(struct call *c, struct server *server, const struct address *a)
{
  struct buf text;
  i64 mode = 0;
  bool is_given = arg_given(c, 3) && !is_nil(c->args[3]);
  if (is_given && !arg_int(c, 3, &mode)) return false;
  u32 options = SOCKET_NODELAY | (arg_flag(c, 5, false) ? SOCKET_SHARED_PORT : 0);
  server->listener.accepted = on_accepted;
  server->listener.troubled = on_troubled;
  if (loop_listener_open(&server->listener, c->vm->loop, a, options, BACKLOG, (mode_t)mode & 0777)) return true;
  int error = errno;
  buf_init(&text, &c->vm->alloc);
  address_print(a, &text);
  throw_errno(c, error, "listen on %s", buf_text(&text));
  buf_fini(&text);
  return false;
}

enum native_status net_serve(struct call *c)
{
  struct lull *vm = c->vm;
  struct address a;
  u16 port;
  enum net_place place = arg_place(c, 0, &a, &port);
  if (place == NET_ERROR || !arg_callable(c, 1)) return NATIVE_THROW;
  if (place == NET_PORT && !arg_host(c, 2, "127.0.0.1", port, &a)) return NATIVE_THROW;
  struct tls_context *tls = NULL;
  bool has_tls = arg_given(c, 4) && !is_nil(c->args[4]);
  if (has_tls && !(tls = server_context(c, c->args[4]))) return NATIVE_THROW;
  struct server *server = operation_new(vm, &server_type, NIL);
  if (!server) {
    tls_context_destroy(tls);
    return throw_memory(vm);
  }
  server->vm = vm;
  server->handler = c->args[1];
  server->tls = tls;
  server->listener.fd = -1;
  if (listen_at(c, server, &a)) return native_return(c, value_object(server));
  Value thrown = vm->thrown;
  operation_cancel(vm, &server->op);
  vm->thrown = thrown;
  return NATIVE_THROW;
}
