#include "response.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct response {
  struct transfer *transfer;
  struct lull_value url, headers, body, json;  // nil until they are known
};

static struct response *self(struct lull_call *c) { return lull_arg_data(c, 0, &response_class); }

// --- the head

static void put_header(struct lull *lull, struct lull_value headers, const char *name, size_t name_len,
                       const char *value, size_t len)
{
  char key[128];
  size_t n = name_len < sizeof key - 1 ? name_len : sizeof key - 1;
  for (size_t i = 0; i < n; i++) key[i] = (char)tolower((unsigned char)name[i]);
  key[n] = '\0';
  struct lull_value text = lull_string(lull, value, len), before = lull_map_find(lull, headers, key);
  if (strcmp(key, "set-cookie") == 0) {
    struct lull_value list = lull_is_absent(before) ? lull_list(lull) : before;
    lull_list_push(lull, list, text);
    lull_map_put(lull, headers, key, list);
    return;
  }
  const char *first = lull_get_string(lull, before, NULL);
  lull_map_put(lull, headers, key, first ? lull_format(lull, "%s, %s", first, lull_get_string(lull, text, NULL)) : text);
}

// Names in lower case; what comes several times is joined by ", ", but for cookies.
static struct lull_value parse_head(struct transfer *t)
{
  struct lull_value headers = lull_map(t->lull);
  const char *at = octets_data(&t->head), *end = at + t->head.len;
  while (at < end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at)), *line = at;
    if (!stop) stop = end;
    at = stop + 1;
    while (stop > line && isspace((unsigned char)stop[-1])) stop--;
    const char *colon = memchr(line, ':', (size_t)(stop - line));
    if (!colon) continue;
    const char *value = colon + 1;
    while (value < stop && isspace((unsigned char)*value)) value++;
    put_header(t->lull, headers, line, (size_t)(colon - line), value, (size_t)(stop - value));
  }
  return headers;
}

static struct lull_value header(struct lull *lull, struct response *r, const char *name)
{
  char key[128];
  size_t n = 0;
  for (; name[n] && n < sizeof key - 1; n++) key[n] = (char)tolower((unsigned char)name[n]);
  key[n] = '\0';
  struct lull_value v = lull_map_find(lull, r->headers, key);
  return lull_is_absent(v) ? lull_nil() : v;
}

static bool is_ok(const struct response *r) { return r->transfer->status >= 200 && r->transfer->status < 300; }

static enum lull_status get_status(struct lull_call *c) { return lull_return(c, lull_int(self(c)->transfer->status)); }

static enum lull_status get_ok(struct lull_call *c) { return lull_return(c, lull_bool(is_ok(self(c)))); }

static enum lull_status get_url(struct lull_call *c) { return lull_return(c, self(c)->url); }

static enum lull_status get_headers(struct lull_call *c) { return lull_return(c, self(c)->headers); }

static enum lull_status get_seconds(struct lull_call *c) { return lull_return(c, lull_float(self(c)->transfer->seconds)); }

static enum lull_status response_header(struct lull_call *c)
{
  const char *name;
  if (!lull_arg_string(c, 1, &name, NULL)) return LULL_THROW;
  return lull_return(c, header(lull_of(c), self(c), name));
}

// --- a body that is there

static const char *body_bytes(struct lull_call *c, size_t *len)
{
  struct response *r = self(c);
  const char *bytes = lull_get_bytes(lull_of(c), r->body, len);
  if (!bytes) lull_throw(c, "ValueError", "the body is streamed: read it with a loop, `lines()` or `read()`");
  return bytes;
}

