#include "answer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "routes.h"

// --- answers that are more than a body

struct reply {
  struct lull_value body, headers;  // headers: a map, or nil
  int64_t status;                   // 0: what fits the body
};

struct events {
  struct lull_value source;
};

static void reply_mark(struct lull *lull, void *data)
{
  struct reply *r = data;
  lull_mark(lull, r->body);
  lull_mark(lull, r->headers);
}

static int reply_print(const void *data, char *to, size_t size)
{
  return snprintf(to, size, "<answer %d>", (int)((const struct reply *)data)->status);
}

static const struct lull_class reply_class = { .name = "answer",
                                               .doc = "What a handler answers: a status, headers and a body.",
                                               .size = sizeof(struct reply),
                                               .mark = reply_mark,
                                               .print = reply_print };

static void events_mark(struct lull *lull, void *data) { lull_mark(lull, ((struct events *)data)->source); }

static const struct lull_class events_class = { .name = "http events",
                                                .size = sizeof(struct events),
                                                .mark = events_mark };

static enum lull_status make_reply(struct lull_call *c, struct lull_value body, int64_t status, struct lull_value headers)
{
  struct lull_value v;
  struct reply *r = lull_new(lull_of(c), &reply_class, &v);
  if (!r) return lull_return(c, v);
  r->body = body;
  r->headers = headers;
  r->status = status;
  return lull_return(c, v);
}

static enum lull_status http_response(struct lull_call *c)
{
  int64_t status = 0;
  if (lull_arg_has(c, 1) && !lull_arg_int(c, 1, &status)) return LULL_THROW;
  if (lull_arg_has(c, 1) && (status < 200 || status > 599))
    return lull_throw(c, "ValueError", "http.response: a status is between 200 and 599");
  if (lull_arg_has(c, 2) && !lull_arg_map(c, 2)) return LULL_THROW;
  struct lull_value body = lull_arg(c, 0), headers = lull_arg(c, 2);
  return make_reply(c, lull_is_absent(body) ? lull_nil() : body, status, lull_is_absent(headers) ? lull_nil() : headers);
}

static enum lull_status http_redirect(struct lull_call *c)
{
  const char *url;
  int64_t status = 302;
  if (!lull_arg_string(c, 0, &url, NULL) || (lull_arg_has(c, 1) && !lull_arg_int(c, 1, &status))) return LULL_THROW;
  if (status < 300 || status > 399) return lull_throw(c, "ValueError", "http.redirect: a status is between 300 and 399");
  struct lull_value headers = lull_map(lull_of(c));
  lull_map_put(lull_of(c), headers, "location", lull_arg(c, 0));
  return make_reply(c, lull_nil(), status, headers);
}

static enum lull_status http_events(struct lull_call *c)
{
  struct lull_value v;
  struct events *events = lull_new(lull_of(c), &events_class, &v);
  if (events) events->source = lull_arg(c, 0);
  return lull_return(c, v);
}

// --- one request

// Locals of the native: what it does, the walk over a stream (two), the answer with its headers, a stream's form.
enum { PHASE, WALK, REPLY = 3, FORM };
enum { CALL_HANDLER, MAKE_TEXT, SEND_STREAM };
enum { PLAIN_STREAM, EVENT_STREAM };

static struct exchange *exchange_of(struct lull_call *c) { return lull_arg_data(c, 0, &exchange_class); }

static int64_t local_int(struct lull_call *c, size_t i)
{
  int64_t n = 0;
  return lull_get_int(lull_local(c, i), &n) ? n : 0;
}

