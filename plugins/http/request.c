#include "request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "response.h"
#include "upload.h"

#define REDIRECTS 10

struct session {
  struct jar *jar;
  struct lull_value base, headers;  // a string and a map, or nil
};

static const struct lull_class session_class;

// --- the operation

struct request {
  struct transfer *transfer;
  bool wants_json;
};

static void request_abandon(struct lull *lull, void *data)
{
  struct request *r = data;
  (void)lull;
  r->transfer->request = NULL;
  transfer_abort(r->transfer);
}

static void request_finish(struct lull *lull, void *data)
{
  struct request *r = data;
  (void)lull;
  if (!r->transfer) return;
  r->transfer->request = NULL;
  transfer_release(r->transfer);
  r->transfer = NULL;
}

static int request_describe(const void *data, char *to, size_t size)
{
  const struct transfer *t = ((const struct request *)data)->transfer;
  int len = snprintf(to, size, "%s %.*s", t->method, (int)t->url.len, octets_data(&t->url));
  if (t->body.len == 0 || len < 0 || (size_t)len >= size) return len;
  return len + snprintf(to + len, size - (size_t)len, ", %zu bytes so far", t->body.len);
}

const struct lull_class request_class = { .name = "http request",
                                          .size = sizeof(struct request),
                                          .is_operation = true,
                                          .is_effect = true,
                                          .describe = request_describe,
                                          .abandon = request_abandon,
                                          .finish = request_finish };

struct transfer *request_transfer(const void *request) { return ((const struct request *)request)->transfer; }

// An answer that is no success, for http.json.
static struct lull_value status_error(struct transfer *t)
{
  int head = (int)(t->body.len < 200 ? t->body.len : 200);
  return lull_error(t->lull, "IOError", "EHTTP", "%s %s: status %ld%s%.*s", t->method, octets_text(&t->url), t->status,
                    head ? ": " : "", head, octets_data(&t->body));
}

static void answer_json(struct transfer *t, void *request)
{
  struct lull *lull = t->lull;
  struct lull_value v;
  if (t->status < 200 || t->status > 299) {
    lull_fail(lull, request, status_error(t));
  } else if (response_parse_json(lull, lull_bytes(lull, octets_data(&t->body), t->body.len), &v)) {
    lull_resolve(lull, request, v);
  } else {
    lull_fail(lull, request, v);
  }
}

void request_answered(struct transfer *t)
{
  struct request *request = t->request;
  t->request = NULL;
  if (t->is_ended && t->code != CURLE_OK) lull_fail(t->lull, request, transfer_error(t));
  else if (request->wants_json) answer_json(t, request);
  else lull_resolve(t->lull, request, response_new(t));
}

// --- what is asked for

// Where the arguments of a native lie: its options follow one another from `options` on.
struct ask {
  const char *method;
  size_t url, body, options;  // body 0: it sends none
  bool wants_json;
  struct session *session;
};

enum { BODY, BODY_JSON, BODY_FORM };
enum { HEADERS, QUERY, TIMEOUT, REDIRECT, USER, STREAM, PROXY, VERIFY, CA, MAX_BODY, OPTION_COUNT };
#define OPTIONS \
  "headers = nil, query = nil, timeout = nil, redirects = 10, user = nil, stream = false, proxy = nil, verify = true, " \
  "ca = nil, max_body = 1073741824)"

// Adds `name=value` to the query, once for each element of a list.
static bool add_query(struct lull_call *c, CURLU *u, const char *name, struct lull_value v)
{
  struct lull *lull = lull_of(c);
  size_t count = lull_type(lull, v) == LULL_IS_LIST ? lull_list_len(v) : 1;
  if (lull_is_nil(v)) return true;
  for (size_t i = 0; i < count; i++) {
    struct lull_value item = lull_type(lull, v) == LULL_IS_LIST ? lull_list_get(v, i) : v;
    const char *text = octets_plain(lull, item);
    if (!text) {
      lull_throw(c, "TypeError", "the query's `%s` must be a string without a NUL, a number or a list of them, not %s", name,
                 lull_type_name(lull, item));
      return false;
    }
    const char *pair = lull_get_string(lull, lull_format(lull, "%s=%s", name, text), NULL);
    if (!pair || curl_url_set(u, CURLUPART_QUERY, pair, CURLU_APPENDQUERY | CURLU_URLENCODE) != CURLUE_OK) {
      lull_throw(c, "LimitError", "the query is too long");
      return false;
    }
  }
  return true;
}