// Text in Latin-1, as old servers send it, to UTF-8.
static struct lull_value text_of_latin1(struct lull *lull, const char *bytes, size_t len)
{
  struct octets text;
  octets_init(&text, lull);
  bool ok = true;
  for (size_t i = 0; ok && i < len; i++) {
    unsigned char b = (unsigned char)bytes[i];
    char two[2] = { (char)(0xC0 | b >> 6), (char)(0x80 | (b & 0x3F)) };
    ok = b < 0x80 ? octets_append(&text, bytes + i, 1) : octets_append(&text, two, 2);
  }
  struct lull_value v = ok ? lull_string(lull, octets_data(&text), text.len) : lull_absent();
  octets_fini(&text);
  return v;
}

static enum lull_status get_text(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  size_t len;
  const char *bytes = body_bytes(c, &len);
  if (!bytes) return LULL_THROW;
  const char *type = lull_get_string(lull, header(lull, self(c), "content-type"), NULL);
  bool is_latin1 = type && (strcasestr(type, "charset=iso-8859-1") || strcasestr(type, "charset=latin1"));
  return lull_return(c, is_latin1 ? text_of_latin1(lull, bytes, len) : lull_string(lull, bytes, len));
}

static enum lull_status get_bytes(struct lull_call *c)
{
  size_t len;
  return body_bytes(c, &len) ? lull_return(c, self(c)->body) : LULL_THROW;
}

bool response_parse_json(struct lull *lull, struct lull_value body, struct lull_value *result)
{
  struct lull_value parse = lull_member(lull, lull_builtin(lull, "json"), "parse");
  return lull_call_now(lull, parse, &body, 1, result);
}

static enum lull_status get_json(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct response *r = self(c);
  size_t len;
  if (!lull_is_nil(r->json)) return lull_return(c, r->json);
  if (!body_bytes(c, &len)) return LULL_THROW;
  struct lull_value v;
  if (!response_parse_json(lull, r->body, &v)) return lull_throw_value(c, v);
  lull_store(lull, r, &r->json, v);
  return lull_return(c, v);
}

// --- a body as it comes

// Reads a body piece by piece: the chunks of a streamed one, or lines.
struct reader {
  struct lull_value response;
  size_t at;  // in a body that is there
  bool is_lines;
};

static void reader_mark(struct lull *lull, void *data) { lull_mark(lull, ((struct reader *)data)->response); }

static const struct lull_class reader_class;

struct more {
  struct transfer *transfer;
};

static void more_abandon(struct lull *lull, void *data)
{
  struct more *more = data;
  (void)lull;
  if (more->transfer && more->transfer->reader == more) more->transfer->reader = NULL;
}

static void more_finish(struct lull *lull, void *data)
{
  struct more *more = data;
  more_abandon(lull, data);
  transfer_release(more->transfer);
  more->transfer = NULL;
}

static int more_describe(const void *data, char *to, size_t size)
{
  const struct more *more = data;
  return snprintf(to, size, "more of %s", octets_data(&more->transfer->url));
}

static const struct lull_class more_class = { .name = "http read",
                                              .size = sizeof(struct more),
                                              .is_operation = true,
                                              .describe = more_describe,
                                              .abandon = more_abandon,
                                              .finish = more_finish };

void response_progress(struct transfer *t)
{
  void *reader = t->reader;
  t->reader = NULL;
  if (reader) lull_resolve(t->lull, reader, lull_nil());
}

static enum lull_status wait_for_more(struct lull_call *c, struct transfer *t)
{
  struct lull *lull = lull_of(c);
  struct lull_value v;
  if (t->reader) return lull_throw(c, "ValueError", "somebody reads this body already");
  struct more *more = lull_new(lull, &more_class, &v);
  if (!more) return lull_return(c, v);
  more->transfer = t;
  t->holds++;
  t->reader = more;
  return lull_wait(c, v);
}

static struct lull_value piece(struct lull *lull, const char *bytes, size_t len, bool is_line)
{
  if (!is_line) return lull_bytes(lull, bytes, len);
  if (len > 0 && bytes[len - 1] == '\n') len--;
  if (len > 0 && bytes[len - 1] == '\r') len--;
  return lull_string(lull, bytes, len);
}

