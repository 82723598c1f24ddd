// net: connections, servers, datagrams and names.
#include "lib/net.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "lib/lib.h"
#include "loop/dns.h"

#define RESOLVER_AGE 10.0  // seconds after which the system's name servers are looked up anew

struct net_part {
  struct dns *dns;
  struct tls *tls;
  struct tls_context *trust;  // in the system's certificates: reading them takes a while
};

static void part_fini(struct lull *vm, void *data)
{
  struct net_part *part = data;
  (void)vm;
  dns_destroy(part->dns);
  tls_context_destroy(part->trust);
  tls_destroy(part->tls);
}

static const struct vm_part_type part_type = { .size = sizeof(struct net_part), .fini = part_fini };

struct tls *net_tls(struct lull *vm)
{
  struct net_part *part = vm_part(vm, &part_type);
  const char *why;
  if (!part) return throw_memory(vm), NULL;
  if (part->tls) return part->tls;
  part->tls = tls_create(&vm->alloc, &why);
  if (!part->tls) throw_error(vm, vm->errors.unsupported, "TLS needs OpenSSL, which could not be loaded: %s", why);
  return part->tls;
}

struct tls *net_tls_files(struct call *c)
{
  if (!sys_is_denied(SYS_FILES)) return net_tls(c->vm);
  throw_errno(c, EPERM, "%s: the files of TLS", c->native->name);
  return NULL;
}

struct tls_context *net_trust(struct lull *vm, char *why, size_t size)
{
  struct net_part *part = vm_part(vm, &part_type);
  if (!part->trust) part->trust = tls_client_context(part->tls, true, NULL, why, size);
  return part->trust;
}

// Names

static void on_answer(void *user, const struct address *addresses, u32 count, const char *code, const char *text)
{
  struct net_lookup *l = user;
  l->query = NULL;
  l->done(l, addresses, count, code, text);
}

static void look_up(struct lull *vm, struct net_lookup *l, struct dns **dns, const char *name, u16 port,
                    const char *servers)
{
  const char *why;
  l->vm = vm;
  if (sys_is_denied(SYS_NET)) {
    l->done(l, NULL, 0, "EPERM", "the network is denied to this run");
    return;
  }
  if (!*dns) *dns = dns_create(vm->loop, &vm->alloc, servers, &why);
  if (*dns) l->query = dns_start(*dns, name, port, on_answer, l);
  else l->done(l, NULL, 0, "EDNS", why);
}

void net_lookup_start(struct lull *vm, struct net_lookup *l, const char *name, u16 port)
{
  struct net_part *part = vm_part(vm, &part_type);
  l->vm = vm;
  if (!part) {
    l->done(l, NULL, 0, "ENOMEM", "out of memory");
    return;
  }
  bool is_old = part->dns && dns_is_idle(part->dns) && dns_age(part->dns) > RESOLVER_AGE;
  if (is_old) dns_destroy(part->dns);
  if (is_old) part->dns = NULL;
  look_up(vm, l, &part->dns, name, port, NULL);
}

void net_lookup_stop(struct net_lookup *l)
{
  if (l->query) dns_stop(l->query);
  l->query = NULL;
}

struct lookup {
  struct operation op;
  struct net_lookup lookup;
  struct string *name;
  struct dns *own;  // of a lookup with servers of its own
};

static void on_found(struct net_lookup *l, const struct address *addresses, u32 count, const char *code,
                     const char *text)
{
  struct lookup *op = CONTAINER_OF(l, struct lookup, lookup);
  struct lull *vm = l->vm;
  if (code) {
    const char *name = string_cstr(&vm->heap, op->name);
    operation_fail(vm, &op->op, error_with_code(vm, code, "look up %s: %s", name, text));
    return;
  }
  struct list *list = list_new(&vm->heap, count);
  for (u32 i = 0; list && i < count; i++) {
    struct string *host = address_string(vm, &addresses[i], false);
    if (!host || !list_push(&vm->heap, list, value_object(host))) vm->heap.exhausted = true;
  }
  operation_resolve(vm, &op->op, list ? value_object(list) : NIL);
}

static void describe_lookup(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "look up ");
  string_write(((struct lookup *)op)->name, out);
}

static void abandon_lookup(struct lull *vm, struct operation *op)
{
  (void)vm;
  net_lookup_stop(&((struct lookup *)op)->lookup);
}

static void mark_lookup(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct lookup *)(void *)o)->name);
}

static void finish_lookup(struct heap *heap, struct object *o)
{
  struct lookup *op = (struct lookup *)(void *)o;
  (void)heap;
  net_lookup_stop(&op->lookup);
  dns_destroy(op->own);
}

static const struct operation_type lookup_type = {
  .class = { .name = "lookup",
             .is_deferred = true,
             .size = sizeof(struct lookup),
             .mark = mark_lookup,
             .finish = finish_lookup },
  .describe = describe_lookup,
  .abandon = abandon_lookup,
};

