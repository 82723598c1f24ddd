// Between the files of the module net.
#ifndef LULL_LIB_NET_H
#define LULL_LIB_NET_H

#include "lib/stream.h"
#include "loop/socket.h"
#include "loop/tls.h"

// Name resolution for the library's modules: from literals, /etc/hosts, and the servers of the system.
//
// A lookup belongs to the operation that embeds it. done is called once, from net_lookup_start or later, with the
// addresses in the order in which to try them, or with a code ("ENOTFOUND") and a text.
struct net_lookup {
  struct lull *vm;
  void *query;  // NULL: over
  void (*done)(struct net_lookup *l, const struct address *addresses, u32 count, const char *code, const char *text);
};

void net_lookup_start(struct lull *vm, struct net_lookup *l, const char *name, u16 port);
void net_lookup_stop(struct net_lookup *l);

// TLS of this state, loaded at first use. NULL: thrown (its libraries are not installed).
struct tls *net_tls(struct lull *vm);
// For reading files that the program names: where these are denied, that is thrown.
struct tls *net_tls_files(struct call *c);
// For connecting with the trust of the system; kept by the state. NULL: [why] is filled. After net_tls only.
struct tls_context *net_trust(struct lull *vm, char *why, size_t size);
// Starts TLS on a fresh stream; [done] is called from the loop when the handshake is over, with the stream's
// read_error or write_error set where it failed.
void net_handshake(struct stream *s, struct stream_filter *filter, void (*done)(struct stream *s));

// Arguments. "unix:/path" or a path as a local socket; else *a is not set and *port is the port of argument [i].
enum net_place { NET_ERROR, NET_UNIX, NET_PORT };
enum net_place arg_place(struct call *c, u32 i, struct address *a, u16 *port);
bool arg_port(struct call *c, u32 i, u16 *port);
// A numeric address; "localhost" too.
bool arg_host(struct call *c, u32 i, const char *otherwise, u16 port, struct address *a);
// A bool option; its default where it is not given.
bool arg_flag(struct call *c, u32 i, bool otherwise);

enum native_status net_connect(struct call *c);
enum native_status net_serve(struct call *c);
enum native_status net_udp(struct call *c);

#endif
