#include "exchange.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "response.h"

// --- for the daemon

static void link_exchange(struct server *server, struct exchange *e)
{
  e->next = server->exchanges;
  if (e->next) e->next->prev = e;
  server->exchanges = e;
  lull_changed(server->lull, server);
}

static void unlink_exchange(struct server *server, struct exchange *e)
{
  if (e->prev) e->prev->next = e->next;
  else server->exchanges = e->next;
  if (e->next) e->next->prev = e->prev;
  e->next = e->prev = NULL;
}

static struct exchange *begin(struct server *server, struct MHD_Connection *connection, const char *url,
                              const char *method)
{
  struct lull *lull = server->lull;
  struct exchange *e = lull_new(lull, &exchange_class, NULL);
  if (!e) return NULL;
  e->lull = lull;
  e->method = e->path = e->params = e->query = e->headers = e->json = lull_nil();
  octets_init(&e->body, lull);
  octets_init(&e->out, lull);
  struct lull_value name = lull_string_of(lull, method), path = lull_string_of(lull, url);
  if (lull_is_absent(name) || lull_is_absent(path)) return NULL;
  lull_store(lull, e, &e->method, name);
  lull_store(lull, e, &e->path, path);
  e->server = server;
  e->connection = connection;
  server->served++;
  link_exchange(server, e);
  return e;
}

void exchange_resume(struct exchange *e)
{
  if (!e->is_suspended || !e->connection) return;
  e->is_suspended = false;
  MHD_resume_connection(e->connection);
  server_kick(e->server);
}

void exchange_refuse(struct exchange *e, unsigned status, const char *text)
{
  if (e->is_answered || !e->connection) return;
  e->is_answered = true;
  e->status = status;
  e->response = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
  if (e->response) MHD_add_response_header(e->response, "Content-Type", "text/plain; charset=utf-8");
  exchange_resume(e);
}

static bool on_done(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value v)
{
  (void)lull;
  (void)v;
  if (outcome == LULL_VALUE || outcome == LULL_DROPPED) return true;
  struct exchange *e = user;
  exchange_refuse(e, MHD_HTTP_INTERNAL_SERVER_ERROR, "Internal Server Error\n");
  e->is_out_failed = e->is_out_ended = true;  // where it had begun already
  exchange_resume(e);
  return false;
}

static enum MHD_Result queue(struct exchange *e)
{
  enum MHD_Result result = MHD_queue_response(e->connection, e->status, e->response);
  MHD_destroy_response(e->response);
  e->response = NULL;
  return result;
}

static void begin_answer(struct exchange *e)
{
  struct link *link = link_of(e->connection);
  if (link) link->is_busy = true;
  e->is_started = true;
}

static enum MHD_Result no_memory(struct exchange *e)
{
  server_is_short(e->server, ENOMEM);
  exchange_refuse(e, MHD_HTTP_SERVICE_UNAVAILABLE, "Out of memory.\n");
  return e->response ? queue(e) : MHD_NO;
}

static enum MHD_Result refuse_body(struct exchange *e)
{
  begin_answer(e);
  if (e->is_body_lost) return no_memory(e);
  exchange_refuse(e, MHD_HTTP_CONTENT_TOO_LARGE, "The body is too large.\n");
  return e->response ? queue(e) : no_memory(e);
}

// All of the request is there.
static enum MHD_Result answer(struct server *server, struct exchange *e)
{
  struct lull_value args[] = { lull_object(e), server->handler };
  if (e->is_too_large || e->is_body_lost) return refuse_body(e);
  begin_answer(e);
  if (!lull_start_now(server->lull, lull_tag_of(server), server->answer, args, 2, on_done, e)) return no_memory(e);
  if (e->response) return queue(e);
  if (e->is_answered) return no_memory(e);  // not even for a response
  e->is_suspended = true;
  MHD_suspend_connection(e->connection);
  return MHD_YES;
}

// A body is known to be too large before any of it comes.
static bool is_announced_too_large(const struct server *server, struct MHD_Connection *connection)
{
  const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  return text && strtoull(text, NULL, 10) > (unsigned long long)server->max_body;
}

static void take_body(struct server *server, struct exchange *e, const char *bytes, size_t len)
{
  if (e->is_too_large || e->is_body_lost) return;
  e->is_too_large = (int64_t)(e->body.len + len) > server->max_body;
  e->is_body_lost = !e->is_too_large && !octets_append(&e->body, bytes, len);
  if (e->is_too_large || e->is_body_lost) octets_fini(&e->body);
}

enum MHD_Result exchange_access(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *bytes, size_t *len, void **known)
{
  struct server *server = user;
  struct exchange *e = *known;
  (void)version;
  if (!e) {
    link_asked(link_of(connection));
    *known = e = begin(server, connection, url, method);
    if (!e) server_is_short(server, ENOMEM);
    if (!e) return MHD_NO;
    // Any other answer to a head alone would close the connection too.
    return is_announced_too_large(server, connection) ? refuse_body(e) : MHD_YES;
  }
  if (*len > 0) {
    take_body(server, e, bytes, *len);
    *len = 0;
    return MHD_YES;
  }
  if (e->response) return queue(e);
  return e->is_started ? MHD_NO : answer(server, e);
}