static bool set_query(struct lull_call *c, CURLU *u, size_t arg)
{
  struct lull *lull = lull_of(c);
  if (!lull_arg_has(c, arg)) return true;
  if (!lull_arg_map(c, arg)) return false;
  struct lull_value key, v;
  for (uint32_t at = 0; lull_map_next(lull_arg(c, arg), &at, &key, &v);) {
    const char *name = octets_plain(lull, key);
    if (!name) lull_throw(c, "TypeError", "a key of the query must be a string without a NUL, not %s", lull_type_name(lull, key));
    if (!name || !add_query(c, u, name, v)) return false;
  }
  return true;
}

static bool parse_url(struct lull_call *c, const struct ask *ask, CURLU *u)
{
  struct lull *lull = lull_of(c);
  const char *url, *base = ask->session ? lull_get_string(lull, ask->session->base, NULL) : NULL;
  const unsigned flags = CURLU_GUESS_SCHEME | CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;
  if (!lull_arg_string(c, ask->url, &url, NULL)) return false;
  CURLUcode code = base ? curl_url_set(u, CURLUPART_URL, base, flags) : CURLUE_OK;
  if (code == CURLUE_OK) code = curl_url_set(u, CURLUPART_URL, url, flags);
  char *scheme = NULL;
  if (code == CURLUE_OK) code = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
  bool is_http = scheme && (strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0);
  if (code != CURLUE_OK) lull_throw(c, "ValueError", "\"%s\" is no URL: %s", url, curl_url_strerror(code));
  else if (!is_http) lull_throw(c, "ValueError", "\"%s\": only http and https are spoken here, not %s", url, scheme);
  curl_free(scheme);
  return code == CURLUE_OK && is_http;
}

static bool set_url(struct lull_call *c, const struct ask *ask, struct transfer *t)
{
  CURLU *u = curl_url();
  char *url = NULL;
  bool ok = u && parse_url(c, ask, u) && set_query(c, u, ask->options + QUERY);
  if (ok && curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK) {
    ok = octets_puts(&t->url, url) && octets_text(&t->url);
    curl_easy_setopt(t->easy, CURLOPT_URL, url);
  }
  curl_free(url);
  curl_url_cleanup(u);
  return ok;
}

static bool add_headers(struct lull_call *c, struct transfer *t, struct lull_value headers)
{
  struct lull *lull = lull_of(c);
  struct lull_value key, v;
  for (uint32_t at = 0; lull_map_next(headers, &at, &key, &v);) {
    const char *name = octets_plain(lull, key), *value = octets_plain(lull, v);
    if (!name || !value || strpbrk(name, "\r\n:") || strpbrk(value, "\r\n")) {
      lull_throw(c, "ValueError", "a header must be a string or number on one line%s%s", name ? ": " : "", name ? name : "");
      return false;
    }
    if (!upload_header(t, name, value)) return false;
  }
  return true;
}

static bool set_headers(struct lull_call *c, const struct ask *ask, struct transfer *t)
{
  size_t arg = ask->options + HEADERS;
  if (lull_arg_has(c, arg) && (!lull_arg_map(c, arg) || !add_headers(c, t, lull_arg(c, arg)))) return false;
  return !ask->session || add_headers(c, t, ask->session->headers);
}

static bool set_text_option(struct lull_call *c, size_t arg, CURL *easy, CURLoption option)
{
  const char *text;
  if (!lull_arg_has(c, arg)) return true;
  if (!lull_arg_string(c, arg, &text, NULL)) return false;
  curl_easy_setopt(easy, option, text);
  return true;
}

static bool set_timeout(struct lull_call *c, size_t arg, struct transfer *t)
{
  if (!lull_arg_has(c, arg)) return true;
  if (!lull_arg_seconds(c, arg, &t->timeout)) return false;
  double milliseconds = t->timeout * 1000 < 1 ? 1 : t->timeout * 1000;
  curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(milliseconds < 2e9 ? milliseconds : 2e9));
  return true;
}

static bool set_redirects(struct lull_call *c, size_t arg, CURL *easy)
{
  int64_t most = REDIRECTS;
  if (lull_arg_has(c, arg) && !lull_arg_int(c, arg, &most)) return false;
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, most > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)(most > 1000 ? 1000 : most));
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  return true;
}

static bool set_max_body(struct lull_call *c, size_t arg, struct transfer *t)
{
  t->max_body = ANSWER_MAX;
  if (!lull_arg_has(c, arg)) return true;
  return lull_arg_int(c, arg, &t->max_body);
}