static bool add_header(struct lull_call *c, struct MHD_Response *response, struct lull_value key, struct lull_value v)
{
  struct lull *lull = lull_of(c);
  const char *name = octets_plain(lull, key), *value = octets_plain(lull, v);
  bool ok = name && value && !strpbrk(value, "\r\n");
  if (ok && strcasecmp(name, "content-type") == 0) MHD_del_response_header(response, "Content-Type",
    MHD_get_response_header(response, "Content-Type") ? MHD_get_response_header(response, "Content-Type") : "");
  return ok && MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_headers(struct lull_call *c, struct MHD_Response *response, struct lull_value headers)
{
  struct lull *lull = lull_of(c);
  struct lull_value key, v;
  for (uint32_t at = 0; lull_map_next(headers, &at, &key, &v);) {
    size_t count = lull_type(lull, v) == LULL_IS_LIST ? lull_list_len(v) : 1;
    for (size_t i = 0; i < count; i++) {
      if (add_header(c, response, key, lull_type(lull, v) == LULL_IS_LIST ? lull_list_get(v, i) : v)) continue;
      const char *name = octets_plain(lull, key);
      lull_throw(c, "ValueError", "the header `%s` of an answer must be a string on one line, a number or a list of them", name ? name : "?");
      return false;
    }
  }
  return true;
}

// Hands the response over to the daemon; the connection goes on.
static bool respond(struct lull_call *c, struct MHD_Response *response, unsigned status, const char *type)
{
  struct exchange *e = exchange_of(c);
  struct reply *reply = lull_data(lull_local(c, REPLY), &reply_class);
  if (!response) return lull_throw(c, "LimitError", "no memory for an answer"), false;
  if (type) MHD_add_response_header(response, "Content-Type", type);
  if ((reply && !add_headers(c, response, reply->headers)) || !e->connection || e->is_answered) {
    MHD_destroy_response(response);
    return e->connection != NULL && false;
  }
  e->is_answered = true;
  e->status = reply && reply->status ? (unsigned)reply->status : status;
  e->response = response;
  exchange_resume(e);
  return true;
}

static enum lull_status respond_bytes(struct lull_call *c, const void *bytes, size_t len, unsigned status, const char *type)
{
  struct MHD_Response *r =
      MHD_create_response_from_buffer(len, (void *)(uintptr_t)bytes, len ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);
  return respond(c, r, status, type) || !exchange_of(c)->connection ? lull_return(c, lull_nil()) : LULL_THROW;
}

static const char *text_type(const char *text)
{
  text += strspn(text, " \t\r\n");
  bool is_html = strncasecmp(text, "<!doctype html", 14) == 0 || strncasecmp(text, "<html", 5) == 0;
  return is_html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

static enum lull_status respond_file(struct lull_call *c, const struct file *file)
{
  struct lull *lull = lull_of(c);
  const char *path = lull_get_string(lull, file->path, NULL);
  struct stat about;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  bool ok = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  // A path that climbs is never what a handler means that puts the request's path behind a folder.
  for (const char *at = path; ok && (at = strstr(at, "..")); at += 2)
    ok = !((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'));
  if (!ok) {
    if (fd >= 0) close(fd);
    return respond_bytes(c, "Not Found\n", 10, MHD_HTTP_NOT_FOUND, "text/plain; charset=utf-8");
  }
  struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)about.st_size, fd);
  if (!response) close(fd);
  return respond(c, response, MHD_HTTP_OK, file->type) || !exchange_of(c)->connection ? lull_return(c, lull_nil())
                                                                                      : LULL_THROW;
}

// --- streams

struct room {
  struct exchange *exchange;  // kept alive by `owner`
  struct lull_value owner;
};

static void room_mark(struct lull *lull, void *data) { lull_mark(lull, ((struct room *)data)->owner); }

static void room_abandon(struct lull *lull, void *data)
{
  struct room *room = data;
  (void)lull;
  if (room->exchange && room->exchange->room == room) room->exchange->room = NULL;
}

static const struct lull_class room_class = { .name = "http answer",
                                              .size = sizeof(struct room),
                                              .is_operation = true,
                                              .mark = room_mark,
                                              .abandon = room_abandon };

static enum lull_status wait_for_room(struct lull_call *c, struct exchange *e)
{
  struct lull_value v;
  struct room *room = lull_new(lull_of(c), &room_class, &v);
  if (!room) return lull_return(c, v);
  room->exchange = e;
  room->owner = lull_arg(c, 0);
  e->room = room;
  return lull_wait(c, v);
}

// From the daemon: the client takes more.
static ssize_t give_out(void *user, uint64_t at, char *to, size_t room)
{
  struct exchange *e = user;
  size_t len = e->out.len < room ? e->out.len : room;
  (void)at;
  if (len == 0) {
    if (e->is_out_failed) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (e->is_out_ended) return MHD_CONTENT_READER_END_OF_STREAM;
    e->is_suspended = true;
    MHD_suspend_connection(e->connection);
    return 0;
  }
  memcpy(to, octets_data(&e->out), len);
  octets_consume(&e->out, len);
  if (e->room && e->out.len < ANSWER_HIGH / 2) {
    lull_resolve(e->lull, e->room, lull_nil());
    e->room = NULL;
  }
  return (ssize_t)len;
}

static enum lull_status begin_stream(struct lull_call *c, struct lull_value source, int form)
{
  if (!lull_walk_begin(c, WALK, source)) return LULL_THROW;
  lull_set_local(c, FORM, lull_int(form));
  lull_set_local(c, PHASE, lull_int(SEND_STREAM));
  const char *type = form == EVENT_STREAM ? "text/event-stream" : "text/plain; charset=utf-8";
  struct MHD_Response *r =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, give_out, exchange_of(c), NULL);
  if (form == EVENT_STREAM && r) MHD_add_response_header(r, "Cache-Control", "no-cache");
  if (respond(c, r, MHD_HTTP_OK, type)) return LULL_OK;
  return exchange_of(c)->connection ? LULL_THROW : lull_return(c, lull_nil());
}

// The text of anything that is no text, as JSON. False: *text is the error.
static bool json_now(struct lull *lull, struct lull_value v, struct lull_value *text)
{
  return lull_call_now(lull, lull_member(lull, lull_builtin(lull, "json"), "text"), &v, 1, text);
}

static bool put_field(struct octets *out, const char *name, const char *text)
{
  bool ok = true;
  while (ok) {
    size_t len = strcspn(text, "\r\n");
    ok = octets_puts(out, name) && octets_puts(out, ": ") && octets_append(out, text, len) && octets_puts(out, "\n");
    text += len;
    if (!*text) break;
    text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
  }
  return ok;
}

static const char *const event_fields[] = { "event", "id", "retry" };

// A string is the data of an event; a map with `data` an event with its fields; all else is data, as JSON.
static bool put_event(struct lull_call *c, struct exchange *e, struct lull_value item)
{
  struct lull *lull = lull_of(c);
  struct lull_value data = lull_map_find(lull, item, "data");
  bool is_event = !lull_is_absent(data);
  if (!is_event) data = item;
  if (!lull_get_string(lull, data, NULL) && !json_now(lull, data, &data)) return lull_throw_value(c, data), false;
  for (size_t i = 0; is_event && i < sizeof event_fields / sizeof *event_fields; i++) {
    struct lull_value v = lull_map_find(lull, item, event_fields[i]);
    const char *text = lull_is_absent(v) ? NULL : lull_get_string(lull, lull_text_of(lull, v), NULL);
    if (text && !put_field(&e->out, event_fields[i], text)) return lull_return(c, lull_absent()), false;
  }
  if (put_field(&e->out, "data", lull_get_string(lull, data, NULL)) && octets_puts(&e->out, "\n")) return true;
  return lull_return(c, lull_absent()), false;
}

// Strings and bytes as they are, all else as a line of JSON.
static bool put_item(struct lull_call *c, struct exchange *e, struct lull_value item)
{
  struct lull *lull = lull_of(c);
  size_t len;
  const char *bytes = lull_get_bytes(lull, item, &len);
  if (!bytes) bytes = lull_get_string(lull, item, &len);
  if (bytes) return octets_append(&e->out, bytes, len) || (lull_return(c, lull_absent()), false);
  struct lull_value text;
  if (!json_now(lull, item, &text)) return lull_throw_value(c, text), false;
  bytes = lull_get_string(lull, text, &len);
  return (octets_append(&e->out, bytes, len) && octets_puts(&e->out, "\n")) || (lull_return(c, lull_absent()), false);
}

static enum lull_status send_stream(struct lull_call *c)
{
  struct exchange *e = exchange_of(c);
  bool is_events = local_int(c, FORM) == EVENT_STREAM;
  while (e->connection) {
    struct lull_value item;
    if (e->out.len >= ANSWER_HIGH) return wait_for_room(c, e);
    enum lull_status status = lull_walk_next(c, WALK, &item);
    if (status != LULL_OK) return status;
    if (!e->connection) break;
    e->is_out_ended = lull_is_absent(item);
    if (!e->is_out_ended && !(is_events ? put_event(c, e, item) : put_item(c, e, item))) return LULL_THROW;
    exchange_resume(e);
    if (e->is_out_ended) break;
  }
  return lull_return(c, lull_nil());
}

// --- from a value to an answer

static bool is_stream(struct lull *lull, struct lull_value v)
{
  if (lull_type(lull, v) != LULL_IS_OTHER && lull_type(lull, v) != LULL_IS_FUNCTION) return false;
  return !lull_is_absent(lull_member(lull, v, "recv")) || !lull_is_absent(lull_member(lull, v, "next")) ||
         (!lull_is_absent(lull_member(lull, v, "iterate")) && lull_is_absent(lull_member(lull, v, "to_json")));
}

static enum lull_status answer_with(struct lull_call *c, struct lull_value v)
{
  struct lull *lull = lull_of(c);
  size_t len;
  const struct reply *reply = lull_data(v, &reply_class);
  if (reply) {
    lull_set_local(c, REPLY, v);
    v = reply->body;
  }
  const char *bytes = lull_get_string(lull, v, &len);
  if (bytes) return respond_bytes(c, bytes, len, MHD_HTTP_OK, text_type(bytes));
  bytes = lull_get_bytes(lull, v, &len);
  if (bytes) return respond_bytes(c, bytes, len, MHD_HTTP_OK, "application/octet-stream");
  if (lull_is_nil(v)) return respond_bytes(c, "", 0, MHD_HTTP_NO_CONTENT, NULL);
  const struct file *file = lull_data(v, &file_class);
  if (file) return respond_file(c, file);
  const struct events *events = lull_data(v, &events_class);
  if (events || is_stream(lull, v)) {
    enum lull_status status = events ? begin_stream(c, events->source, EVENT_STREAM) : begin_stream(c, v, PLAIN_STREAM);
    return status == LULL_OK && local_int(c, PHASE) == SEND_STREAM ? send_stream(c) : status;
  }
  lull_set_local(c, PHASE, lull_int(MAKE_TEXT));
  return lull_call(c, lull_member(lull, lull_builtin(lull, "json"), "text"), &v, 1);
}

static enum lull_status call_handler(struct lull_call *c)
{
  struct exchange *e = exchange_of(c);
  struct lull_value handler = lull_arg(c, 1), request = lull_arg(c, 0);
  if (!e) return LULL_THROW;
  lull_set_local(c, PHASE, lull_int(CALL_HANDLER));
  if (lull_type(lull_of(c), handler) != LULL_IS_MAP) return lull_call(c, handler, &request, 1);
  unsigned status;
  handler = routes_find(e, handler, &status);
  if (!lull_is_absent(handler)) return lull_call(c, handler, &request, 1);
  exchange_refuse(e, status, status == MHD_HTTP_NOT_FOUND ? "Not Found\n" : "Method Not Allowed\n");
  return lull_return(c, lull_nil());
}

static enum lull_status answer(struct lull_call *c)
{
  if (lull_step(c) == 0) return call_handler(c);
  switch (local_int(c, PHASE)) {
  case CALL_HANDLER: return answer_with(c, lull_answer_of(c));
  case MAKE_TEXT: {
    size_t len;
    const char *text = lull_get_string(lull_of(c), lull_answer_of(c), &len);
    return respond_bytes(c, text ? text : "", text ? len : 0, MHD_HTTP_OK, "application/json");
  }
  default: return send_stream(c);
  }
}

const struct lull_native answer_native = { "answer", answer, 2, 2, 5, "answer(request, handler)", "Answers a request." };

static const struct lull_native natives[] = {
  { "response", http_response, 0, 3, 0, "response(body = nil, status = nil, headers = nil)",
    "What a handler answers, where more than a body is to be said.\n"
    "[body]: whatever a handler may give. [status]: 200, or 204 without a body. [headers]: a map; a list repeats its name.\n"
    "    http.response(\"gone\", status: 410, headers: {\"retry-after\": 3600})" },
  { "redirect", http_redirect, 1, 2, 0, "redirect(url, status = 302)", "An answer that sends the client elsewhere." },
  { "events", http_events, 1, 1, 0, "events(source)",
    "An answer of server-sent events, one for each element of [source], as it comes.\n"
    "A string is an event's data; a map with `data` may also have `event`, `id` and `retry`; all else is sent as JSON.\n"
    "    http.serve(8080, req => http.events(ticks))" },
};

bool answer_open(struct lull *lull, struct lull_module *module)
{
  return lull_module_add(lull, module, natives, sizeof natives / sizeof *natives);
}
