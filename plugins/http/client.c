#include "client.h"

#include <string.h>

#include "watch.h"

// A socket that libcurl wants watched.
struct socket_watch {
  ev_io io;
  struct client *client;
  struct socket_watch *next, *prev;
};

static void unlink_transfer(struct transfer *t)
{
  if (!t->client) return;
  if (t->prev) t->prev->next = t->next;
  else t->client->transfers = t->next;
  if (t->next) t->next->prev = t->prev;
  t->next = t->prev = NULL;
  t->client = NULL;
}

static void drop_easy(struct transfer *t)
{
  if (!t->easy) return;
  if (t->client) curl_multi_remove_handle(t->client->multi, t->easy);
  unlink_transfer(t);
  curl_easy_cleanup(t->easy);
  t->easy = NULL;
}

static void ended(struct transfer *t, CURLcode code)
{
  t->code = code;
  t->is_ended = true;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
  curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &t->os_error);
  curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  t->seconds = (double)microseconds / 1e6;
  if (t->request) request_answered(t);
  drop_easy(t);
  response_progress(t);
  if (t->room) lull_resolve(t->lull, t->room, lull_nil());
  t->room = NULL;
}

// Those whose socket could not be watched: libcurl must not be told from where it asks, or it gives up all transfers, and asks no more.
static void end_unwatched(struct client *client)
{
  struct transfer *t = client->transfers;
  client->has_unwatched = false;
  while (t && !t->is_unwatched) t = t->next;
  if (!t) return;
  t->holds++;
  ended(t, CURLE_OUT_OF_MEMORY);
  transfer_release(t);
  client->has_unwatched = true;  // there may be another
}

static void collect_ended(struct client *client)
{
  int left;
  while (client->has_unwatched) end_unwatched(client);
  for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
    struct transfer *t = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result;  // the message goes with the handle
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    t->holds++;
    ended(t, code);
    transfer_release(t);
  }
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
  struct client *client = ((struct socket_watch *)(void *)w)->client;
  int running, bits = (events & EV_READ ? CURL_CSELECT_IN : 0) | (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
  if (watch_io_is_refused(loop, events)) bits = CURL_CSELECT_ERR;
  curl_multi_socket_action(client->multi, w->fd, bits, &running);
  collect_ended(client);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
  struct client *client = (struct client *)(void *)((char *)w - offsetof(struct client, timer));
  int running;
  (void)events;
  watch_timer_stop(loop, w);
  curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  collect_ended(client);
}

static void drop_watch(struct socket_watch *watch)
{
  struct client *client = watch->client;
  watch_io_stop(lull_loop(client->lull), &watch->io);
  if (watch->prev) watch->prev->next = watch->next;
  else client->watches = watch->next;
  if (watch->next) watch->next->prev = watch->prev;
  lull_resize(client->lull, watch, sizeof *watch, 0);
}

static struct socket_watch *new_watch(struct client *client)
{
  struct socket_watch *watch = lull_resize(client->lull, NULL, 0, sizeof *watch);
  if (!watch) return NULL;
  memset(watch, 0, sizeof *watch);
  ev_init(&watch->io, on_io);
  watch->client = client;
  watch->next = client->watches;
  if (watch->next) watch->next->prev = watch;
  client->watches = watch;
  return watch;
}

