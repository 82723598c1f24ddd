#include "loop/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/library.h"

#define CHUNK 16384  // the most a record holds

// clang-format off

// The functions in use: library, result, name, parameters.
#define TLS_FUNCTIONS(SSL_, CRYPTO_) \
  SSL_(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *)) \
  SSL_(void, SSL_CTX_free, (SSL_CTX *)) \
  SSL_(const SSL_METHOD *, TLS_client_method, (void)) \
  SSL_(const SSL_METHOD *, TLS_server_method, (void)) \
  SSL_(long, SSL_CTX_ctrl, (SSL_CTX *, int, long, void *)) \
  SSL_(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *)) \
  SSL_(int, SSL_CTX_load_verify_locations, (SSL_CTX *, const char *, const char *)) \
  SSL_(void, SSL_CTX_set_verify, (SSL_CTX *, int, SSL_verify_cb)) \
  SSL_(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX *, const char *)) \
  SSL_(int, SSL_CTX_use_PrivateKey_file, (SSL_CTX *, const char *, int)) \
  SSL_(int, SSL_CTX_check_private_key, (const SSL_CTX *)) \
  SSL_(SSL *, SSL_new, (SSL_CTX *)) \
  SSL_(void, SSL_free, (SSL *)) \
  SSL_(void, SSL_set_bio, (SSL *, BIO *, BIO *)) \
  SSL_(void, SSL_set_connect_state, (SSL *)) \
  SSL_(void, SSL_set_accept_state, (SSL *)) \
  SSL_(long, SSL_ctrl, (SSL *, int, long, void *)) \
  SSL_(int, SSL_set1_host, (SSL *, const char *)) \
  SSL_(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *)) \
  SSL_(int, SSL_do_handshake, (SSL *)) \
  SSL_(int, SSL_read, (SSL *, void *, int)) \
  SSL_(int, SSL_write, (SSL *, const void *, int)) \
  SSL_(int, SSL_shutdown, (SSL *)) \
  SSL_(int, SSL_get_error, (const SSL *, int)) \
  SSL_(long, SSL_get_verify_result, (const SSL *)) \
  SSL_(const char *, SSL_get_version, (const SSL *)) \
  CRYPTO_(BIO *, BIO_new, (const BIO_METHOD *)) \
  CRYPTO_(int, BIO_free, (BIO *)) \
  CRYPTO_(const BIO_METHOD *, BIO_s_mem, (void)) \
  CRYPTO_(int, BIO_read, (BIO *, void *, int)) \
  CRYPTO_(int, BIO_write, (BIO *, const void *, int)) \
  CRYPTO_(size_t, BIO_ctrl_pending, (BIO *)) \
  CRYPTO_(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *, const char *)) \
  CRYPTO_(const char *, X509_verify_cert_error_string, (long)) \
  CRYPTO_(unsigned long, ERR_get_error, (void)) \
  CRYPTO_(void, ERR_clear_error, (void)) \
  CRYPTO_(const char *, ERR_reason_error_string, (unsigned long))

#define NONE(result, name, params)
// clang-format on

struct tls {
  struct alloc *alloc;
#define MEMBER(result, name, params) result(*name) params;
  TLS_FUNCTIONS(MEMBER, MEMBER)
#undef MEMBER
};

struct tls_context {
  struct tls *tls;
  SSL_CTX *ctx;
  bool is_verified;
  bool is_server;
};

struct tls_filter {
  struct stream_filter filter;
  struct tls *tls;
  SSL *ssl;
  BIO *in, *out;  // owned by ssl
  bool is_ready, is_over;
  const char *code;
  char text[160];
};

static struct tls_filter *filter_of(const struct stream_filter *f)
{
  return CONTAINER_OF(f, struct tls_filter, filter);
}

struct tls *tls_create(struct alloc *alloc, const char **why)
{
#define SYMBOL(result, name, params) { #name, offsetof(struct tls, name) },
  static const struct library_symbol ssl[] = { TLS_FUNCTIONS(SYMBOL, NONE) };
  static const struct library_symbol crypto[] = { TLS_FUNCTIONS(NONE, SYMBOL) };
#undef SYMBOL
  struct tls *tls = mem_alloc_zero(alloc, sizeof *tls);
  *why = "out of memory";
  if (!tls) return NULL;
  tls->alloc = alloc;
  if (library_bind(LULL_LIBSSL, ssl, COUNT_OF(ssl), tls, why) &&
      library_bind(LULL_LIBCRYPTO, crypto, COUNT_OF(crypto), tls, why))
    return tls;
  tls_destroy(tls);
  return NULL;
}

void tls_destroy(struct tls *tls)
{
  if (tls) mem_free(tls->alloc, tls, sizeof *tls);
}

// Contexts