static enum native_status net_lookup_name(struct call *c)
{
  struct lull *vm = c->vm;
  const char *name, *servers = NULL;
  if (!arg_cstring(c, 0, &name)) return NATIVE_THROW;
  if (arg_given(c, 1) && !is_nil(c->args[1]) && !arg_cstring(c, 1, &servers)) return NATIVE_THROW;
  struct lookup *op = operation_new(vm, &lookup_type, NIL);
  if (!op) return throw_memory(vm);
  op->name = AS_STRING(c->args[0]);
  op->lookup.done = on_found;
  if (servers) look_up(vm, &op->lookup, &op->own, name, 0, servers);
  else net_lookup_start(vm, &op->lookup, name, 0);
  return native_return(c, value_object(op));
}

// Arguments

bool arg_flag(struct call *c, u32 i, bool otherwise)
{
  return arg_given(c, i) && !is_nil(c->args[i]) ? !is_falsy(c->args[i]) : otherwise;
}

bool arg_port(struct call *c, u32 i, u16 *port)
{
  i64 n;
  if (!arg_int(c, i, &n)) return false;
  *port = (u16)n;
  if (n >= 0 && n <= UINT16_MAX) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: a port is between 0 and 65535, not %lld", c->native->name, (long long)n);
  return false;
}

enum net_place arg_place(struct call *c, u32 i, struct address *a, u16 *port)
{
  if (!IS_STRING(c->args[i])) {
    if (is_int(c->args[i])) return arg_port(c, i, port) ? NET_PORT : NET_ERROR;
    arg_fail(c, i, "a port or \"unix:/path\"");
    return NET_ERROR;
  }
  const char *text;
  if (!arg_cstring(c, i, &text)) return NET_ERROR;
  bool is_unix = strncmp(text, "unix:", 5) == 0;
  if (!is_unix && text[0] != '/') {
    throw_error(c->vm, c->vm->errors.value, "%s: expected a port or \"unix:/path\", not \"%s\"", c->native->name, text);
    return NET_ERROR;
  }
  if (is_unix) text += 5;
  if (address_unix(a, text)) return NET_UNIX;
  throw_error(c->vm, c->vm->errors.value, "%s: the path of a socket is too long: %s", c->native->name, text);
  return NET_ERROR;
}

bool arg_host(struct call *c, u32 i, const char *otherwise, u16 port, struct address *a)
{
  const char *host = otherwise;
  if (arg_given(c, i) && !is_nil(c->args[i]) && !arg_cstring(c, i, &host)) return false;
  if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
  if (address_parse(a, host, port)) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: `host` must be an address such as \"0.0.0.0\" or \"::1\", not \"%s\"",
              c->native->name, host);
  return false;
}

// The module

static const struct native natives[] = {
  { "connect", net_connect, 1, 8, 0,
    "connect(host, port = nil, tls = false, timeout = nil, verify = true, ca = nil, nodelay = true, keepalive = false)",
    "A deferred of a stream: a TCP connection to a name or address; `\"unix:/path\"` is a local socket.\n"
    "All addresses of the name are tried. `tls`: encrypts, with the host's certificate checked; `verify: false` does not "
    "check it, `ca` is the path of a file of certificates to trust instead of the system's. `timeout`: seconds until it "
    "is given up with a TimeoutError; none by default. `nodelay`: small writes go out at once. `keepalive`: a dead peer is noticed.\n"
    "Throws an IOError with the host and port in its message and a code: \"ECONNREFUSED\", \"ENOTFOUND\" (no such name), "
    "\"ECERTEXPIRED\", \"ECERTHOST\", \"ECERTISSUER\", \"ETLS\" ...\n"
    "`let s = await net.connect(\"example.org\", 443, tls: true, timeout: 5s)`" },
  { "serve", net_serve, 2, 6, 0, "serve(port, handler, host = \"127.0.0.1\", mode = nil, tls = nil, shared = false)",
    "Listens, and calls handler(stream) in a task of its own for each connection, which is closed when that has ended.\n"
    "`port`: 0 for any that is free, or \"unix:/path\". `host`: the address to listen at; \"0.0.0.0\" is reached from other machines. "
    "`mode`: who may use a local socket (0o600). `tls`: {cert, key}, the paths of two PEM files. `shared`: other processes may listen at the "
    "same port.\nGives a server: `.port`, `.connections`, `.close()`, `.handler`. "
    "`net.serve(8080, c => c.pipe(c))`" },
  { "udp", net_udp, 0, 2, 0, "udp(port = 0, host = \"0.0.0.0\")",
    "A socket for datagrams.\n`port`: 0 for any that is free. `host`: the address it belongs to, \"::\" for IPv6. `let u = net.udp(5000)`" },
  { "lookup", net_lookup_name, 1, 2, 0, "lookup(name, servers = nil)",
    "A deferred of the addresses of a name, as strings, in the order in which they are tried.\n"
    "`servers`: name servers to ask instead of the system's, \"10.0.0.1,10.0.0.2:5353\". Throws an IOError with code \"ENOTFOUND\" where "
    "there are none. `await net.lookup(\"localhost\")`" },
};

bool lib_open_net(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