static void leave_unwatched(struct client *client, CURL *easy)
{
  struct transfer *t = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
  if (t) t->is_unwatched = client->has_unwatched = true;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
  struct client *client = user;
  struct socket_watch *watch = known;
  if (what == CURL_POLL_REMOVE) {
    if (watch) drop_watch(watch);
    return 0;
  }
  if (!watch) {
    watch = new_watch(client);
    if (!watch) return leave_unwatched(client, easy), 0;
    curl_multi_assign(client->multi, fd, watch);
  }
  watch_io(lull_loop(client->lull), &watch->io, fd,
           (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
  return 0;
}

static int want_timer(CURLM *multi, long milliseconds, void *user)
{
  struct client *client = user;
  struct ev_loop *loop = lull_loop(client->lull);
  (void)multi;
  watch_timer_stop(loop, &client->timer);
  if (milliseconds < 0) return 0;
  if (milliseconds > 0) ev_now_update(loop);
  watch_timer(loop, &client->timer, (double)milliseconds / 1000.0);
  return 0;
}

static void client_finish(struct lull *lull, void *data)
{
  struct client *client = data;
  if (!client->multi) return;
  while (client->transfers) drop_easy(client->transfers);
  curl_multi_cleanup(client->multi);
  while (client->watches) drop_watch(client->watches);
  watch_timer_stop(lull_loop(lull), &client->timer);
}

const struct lull_class client_class = { .name = "http client", .size = sizeof(struct client), .finish = client_finish };

static struct client *client_of(struct lull *lull)
{
  struct client *client = lull_shared(lull, &client_class);
  if (!client || client->multi) return client;
  client->lull = lull;
  client->multi = curl_multi_init();
  if (!client->multi) return NULL;
  ev_init(&client->timer, on_timer);
  curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
  curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
  curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, want_timer);
  curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
  return client;
}

// --- what libcurl gives and takes

static size_t take_head(char *line, size_t size, size_t count, void *user)
{
  struct transfer *t = user;
  size_t len = size * count;
  // A head before the last one belongs to a redirect, or is a "100 Continue".
  if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) octets_consume(&t->head, t->head.len);
  if (t->head.len + len > HEAD_MAX) return t->too_large = "head", 0;
  if (octets_append(&t->head, line, len)) return len;
  t->is_out_of_memory = true;
  return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
  struct transfer *t = user;
  size_t len = size * count;
  if (t->is_streamed && t->request) {
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
    request_answered(t);
  }
  if (t->is_streamed && t->body.len >= BODY_HIGH) {
    t->is_paused = true;
    response_progress(t);
    return CURL_WRITEFUNC_PAUSE;
  }
  // Counted as it is unpacked: a small answer may be a large body.
  if (!t->is_streamed && (int64_t)(t->body.len + len) > t->max_body) return t->too_large = "body", 0;
  if (!octets_append(&t->body, bytes, len)) {
    t->is_out_of_memory = true;
    return 0;
  }
  response_progress(t);
  return len;
}

