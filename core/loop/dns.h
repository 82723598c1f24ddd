// Names to addresses, by c-ares: /etc/hosts and the name servers of the system. The library is opened at first use.
#ifndef LULL_LOOP_DNS_H
#define LULL_LOOP_DNS_H

#include <ev.h>

#include "loop/address.h"

struct dns;  // a resolver; it reads the system's settings once, when it is made
struct dns_query;

// [servers]: "10.0.0.1,10.0.0.2:5353"; NULL: those of the system. NULL: *why says what is missing.
struct dns *dns_create(struct ev_loop *loop, struct alloc *alloc, const char *servers, const char **why);
// Pending queries are never answered. Not from within an answer. NULL is nothing.
void dns_destroy(struct dns *dns);
double dns_age(const struct dns *dns);    // seconds
bool dns_is_idle(const struct dns *dns);  // no query is pending

// The answer: addresses in the order to try them, with the port; or a code ("ENOTFOUND") and a text. Called once,
// maybe from within dns_start.
typedef void (*dns_answer)(void *user, const struct address *addresses, u32 count, const char *code, const char *text);

// Until it is answered it may be stopped. NULL: no memory, or answered already.
struct dns_query *dns_start(struct dns *dns, const char *name, u16 port, dns_answer answer, void *user);
// It will not be answered.
void dns_stop(struct dns_query *query);

#endif
