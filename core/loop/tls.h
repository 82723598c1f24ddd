// TLS between a stream and its owner, by OpenSSL on memory buffers. The library is opened when TLS is first wanted.
#ifndef LULL_LOOP_TLS_H
#define LULL_LOOP_TLS_H

#include "loop/stream.h"

struct tls;          // the library, bound; one for each state
struct tls_context;  // what many connections share: trust, or a certificate

// NULL with *why set: it is not installed, or no memory.
struct tls *tls_create(struct alloc *alloc, const char **why);
void tls_destroy(struct tls *tls);  // all contexts and filters must be gone; NULL is nothing

// For connecting. [ca]: path of a file with trusted certificates, NULL for those of the system. NULL: [why] is filled.
struct tls_context *tls_client_context(struct tls *tls, bool is_verified, const char *ca, char *why, size_t size);
// For serving, with the certificate chain and the key in two PEM files.
struct tls_context *tls_server_context(struct tls *tls, const char *cert, const char *key, char *why, size_t size);
void tls_context_destroy(struct tls_context *context);  // filters made of it go on; NULL is nothing

// One connection: to the host of that name or address, or with NULL the server's side. NULL: no memory.
struct stream_filter *tls_filter_create(struct tls_context *context, const char *host);
// Sends the first message of the handshake, where it is ours to send. To be called once the filter is the stream's.
void tls_filter_start(struct stream_filter *f, struct loop_stream *s);
bool tls_filter_is_ready(const struct stream_filter *f);        // the handshake is over
const char *tls_filter_version(const struct stream_filter *f);  // "TLSv1.3"

#endif