static bool set_options(struct lull_call *c, const struct ask *ask, struct transfer *t)
{
  size_t at = ask->options;
  bool is_verified = !lull_arg_has(c, at + VERIFY) || lull_is_true(lull_arg(c, at + VERIFY));
  t->is_streamed = lull_is_true(lull_arg(c, at + STREAM));
  curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, 131072L);
  curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, 86400000L);
  curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
  curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
  if (ask->session) {
    t->jar = ask->session->jar;
    t->jar->holds++;
    curl_easy_setopt(t->easy, CURLOPT_SHARE, t->jar->share);
    curl_easy_setopt(t->easy, CURLOPT_COOKIEFILE, "");
  }
  return set_timeout(c, at + TIMEOUT, t) && set_max_body(c, at + MAX_BODY, t) && set_redirects(c, at + REDIRECT, t->easy) &&
         set_text_option(c, at + USER, t->easy, CURLOPT_USERPWD) &&
         set_text_option(c, at + PROXY, t->easy, CURLOPT_PROXY) && set_text_option(c, at + CA, t->easy, CURLOPT_CAINFO);
}

// The body; *source is what a streamed one is read from, else absent.
static bool set_body(struct lull_call *c, const struct ask *ask, struct transfer *t, struct lull_value *source)
{
  struct lull *lull = lull_of(c);
  size_t len;
  *source = lull_absent();
  if (!ask->body) return true;
  if (lull_arg_has(c, ask->body + BODY_JSON)) {
    const char *json = lull_get_string(lull, lull_answer_of(c), &len);
    return upload_body(t, json, len, "application/json");
  }
  if (lull_arg_has(c, ask->body + BODY_FORM)) return upload_form(c, t, ask->body + BODY_FORM);
  // A POST without a body says so.
  if (!lull_arg_has(c, ask->body)) return strcmp(ask->method, "POST") != 0 || upload_body(t, "", 0, "text/plain");
  struct lull_value body = lull_arg(c, ask->body);
  const void *bytes = lull_get_string(lull, body, &len);
  if (bytes) return upload_body(t, bytes, len, "text/plain; charset=utf-8");
  bytes = lull_get_bytes(lull, body, &len);
  if (bytes) return upload_body(t, bytes, len, "application/octet-stream");
  const struct file *file = lull_data(body, &file_class);
  if (file) return upload_file(c, t, file);
  if (lull_is_absent(lull_member(lull, body, "iterate")) && lull_is_absent(lull_member(lull, body, "recv"))) {
    lull_arg_fail(c, ask->body, "a string, bytes, or a stream of them (json: sends a value, form: fields)");
    return false;
  }
  *source = body;
  return upload_begin(t);
}

static void set_method(const struct ask *ask, struct transfer *t)
{
  bool is_get = strcmp(ask->method, "GET") == 0, is_post = strcmp(ask->method, "POST") == 0;
  if (strcmp(ask->method, "HEAD") == 0) curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
  else if (!is_post && !(is_get && !t->has_body)) curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, ask->method);
}

static enum lull_status start(struct lull_call *c, struct transfer *t, bool wants_json, struct lull_value source)
{
  struct lull *lull = lull_of(c);
  struct lull_value v;
  struct request *request = lull_new(lull, &request_class, &v);
  if (!request) return lull_return(c, v);
  request->transfer = t;
  request->wants_json = wants_json;
  t->holds++;
  t->request = request;
  if (!transfer_start(t)) {
    t->request = NULL;
    lull_fail(lull, request, lull_error(lull, "LimitError", NULL, "no memory for a request"));
  } else if (!lull_is_absent(source) && !upload_pump(lull, request, source, lull_tag(lull))) {
    transfer_abort(t);
    return lull_return(c, lull_absent());
  }
  return lull_return(c, v);
}

static enum lull_status request(struct lull_call *c, const struct ask *ask)
{
  struct lull *lull = lull_of(c);
  if (lull_step(c) == 0 && ask->body && lull_arg_has(c, ask->body + BODY_JSON)) {
    struct lull_value v = lull_arg(c, ask->body + BODY_JSON);
    return lull_call(c, lull_member(lull, lull_builtin(lull, "json"), "text"), &v, 1);
  }
  struct transfer *t = transfer_new(lull, ask->method);
  if (!t) return lull_return(c, lull_absent());
  struct lull_value source;
  bool ok = set_url(c, ask, t) && set_headers(c, ask, t) && set_options(c, ask, t) && set_body(c, ask, t, &source);
  if (ok) set_method(ask, t);
  enum lull_status status = ok ? start(c, t, ask->wants_json, source) : LULL_THROW;
  transfer_release(t);
  return status;
}