void exchange_completed(void *user, struct MHD_Connection *connection, void **known, enum MHD_RequestTerminationCode code)
{
  struct server *server = user;
  struct exchange *e = *known;
  (void)code;
  if (!e) return;
  *known = NULL;
  unlink_exchange(server, e);
  link_rests(link_of(connection));
  e->connection = NULL;
  e->server = NULL;
  if (e->room) lull_resolve(e->lull, e->room, lull_nil());
  e->room = NULL;
  octets_fini(&e->out);
  server_left(server);
}

// --- the request as a value

static struct exchange *self(struct lull_call *c) { return lull_arg_data(c, 0, &exchange_class); }

static enum lull_status get_method(struct lull_call *c) { return lull_return(c, self(c)->method); }

static enum lull_status get_path(struct lull_call *c) { return lull_return(c, self(c)->path); }

static enum lull_status get_params(struct lull_call *c)
{
  struct exchange *e = self(c);
  return lull_return(c, lull_is_nil(e->params) ? lull_map(lull_of(c)) : e->params);
}

struct pairs {
  struct lull *lull;
  struct lull_value map;
  bool is_header;
  bool is_short;  // of memory: some are missing
};

static enum MHD_Result put_pair(void *user, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *value,
                                size_t len)
{
  struct pairs *p = user;
  struct lull *lull = p->lull;
  char name[256];
  (void)kind;
  if (p->is_header && key_len < sizeof name) {
    for (size_t i = 0; i < key_len; i++) name[i] = (char)tolower((unsigned char)key[i]);
    key = name;
  }
  struct lull_value k = lull_string(lull, key, key_len), v = lull_string(lull, value ? value : "", value ? len : 0);
  struct lull_value before = lull_map_get(lull, p->map, k);
  if (!lull_is_absent(before) && p->is_header) {
    v = lull_format(lull, "%s, %s", lull_get_string(lull, before, NULL), lull_get_string(lull, v, NULL));
  } else if (!lull_is_absent(before)) {
    struct lull_value list = before;
    if (lull_type(lull, before) != LULL_IS_LIST) {
      list = lull_list(lull);
      p->is_short |= !lull_list_push(lull, list, before);
    }
    p->is_short |= !lull_list_push(lull, list, v);
    v = list;
  }
  p->is_short |= !lull_map_set(lull, p->map, k, v);
  return p->is_short ? MHD_NO : MHD_YES;
}

// Absent: no memory.
static struct lull_value read_pairs(struct exchange *e, enum MHD_ValueKind kind)
{
  struct pairs p = { .lull = e->lull, .map = lull_map(e->lull), .is_header = kind == MHD_HEADER_KIND };
  if (e->connection) MHD_get_connection_values_n(e->connection, kind, put_pair, &p);
  return p.is_short ? lull_absent() : p.map;
}

// Headers and the query are read when they are wanted; once the request is done with they are gone.
static struct lull_value pairs_of(struct exchange *e, struct lull_value *place, enum MHD_ValueKind kind)
{
  if (!lull_is_nil(*place)) return *place;
  struct lull_value map = read_pairs(e, kind);
  if (!lull_is_absent(map)) lull_store(e->lull, e, place, map);
  return map;
}

struct lull_value exchange_headers(struct exchange *e) { return pairs_of(e, &e->headers, MHD_HEADER_KIND); }

static enum lull_status get_query(struct lull_call *c)
{
  return lull_return(c, pairs_of(self(c), &self(c)->query, MHD_GET_ARGUMENT_KIND));
}

static enum lull_status get_headers(struct lull_call *c) { return lull_return(c, exchange_headers(self(c))); }

static enum lull_status get_header(struct lull_call *c)
{
  const char *name;
  char key[256];
  size_t len;
  if (!self(c) || !lull_arg_string(c, 1, &name, &len)) return LULL_THROW;
  if (len >= sizeof key) return lull_return(c, lull_nil());
  for (size_t i = 0; i <= len; i++) key[i] = (char)tolower((unsigned char)name[i]);
  struct lull_value headers = exchange_headers(self(c)), k = lull_string_of(lull_of(c), key);
  if (lull_is_absent(headers) || lull_is_absent(k)) return lull_return(c, lull_absent());
  struct lull_value v = lull_map_get(lull_of(c), headers, k);
  return lull_return(c, lull_is_absent(v) ? lull_nil() : v);
}

static enum lull_status get_cookies(struct lull_call *c)
{
  return lull_return(c, read_pairs(self(c), MHD_COOKIE_KIND));
}

static enum lull_status get_text(struct lull_call *c)
{
  struct exchange *e = self(c);
  return lull_return(c, lull_string(lull_of(c), octets_data(&e->body), e->body.len));
}

static enum lull_status get_bytes(struct lull_call *c)
{
  struct exchange *e = self(c);
  return lull_return(c, lull_bytes(lull_of(c), octets_data(&e->body), e->body.len));
}