static const char *reason(const struct tls *tls)
{
  unsigned long error = tls->ERR_get_error();
  const char *text = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : tls->ERR_reason_error_string(error);
  return text ? text : "it cannot be used";
}

static struct tls_context *context_new(struct tls *tls, const SSL_METHOD *method, bool is_server)
{
  struct tls_context *context = mem_alloc_zero(tls->alloc, sizeof *context);
  if (!context) return NULL;
  *context = (struct tls_context){ .tls = tls, .ctx = tls->SSL_CTX_new(method), .is_server = is_server };
  if (context->ctx) {
    tls->SSL_CTX_ctrl(context->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
    tls->SSL_CTX_ctrl(context->ctx, SSL_CTRL_MODE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
                      NULL);
    return context;
  }
  tls_context_destroy(context);
  return NULL;
}

void tls_context_destroy(struct tls_context *context)
{
  if (!context) return;
  if (context->ctx) context->tls->SSL_CTX_free(context->ctx);
  mem_free(context->tls->alloc, context, sizeof *context);
}

static struct tls_context *refuse(struct tls_context *context, const char *what, char *why, size_t size)
{
  snprintf(why, size, "%s: %s", what, reason(context->tls));
  tls_context_destroy(context);
  return NULL;
}

struct tls_context *tls_client_context(struct tls *tls, bool is_verified, const char *ca, char *why, size_t size)
{
  struct tls_context *context = context_new(tls, tls->TLS_client_method(), false);
  snprintf(why, size, "out of memory");
  if (!context) return NULL;
  context->is_verified = is_verified;
  tls->ERR_clear_error();
  if (!is_verified) return context;
  tls->SSL_CTX_set_verify(context->ctx, SSL_VERIFY_PEER, NULL);
  int ok = ca ? tls->SSL_CTX_load_verify_locations(context->ctx, ca, NULL)
              : tls->SSL_CTX_set_default_verify_paths(context->ctx);
  return ok == 1 ? context : refuse(context, ca ? ca : "the certificates of the system", why, size);
}

struct tls_context *tls_server_context(struct tls *tls, const char *cert, const char *key, char *why, size_t size)
{
  struct tls_context *context = context_new(tls, tls->TLS_server_method(), true);
  snprintf(why, size, "out of memory");
  if (!context) return NULL;
  tls->ERR_clear_error();
  if (tls->SSL_CTX_use_certificate_chain_file(context->ctx, cert) != 1) return refuse(context, cert, why, size);
  if (tls->SSL_CTX_use_PrivateKey_file(context->ctx, key, SSL_FILETYPE_PEM) != 1 ||
      tls->SSL_CTX_check_private_key(context->ctx) != 1)
    return refuse(context, key, why, size);
  return context;
}

// Connections

// Moves what is to be sent into the stream.
static void drain(struct tls_filter *f, struct loop_stream *s)
{
  for (size_t n; (n = f->tls->BIO_ctrl_pending(f->out)) > 0;) {
    char *to = buf_reserve(&s->out, n);
    if (!to) return;
    int got = f->tls->BIO_read(f->out, to, (int)n);
    if (got <= 0) return;
    s->out.len += (size_t)got;
    s->out.data[s->out.len] = 0;
  }
}

// Names of the failures of verification one may want to tell apart.
static const char *cert_code(long result)
{
  switch (result) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
  case X509_V_ERR_CERT_NOT_YET_VALID: return "ECERTEXPIRED";
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: return "ECERTHOST";
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return "ECERTISSUER";
  default: return "ECERT";
  }
}

static int fail(struct tls_filter *f, const char *code, const char *text)
{
  f->code = code;
  snprintf(f->text, sizeof f->text, "%s", text);
  return -1;
}

static int fail_ssl(struct tls_filter *f)
{
  long verified = f->is_ready ? X509_V_OK : f->tls->SSL_get_verify_result(f->ssl);
  if (verified != X509_V_OK) {
    fail(f, cert_code(verified), f->tls->X509_verify_cert_error_string(verified));
    return -1;
  }
  snprintf(f->text, sizeof f->text, "TLS: %s", reason(f->tls));
  f->code = "ETLS";
  return -1;
}