// How much of what is there makes the next piece; 0: none yet.
static size_t piece_len(const char *bytes, size_t len, bool is_line, bool is_end)
{
  if (!is_line) return len < BODY_HIGH ? len : BODY_HIGH;
  const char *stop = memchr(bytes, '\n', len);
  if (stop) return (size_t)(stop - bytes) + 1;
  return is_end ? len : 0;
}

static enum lull_status next_streamed(struct lull_call *c, struct transfer *t, bool is_lines)
{
  size_t len = piece_len(octets_data(&t->body), t->body.len, is_lines, t->is_ended);
  if (len > 0) {
    struct lull_value v = piece(lull_of(c), octets_data(&t->body), len, is_lines);
    octets_consume(&t->body, len);
    transfer_taken(t);
    return lull_return(c, v);
  }
  // A line longer than what is kept: more is let in.
  if (is_lines && t->is_paused) {
    t->is_paused = false;
    t->is_streamed = false;
    curl_easy_pause(t->easy, CURLPAUSE_CONT);
    t->is_streamed = true;
    return next_streamed(c, t, is_lines);
  }
  if (!t->is_ended) return wait_for_more(c, t);
  return t->code == CURLE_OK ? lull_return(c, lull_done()) : lull_throw_value(c, transfer_error(t));
}

static enum lull_status reader_next(struct lull_call *c)
{
  struct reader *reader = lull_arg_data(c, 0, &reader_class);
  struct response *r = reader ? lull_data(reader->response, &response_class) : NULL;
  if (!r) return LULL_THROW;
  size_t len;
  const char *bytes = lull_get_bytes(lull_of(c), r->body, &len);
  if (!bytes) return next_streamed(c, r->transfer, reader->is_lines);
  size_t n = piece_len(bytes + reader->at, len - reader->at, reader->is_lines, true);
  if (n == 0) return lull_return(c, lull_done());
  struct lull_value v = piece(lull_of(c), bytes + reader->at, n, reader->is_lines);
  reader->at += n;
  return lull_return(c, v);
}

static enum lull_status reader_iterate(struct lull_call *c) { return lull_return(c, lull_arg(c, 0)); }

static const struct lull_native reader_methods[] = {
  { "next", reader_next, 0, 0, 0, "next()", "The next line or piece; `done` at the end." },
  { "iterate", reader_iterate, 0, 0, 0, "iterate()", "Itself, for loops." },
};

static const struct lull_class reader_class = { .name = "body",
                                                .doc = "Reads the body of a response piece by piece.",
                                                .methods = reader_methods,
                                                .method_count = 2,
                                                .size = sizeof(struct reader),
                                                .mark = reader_mark };

static enum lull_status make_reader(struct lull_call *c, bool is_lines)
{
  struct lull_value v;
  struct reader *reader = lull_new(lull_of(c), &reader_class, &v);
  if (reader) {
    reader->response = lull_arg(c, 0);
    reader->is_lines = is_lines;
  }
  return lull_return(c, v);
}

static enum lull_status response_lines(struct lull_call *c) { return make_reader(c, true); }

static enum lull_status response_iterate(struct lull_call *c) { return make_reader(c, false); }

// Waits for all that is still to come.
static enum lull_status response_read(struct lull_call *c)
{
  struct response *r = self(c);
  if (!r) return LULL_THROW;
  struct transfer *t = r->transfer;
  if (!lull_is_nil(r->body)) return lull_return(c, r->body);
  t->is_streamed = false;  // all of it is wanted: nothing is held back any more
  transfer_taken(t);
  if (t->is_paused && t->easy) {
    t->is_paused = false;
    curl_easy_pause(t->easy, CURLPAUSE_CONT);
  }
  if (!t->is_ended) return wait_for_more(c, t);
  if (t->code != CURLE_OK) return lull_throw_value(c, transfer_error(t));
  lull_store(lull_of(c), r, &r->body, lull_bytes(lull_of(c), octets_data(&t->body), t->body.len));
  octets_fini(&t->body);
  return lull_return(c, r->body);
}