static enum lull_status get_json(struct lull_call *c)
{
  struct exchange *e = self(c);
  struct lull *lull = lull_of(c);
  struct lull_value v;
  if (!lull_is_nil(e->json)) return lull_return(c, e->json);
  if (!response_parse_json(lull, lull_bytes(lull, octets_data(&e->body), e->body.len), &v)) return lull_throw_value(c, v);
  lull_store(lull, e, &e->json, v);
  return lull_return(c, v);
}

static int digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Undoes the form of URLs, in place.
static size_t unescape(char *text, size_t len)
{
  size_t to = 0;
  for (size_t i = 0; i < len; i++) {
    bool is_code = text[i] == '%' && i + 2 < len && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (is_code) text[to++] = (char)(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    else text[to++] = text[i] == '+' ? ' ' : text[i];
    if (is_code) i += 2;
  }
  return to;
}

static enum lull_status get_form(struct lull_call *c)
{
  struct exchange *e = self(c);
  struct lull *lull = lull_of(c);
  struct pairs p = { .lull = lull, .map = lull_map(lull) };
  struct octets copy;
  octets_init(&copy, lull);
  if (!octets_append(&copy, octets_data(&e->body), e->body.len)) return lull_return(c, lull_absent());
  for (char *at = copy.data, *end = at ? at + copy.len : at; at < end;) {
    char *stop = memchr(at, '&', (size_t)(end - at));
    if (!stop) stop = end;
    char *equals = memchr(at, '=', (size_t)(stop - at)), *value = equals ? equals + 1 : stop;
    if (stop > at) {
      size_t key_len = unescape(at, (size_t)((equals ? equals : stop) - at));
      put_pair(&p, MHD_POSTDATA_KIND, at, key_len, value, unescape(value, (size_t)(stop - value)));
    }
    at = stop + 1;
  }
  octets_fini(&copy);
  return lull_return(c, p.is_short ? lull_absent() : p.map);
}

static enum lull_status get_address(struct lull_call *c)
{
  struct exchange *e = self(c);
  const union MHD_ConnectionInfo *info =
      e->connection ? MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS) : NULL;
  char text[INET6_ADDRSTRLEN] = "";
  if (!info) return lull_return(c, lull_nil());
  const struct sockaddr *from = info->client_addr;
  if (from->sa_family == AF_INET)
    inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from)->sin_addr, text, sizeof text);
  else if (from->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, text, sizeof text);
  return lull_return(c, lull_string_of(lull_of(c), text));
}

static void exchange_mark(struct lull *lull, void *data)
{
  struct exchange *e = data;
  lull_mark(lull, e->method);
  lull_mark(lull, e->path);
  lull_mark(lull, e->params);
  lull_mark(lull, e->query);
  lull_mark(lull, e->headers);
  lull_mark(lull, e->json);
}

static void exchange_finish(struct lull *lull, void *data)
{
  struct exchange *e = data;
  if (!e->lull) return;
  (void)lull;
  if (e->response) MHD_destroy_response(e->response);
  octets_fini(&e->body);
  octets_fini(&e->out);
}

static int exchange_print(const void *data, char *to, size_t size)
{
  const struct exchange *e = data;
  return snprintf(to, size, "<request %s %s>", lull_get_string(e->lull, e->method, NULL),
                  lull_get_string(e->lull, e->path, NULL));
}

static const struct lull_native getters[] = {
  { "method", get_method, 0, 0, 0, "method", "\"GET\", \"POST\" ..." },
  { "path", get_path, 0, 0, 0, "path", "The path, decoded, without the query: \"/users/7\"." },
  { "params", get_params, 0, 0, 0, "params", "A map of what the route's pattern took from the path." },
  { "query", get_query, 0, 0, 0, "query", "A map of the query; what came several times is a list." },
  { "headers", get_headers, 0, 0, 0, "headers",
    "A map of the headers, their names in lower case.\nTo be read before the request is answered, as query and cookies." },
  { "cookies", get_cookies, 0, 0, 0, "cookies", "A map of the cookies." },
  { "text", get_text, 0, 0, 0, "text", "The body as text; U+FFFD stands for what is no UTF-8." },
  { "bytes", get_bytes, 0, 0, 0, "bytes", "The body as bytes." },
  { "json", get_json, 0, 0, 0, "json", "The value of a JSON body.\nWhat is no JSON is a ValueError that says where." },
  { "form", get_form, 0, 0, 0, "form", "A map of the fields of a form." },
  { "address", get_address, 0, 0, 0, "address", "The address of the client." },
};

static const struct lull_native methods[] = {
  { "header", get_header, 1, 1, 0, "header(name)", "A header by its name in any case; nil where there is none." },
};

const struct lull_class exchange_class = { .name = "request",
                                           .doc = "What a client asks for.",
                                           .methods = methods,
                                           .method_count = 1,
                                           .getters = getters,
                                           .getter_count = sizeof getters / sizeof *getters,
                                           .size = sizeof(struct exchange),
                                           .mark = exchange_mark,
                                           .finish = exchange_finish,
                                           .print = exchange_print };