static size_t give_upload(char *to, size_t size, size_t count, void *user)
{
  struct transfer *t = user;
  if (t->file) return fread(to, size, count, t->file);
  size_t room = size * count, len = t->upload.len < room ? t->upload.len : room;
  if (len == 0 && !t->is_upload_ended) {
    t->is_upload_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  memcpy(to, octets_data(&t->upload), len);
  octets_consume(&t->upload, len);
  if (t->room && t->upload.len < BODY_HIGH / 2) {
    lull_resolve(t->lull, t->room, lull_nil());
    t->room = NULL;
  }
  return len;
}

// A redirect makes a file be sent again.
static int rewind_upload(void *user, curl_off_t at, int from)
{
  struct transfer *t = user;
  return t->file && fseeko(t->file, at, from) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

// --- cookies

struct jar *jar_new(struct lull *lull)
{
  struct jar *jar = lull_resize(lull, NULL, 0, sizeof *jar);
  if (!jar) return NULL;
  *jar = (struct jar){ .lull = lull, .holds = 1, .share = curl_share_init() };
  if (jar->share) curl_share_setopt(jar->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  return jar;
}

void jar_release(struct jar *jar)
{
  if (!jar || --jar->holds > 0) return;
  curl_share_cleanup(jar->share);
  lull_resize(jar->lull, jar, sizeof *jar, 0);
}

// --- transfers

struct transfer *transfer_new(struct lull *lull, const char *method)
{
  struct transfer *t = lull_resize(lull, NULL, 0, sizeof *t);
  if (!t) return NULL;
  *t = (struct transfer){ .lull = lull, .holds = 1, .easy = curl_easy_init() };
  octets_init(&t->url, lull);
  octets_init(&t->head, lull);
  octets_init(&t->body, lull);
  octets_init(&t->upload, lull);
  for (size_t i = 0; method[i] && i + 1 < sizeof t->method; i++) t->method[i] = method[i];
  if (t->easy) return t;
  transfer_release(t);
  return NULL;
}

void transfer_release(struct transfer *t)
{
  if (!t || --t->holds > 0) return;
  drop_easy(t);
  jar_release(t->jar);
  curl_slist_free_all(t->headers);
  curl_mime_free(t->parts);
  if (t->file) fclose(t->file);
  octets_fini(&t->url);
  octets_fini(&t->head);
  octets_fini(&t->body);
  octets_fini(&t->upload);
  lull_resize(t->lull, t, sizeof *t, 0);
}

bool transfer_start(struct transfer *t)
{
  struct client *client = client_of(t->lull);
  if (!client) return false;
  CURL *easy = t->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // giving up waits for no name to be looked up
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_upload);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_upload);
  curl_easy_setopt(easy, CURLOPT_READDATA, t);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
  if (curl_multi_add_handle(client->multi, easy) != CURLM_OK) return false;
  t->client = client;
  t->next = client->transfers;
  if (t->next) t->next->prev = t;
  client->transfers = t;
  return true;
}

void transfer_abort(struct transfer *t)
{
  t->is_ended = true;
  if (t->code == CURLE_OK) t->code = CURLE_ABORTED_BY_CALLBACK;
  drop_easy(t);
  if (t->room) lull_resolve(t->lull, t->room, lull_nil());
  t->room = NULL;
}

void transfer_taken(struct transfer *t)
{
  if (!t->is_paused || t->body.len > BODY_HIGH / 2 || !t->easy) return;
  t->is_paused = false;
  curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

void transfer_more(struct transfer *t)
{
  if (!t->is_upload_paused || !t->easy) return;
  t->is_upload_paused = false;
  curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

// --- errors

// What libcurl's codes are called; those of a failed connect come from the system.
static const struct {
  CURLcode code;
  const char *name;
} codes[] = {
  { CURLE_COULDNT_RESOLVE_HOST, "ENOTFOUND" }, { CURLE_COULDNT_RESOLVE_PROXY, "ENOTFOUND" },
  { CURLE_COULDNT_CONNECT, "ECONNREFUSED" },   { CURLE_TOO_MANY_REDIRECTS, "EREDIRECT" },
  { CURLE_PEER_FAILED_VERIFICATION, "ECERT" }, { CURLE_SSL_CONNECT_ERROR, "ETLS" },
  { CURLE_SSL_CACERT_BADFILE, "ECERT" },       { CURLE_GOT_NOTHING, "ECONNRESET" },
  { CURLE_RECV_ERROR, "ECONNRESET" },          { CURLE_SEND_ERROR, "ECONNRESET" },
  { CURLE_PARTIAL_FILE, "ECONNRESET" },        { CURLE_WEIRD_SERVER_REPLY, "EPROTO" },
  { CURLE_UNSUPPORTED_PROTOCOL, "EPROTO" },    { CURLE_HTTP2, "EPROTO" },
  { CURLE_HTTP2_STREAM, "EPROTO" },            { CURLE_BAD_CONTENT_ENCODING, "EPROTO" },
  { CURLE_READ_ERROR, "EIO" },
};

static const char *code_name(CURLcode code)
{
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (codes[i].code == code) return codes[i].name;
  }
  return "EHTTP";
}

struct lull_value transfer_error(struct transfer *t)
{
  const char *url = octets_text(&t->url), *text = t->error[0] ? t->error : curl_easy_strerror(t->code);
  if (!url) url = "";
  if (t->is_unwatched) return lull_error(t->lull, "LimitError", NULL, "%s %s: out of memory", t->method, url);
  if (t->is_out_of_memory) return lull_error(t->lull, "LimitError", NULL, "%s %s: the body is too large", t->method, url);
  if (t->too_large)
    return lull_error(t->lull, "LimitError", NULL, "%s %s: the %s is larger than is taken (see max_body)", t->method, url,
                      t->too_large);
  if (t->code == CURLE_OPERATION_TIMEDOUT && t->timeout > 0)
    return lull_error(t->lull, "TimeoutError", "ETIMEDOUT", "%s %s: not done within %gs", t->method, url, t->timeout);
  if (t->code == CURLE_COULDNT_CONNECT && t->os_error)
    return lull_errno_error(t->lull, (int)t->os_error, "%s %s", t->method, url);
  return lull_error(t->lull, "IOError", code_name(t->code), "%s %s: %s", t->method, url, text);
}