// --- the natives: of the module, and of sessions, where self comes first

static enum lull_status plain(struct lull_call *c, const char *method, bool wants_json, size_t self)
{
  struct ask ask = { .method = method, .url = self, .options = self + 1, .wants_json = wants_json };
  if (self && !(ask.session = lull_arg_data(c, 0, &session_class))) return LULL_THROW;
  return request(c, &ask);
}

static enum lull_status sending(struct lull_call *c, const char *method, size_t self)
{
  struct ask ask = { .method = method, .url = self, .body = self + 1, .options = self + 4 };
  if (self && !(ask.session = lull_arg_data(c, 0, &session_class))) return LULL_THROW;
  return request(c, &ask);
}

static enum lull_status any(struct lull_call *c, size_t self)
{
  struct ask ask = { .url = self + 1, .body = self + 2, .options = self + 5 };
  size_t len;
  if (!lull_arg_string(c, self, &ask.method, &len)) return LULL_THROW;
  if (len == 0 || len > 20 || strspn(ask.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != len)
    return lull_throw(c, "ValueError", "\"%s\" is no method: \"GET\", \"POST\" ...", ask.method);
  if (self && !(ask.session = lull_arg_data(c, 0, &session_class))) return LULL_THROW;
  return request(c, &ask);
}

#define VERBS(prefix, self) \
  static enum lull_status prefix##_get(struct lull_call *c) { return plain(c, "GET", false, self); } \
  static enum lull_status prefix##_head(struct lull_call *c) { return plain(c, "HEAD", false, self); } \
  static enum lull_status prefix##_delete(struct lull_call *c) { return plain(c, "DELETE", false, self); } \
  static enum lull_status prefix##_json(struct lull_call *c) { return plain(c, "GET", true, self); } \
  static enum lull_status prefix##_post(struct lull_call *c) { return sending(c, "POST", self); } \
  static enum lull_status prefix##_put(struct lull_call *c) { return sending(c, "PUT", self); } \
  static enum lull_status prefix##_patch(struct lull_call *c) { return sending(c, "PATCH", self); } \
  static enum lull_status prefix##_request(struct lull_call *c) { return any(c, self); }

VERBS(http, 0)
VERBS(session, 1)

#define SENDING "(url, body = nil, json = nil, form = nil, "
#define ROWS(prefix) \
  { "get", prefix##_get, 1, 1 + OPTION_COUNT, 0, "get(url, " OPTIONS, \
    "Asks for what a URL names; an operation that gives the response.\n" \
    "A status that is no success is no error: see `r.ok`. [headers] and [query] are maps; a list in the query repeats\n" \
    "its name. [timeout] in seconds, for everything; without it there is none. [redirects]: how many are followed.\n" \
    "[user]: \"name:password\". With [stream] the response is there once its head is, and its body is read by a loop.\n" \
    "[proxy]: a URL; else as the environment says. [verify] false trusts any certificate, [ca] is a file of those to trust.\n" \
    "[max_body]: bytes, once unpacked, of a body that is not streamed; more of them, or a head beyond 1 MiB, is a LimitError.\n" \
    "Throws an IOError with .code: ENOTFOUND, ECONNREFUSED, ECONNRESET, ECERT, ETLS, EREDIRECT, EPROTO; a TimeoutError.\n" \
    "    (await http.get(\"http://localhost:8080/\")).text" }, \
  { "json", prefix##_json, 1, 1 + OPTION_COUNT, 0, "json(url, " OPTIONS, \
    "Gets a URL and gives the value of the JSON that comes.\n" \
    "Any status but a success is an IOError with the beginning of the answer; what is no JSON a ValueError.\n" \
    "    await http.json(\"http://localhost:8080/users\", query: {limit: 10})" }, \
  { "head", prefix##_head, 1, 1 + OPTION_COUNT, 0, "head(url, " OPTIONS, "As get, but only the head of the response comes." }, \
  { "delete", prefix##_delete, 1, 1 + OPTION_COUNT, 0, "delete(url, " OPTIONS, "As get, with the method DELETE." }, \
  { "post", prefix##_post, 1, 4 + OPTION_COUNT, 0, "post" SENDING OPTIONS, \
    "Sends a body to a URL; an operation that gives the response.\n" \
    "[body]: a string, bytes, http.file(path), or what gives strings and bytes in a loop: they are sent as they come.\n" \
    "[json]: any value. [form]: a map of fields; bytes among them, and files as http.file(path), are sent as parts.\n" \
    "The rest as in get.\n" \
    "    await http.post(\"http://localhost:8080/users\", json: {name: \"Ada\"})" }, \
  { "put", prefix##_put, 1, 4 + OPTION_COUNT, 0, "put" SENDING OPTIONS, "As post, with the method PUT." }, \
  { "patch", prefix##_patch, 1, 4 + OPTION_COUNT, 0, "patch" SENDING OPTIONS, "As post, with the method PATCH." }, \
  { "request", prefix##_request, 2, 5 + OPTION_COUNT, 0, \
    "request(method, url, body = nil, json = nil, form = nil, " OPTIONS, "As post, with any method." }

static const struct lull_native natives[] = { ROWS(http) };

// --- sessions

static void session_mark(struct lull *lull, void *data)
{
  struct session *s = data;
  lull_mark(lull, s->base);
  lull_mark(lull, s->headers);
}

static void session_finish(struct lull *lull, void *data)
{
  struct session *s = data;
  (void)lull;
  jar_release(s->jar);
  s->jar = NULL;
}

// Cookies as libcurl lists them: domain, subdomains, path, secure, expires, name, value, tab between.
static void put_cookie(struct lull *lull, struct lull_value map, const char *line)
{
  const char *at = line, *name;
  for (int i = 0; i < 5 && at; i++) {
    at = strchr(at, '\t');
    if (at) at++;
  }
  name = at;
  const char *tab = at ? strchr(at, '\t') : NULL;
  if (!tab) return;
  lull_map_set(lull, map, lull_string(lull, name, (size_t)(tab - name)), lull_string_of(lull, tab + 1));
}

static enum lull_status session_cookies(struct lull_call *c)
{
  struct session *s = lull_arg_data(c, 0, &session_class);
  if (!s) return LULL_THROW;
  struct lull_value map = lull_map(lull_of(c));
  struct curl_slist *list = NULL;
  CURL *easy = curl_easy_init();
  if (!easy) return lull_return(c, lull_absent());
  curl_easy_setopt(easy, CURLOPT_SHARE, s->jar->share);
  curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
  for (const struct curl_slist *l = list; l; l = l->next) put_cookie(lull_of(c), map, l->data);
  curl_slist_free_all(list);
  curl_easy_cleanup(easy);
  return lull_return(c, map);
}

static const struct lull_native session_methods[] = { ROWS(session) };
static const struct lull_native session_getters[] = {
  { "cookies", session_cookies, 0, 0, 0, "cookies", "The cookies that are kept, as a map." },
};

static const struct lull_class session_class = { .name = "session",
                                                 .doc = "Requests that share cookies, headers and a base URL.",
                                                 .methods = session_methods,
                                                 .method_count = sizeof session_methods / sizeof *session_methods,
                                                 .getters = session_getters,
                                                 .getter_count = 1,
                                                 .size = sizeof(struct session),
                                                 .mark = session_mark,
                                                 .finish = session_finish };

static enum lull_status new_session(struct lull_call *c)
{
  struct lull_value v;
  const char *base;
  if (lull_arg_has(c, 0) && !lull_arg_string(c, 0, &base, NULL)) return LULL_THROW;
  if (lull_arg_has(c, 1) && !lull_arg_map(c, 1)) return LULL_THROW;
  struct session *s = lull_new(lull_of(c), &session_class, &v);
  if (!s) return lull_return(c, v);
  s->base = lull_arg_has(c, 0) ? lull_arg(c, 0) : lull_nil();
  s->headers = lull_arg_has(c, 1) ? lull_arg(c, 1) : lull_nil();
  s->jar = jar_new(lull_of(c));
  return lull_return(c, s->jar ? v : lull_absent());
}

static const struct lull_native session_native[] = {
  { "session", new_session, 0, 2, 0, "session(base = nil, headers = nil)",
    "Something to make requests with that keeps cookies between them.\n"
    "URLs are relative to [base]; [headers] go with every request. It has the functions of the module: get, post, json ...\n"
    "    let api = http.session(\"http://localhost:8080\", headers: {authorization: \"Bearer x\"})\n"
    "    await api.json(\"/users\")" },
};

bool request_open(struct lull *lull, struct lull_module *module)
{
  return lull_module_add(lull, module, natives, sizeof natives / sizeof *natives) &&
         lull_module_add(lull, module, session_native, 1) &&
         lull_module_set(lull, module, "Response", lull_class_value(lull, &response_class));
}