static enum lull_status response_close(struct lull_call *c)
{
  struct response *r = self(c);
  if (!r) return LULL_THROW;
  if (!r->transfer->is_ended) transfer_abort(r->transfer);
  response_progress(r->transfer);
  return lull_return(c, lull_nil());
}

// --- the class

static void response_mark(struct lull *lull, void *data)
{
  struct response *r = data;
  lull_mark(lull, r->url);
  lull_mark(lull, r->headers);
  lull_mark(lull, r->body);
  lull_mark(lull, r->json);
}

static void response_finish(struct lull *lull, void *data)
{
  struct response *r = data;
  (void)lull;
  transfer_release(r->transfer);
  r->transfer = NULL;
}

static int response_print(const void *data, char *to, size_t size)
{
  const struct response *r = data;
  return snprintf(to, size, "<response %ld from %s %s>", r->transfer->status, r->transfer->method,
                  octets_data(&r->transfer->url));
}

static const struct lull_native getters[] = {
  { "status", get_status, 0, 0, 0, "status", "The status code, an int: 200." },
  { "ok", get_ok, 0, 0, 0, "ok", "True for a status from 200 to 299." },
  { "url", get_url, 0, 0, 0, "url", "Where the answer came from, after redirects." },
  { "headers", get_headers, 0, 0, 0, "headers",
    "A map of the headers, their names in lower case.\n"
    "What came several times is joined by \", \"; `set-cookie` is a list." },
  { "seconds", get_seconds, 0, 0, 0, "seconds", "How long the whole request took." },
  { "text", get_text, 0, 0, 0, "text", "The body as text: UTF-8, or Latin-1 where the server says so. U+FFFD stands for what is neither." },
  { "bytes", get_bytes, 0, 0, 0, "bytes", "The body as bytes." },
  { "json", get_json, 0, 0, 0, "json", "The value of a JSON body.\nWhat is no JSON is a ValueError that says where." },
};

static const struct lull_native methods[] = {
  { "header", response_header, 1, 1, 0, "header(name)", "A header by its name in any case; nil where there is none." },
  { "lines", response_lines, 0, 0, 0, "lines()",
    "The lines of the body, for a loop. With `stream: true` each comes as soon as it is there." },
  { "chunks", response_iterate, 0, 0, 0, "chunks()", "The body as bytes, piece by piece, for a loop." },
  { "iterate", response_iterate, 0, 0, 0, "iterate()", "As chunks: what a loop over a response gives." },
  { "read", response_read, 0, 0, 0, "read()", "Waits for the whole of a streamed body, and gives it as bytes." },
  { "close", response_close, 0, 0, 0, "close()", "Gives up what is still to come of a streamed body." },
};

const struct lull_class response_class = { .name = "response",
                                           .doc = "What a server answered.",
                                           .methods = methods,
                                           .method_count = sizeof methods / sizeof *methods,
                                           .getters = getters,
                                           .getter_count = sizeof getters / sizeof *getters,
                                           .size = sizeof(struct response),
                                           .mark = response_mark,
                                           .finish = response_finish,
                                           .print = response_print };

struct lull_value response_new(struct transfer *t)
{
  struct lull_value v;
  struct response *r = lull_new(t->lull, &response_class, &v);
  if (!r) return v;
  char *url = NULL;
  r->transfer = t;
  t->holds++;
  r->json = r->body = r->url = r->headers = lull_nil();
  if (t->easy) curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
  r->url = url ? lull_string_of(t->lull, url) : lull_nil();
  r->headers = parse_head(t);
  octets_fini(&t->head);
  if (t->is_streamed) return v;
  r->body = lull_bytes(t->lull, octets_data(&t->body), t->body.len);
  octets_fini(&t->body);
  return lull_is_absent(r->body) ? r->body : v;
}