static bool wants_more(struct tls_filter *f, int result)
{
  int error = f->tls->SSL_get_error(f->ssl, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static int handshake(struct tls_filter *f)
{
  f->tls->ERR_clear_error();
  int result = f->tls->SSL_do_handshake(f->ssl);
  if (result == 1) f->is_ready = true;
  return result == 1 || wants_more(f, result) ? 0 : fail_ssl(f);
}

static int read_plain(struct tls_filter *f, struct loop_stream *s)
{
  for (;;) {
    char *to = buf_reserve(&s->in, CHUNK);
    if (!to) return 0;  // the stream sees that its buffer has failed
    f->tls->ERR_clear_error();
    int n = f->tls->SSL_read(f->ssl, to, CHUNK);
    if (n > 0) {
      s->in.len += (size_t)n;
      s->in.data[s->in.len] = 0;
      continue;
    }
    int error = f->tls->SSL_get_error(f->ssl, n);
    if (error == SSL_ERROR_ZERO_RETURN) {
      f->is_over = s->is_ended = true;
      return 0;
    }
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : fail_ssl(f);
  }
}

static int filter_input(struct stream_filter *filter, struct loop_stream *s, const char *bytes, size_t len)
{
  struct tls_filter *f = filter_of(filter);
  // Without its own end the connection may have been cut by somebody.
  if (len == 0) return f->is_over ? 0 : fail(f, "ETLS", "the connection was cut off (TLS was not closed)");
  if (f->is_over) return 0;
  if (f->tls->BIO_write(f->in, bytes, (int)len) != (int)len) return fail(f, "ETLS", "TLS: out of memory");
  int error = f->is_ready ? 0 : handshake(f);
  if (!error && f->is_ready) error = read_plain(f, s);
  drain(f, s);
  return error;
}

static int filter_output(struct stream_filter *filter, struct loop_stream *s, const char *bytes, size_t len,
                         size_t *taken)
{
  struct tls_filter *f = filter_of(filter);
  f->tls->ERR_clear_error();
  int n = f->tls->SSL_write(f->ssl, bytes, (int)len);
  drain(f, s);
  if (n > 0) *taken = (size_t)n;
  return n > 0 || wants_more(f, n) ? 0 : fail_ssl(f);
}

static int filter_end(struct stream_filter *filter, struct loop_stream *s)
{
  struct tls_filter *f = filter_of(filter);
  f->tls->ERR_clear_error();
  if (f->is_ready) f->tls->SSL_shutdown(f->ssl);
  drain(f, s);
  return 0;
}

static const char *filter_fault(struct stream_filter *filter, const char **code)
{
  *code = filter_of(filter)->code;
  return filter_of(filter)->text;
}

static void filter_destroy(struct stream_filter *filter)
{
  struct tls_filter *f = filter_of(filter);
  if (f->ssl) f->tls->SSL_free(f->ssl);
  mem_free(f->tls->alloc, f, sizeof *f);
}

// The name is sent (SNI) and checked; addresses are only checked.
static bool set_host(struct tls_filter *f, const char *host, bool is_verified)
{
  struct in6_addr ignored;
  bool is_address = inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1;
  const struct tls *tls = f->tls;
  if (is_address) return !is_verified || tls->X509_VERIFY_PARAM_set1_ip_asc(tls->SSL_get0_param(f->ssl), host) == 1;
  // The type of this parameter drops const.
  char name[256];
  snprintf(name, sizeof name, "%s", host);
  return tls->SSL_ctrl(f->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name) == 1 &&
         (!is_verified || tls->SSL_set1_host(f->ssl, host) == 1);
}

static bool set_buffers(struct tls_filter *f)
{
  f->in = f->tls->BIO_new(f->tls->BIO_s_mem());
  f->out = f->tls->BIO_new(f->tls->BIO_s_mem());
  if (f->in && f->out) {
    f->tls->SSL_set_bio(f->ssl, f->in, f->out);
    return true;
  }
  f->tls->BIO_free(f->in);
  f->tls->BIO_free(f->out);
  return false;
}

struct stream_filter *tls_filter_create(struct tls_context *context, const char *host)
{
  struct tls *tls = context->tls;
  struct tls_filter *f = mem_alloc_zero(tls->alloc, sizeof *f);
  if (!f) return NULL;
  f->filter = (struct stream_filter){
    .input = filter_input, .output = filter_output, .end = filter_end, .fault = filter_fault, .destroy = filter_destroy
  };
  f->tls = tls;
  f->ssl = tls->SSL_new(context->ctx);
  bool ok = f->ssl && set_buffers(f) && (!host || set_host(f, host, context->is_verified));
  if (!ok) {
    filter_destroy(&f->filter);
    return NULL;
  }
  if (context->is_server) tls->SSL_set_accept_state(f->ssl);
  else tls->SSL_set_connect_state(f->ssl);
  return &f->filter;
}

void tls_filter_start(struct stream_filter *filter, struct loop_stream *s)
{
  struct tls_filter *f = filter_of(filter);
  handshake(f);
  drain(f, s);
  loop_stream_flush(s);
}

bool tls_filter_is_ready(const struct stream_filter *f) { return filter_of(f)->is_ready; }

const char *tls_filter_version(const struct stream_filter *f)
{
  return filter_of(f)->tls->SSL_get_version(filter_of(f)->ssl);
}
