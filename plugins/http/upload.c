#include "upload.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "file.h"
#include "request.h"

bool upload_header(struct transfer *t, const char *name, const char *value)
{
  size_t len = strlen(name);
  for (const struct curl_slist *l = t->headers; l; l = l->next) {
    if (strncasecmp(l->data, name, len) == 0 && (l->data[len] == ':' || l->data[len] == ';')) return true;
  }
  struct octets line;
  octets_init(&line, t->lull);
  // libcurl takes "Name;" for a header without a value.
  bool ok = octets_puts(&line, name) && octets_puts(&line, *value ? ": " : ";") && octets_puts(&line, value);
  const char *text = ok ? octets_text(&line) : NULL;
  struct curl_slist *headers = text ? curl_slist_append(t->headers, text) : NULL;
  octets_fini(&line);
  if (!headers) return false;
  t->headers = headers;
  return true;
}

bool upload_body(struct transfer *t, const void *bytes, size_t len, const char *type)
{
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
  t->has_body = t->is_upload_ended = true;
  return curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS, bytes) == CURLE_OK &&
         upload_header(t, "Content-Type", type) && upload_header(t, "Expect", "");
}

// --- forms

static bool is_part(struct lull *lull, struct lull_value v)
{
  return lull_type(lull, v) == LULL_IS_BYTES || lull_data(v, &file_class);
}

static bool has_parts(struct lull *lull, struct lull_value form)
{
  struct lull_value key, v;
  for (uint32_t at = 0; lull_map_next(form, &at, &key, &v);) {
    if (is_part(lull, v)) return true;
  }
  return false;
}

static bool add_part(struct lull *lull, struct transfer *t, const char *name, struct lull_value v)
{
  curl_mimepart *part = curl_mime_addpart(t->parts);
  size_t len;
  const struct file *file = lull_data(v, &file_class);
  if (!part || curl_mime_name(part, name) != CURLE_OK) return false;
  if (file) {
    if (file->type) curl_mime_type(part, file->type);
    return curl_mime_filedata(part, lull_get_string(lull, file->path, NULL)) == CURLE_OK;
  }
  const char *bytes = lull_get_bytes(lull, v, &len);
  if (!bytes) bytes = lull_get_string(lull, lull_text_of(lull, v), &len);
  return bytes && curl_mime_data(part, bytes, len) == CURLE_OK;
}

static bool add_field(struct lull *lull, struct transfer *t, struct octets *body, const char *name, struct lull_value v)
{
  size_t len;
  const char *text = lull_get_string(lull, lull_text_of(lull, v), &len);
  char *key = curl_easy_escape(t->easy, name, 0), *value = text ? curl_easy_escape(t->easy, text, (int)len) : NULL;
  bool ok = key && value && (body->len == 0 || octets_puts(body, "&")) && octets_puts(body, key) &&
            octets_puts(body, "=") && octets_puts(body, value);
  curl_free(key);
  curl_free(value);
  return ok;
}

bool upload_form(struct lull_call *c, struct transfer *t, size_t arg)
{
  struct lull *lull = lull_of(c);
  struct lull_value key, v;
  struct octets body;
  if (!lull_arg_map(c, arg)) return false;
  bool in_parts = has_parts(lull, lull_arg(c, arg)), ok = true;
  octets_init(&body, lull);
  if (in_parts) t->parts = curl_mime_init(t->easy);
  for (uint32_t at = 0; ok && lull_map_next(lull_arg(c, arg), &at, &key, &v);) {
    const char *name = octets_plain(lull, key);
    ok = name && (in_parts ? t->parts && add_part(lull, t, name, v) : add_field(lull, t, &body, name, v));
    if (!ok) lull_throw(c, "TypeError", "the form's `%s` cannot be sent: %s", name ? name : "?", lull_type_name(lull, v));
  }
  if (ok && in_parts) t->has_body = ok = curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->parts) == CURLE_OK;
  else if (ok) ok = upload_body(t, octets_data(&body), body.len, "application/x-www-form-urlencoded");
  octets_fini(&body);
  return ok;
}

// --- a body from a file, or from a loop

bool upload_file(struct lull_call *c, struct transfer *t, const struct file *file)
{
  const char *path = lull_get_string(lull_of(c), file->path, NULL);
  t->file = path ? fopen(path, "rbe") : NULL;
  if (!t->file) {
    lull_throw_errno(c, errno, "cannot send \"%s\"", path ? path : "");
    return false;
  }
  struct stat about;
  bool is_plain = fstat(fileno(t->file), &about) == 0 && S_ISREG(about.st_mode);
  t->is_upload_ended = true;
  if (is_plain) curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
  return upload_header(t, "Content-Type", file->type) && upload_begin(t);
}

bool upload_begin(struct transfer *t)
{
  t->has_body = true;
  curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, t->method);
  return upload_header(t, "Content-Type", "application/octet-stream") && upload_header(t, "Expect", "");
}

struct room {
  struct transfer *transfer;
};

static void room_finish(struct lull *lull, void *data)
{
  struct room *room = data;
  (void)lull;
  if (!room->transfer) return;
  if (room->transfer->room == room) room->transfer->room = NULL;
  transfer_release(room->transfer);
  room->transfer = NULL;
}

static void room_abandon(struct lull *lull, void *data)
{
  struct room *room = data;
  (void)lull;
  if (room->transfer->room == room) room->transfer->room = NULL;
}

static const struct lull_class room_class = { .name = "http upload",
                                              .size = sizeof(struct room),
                                              .is_operation = true,
                                              .abandon = room_abandon,
                                              .finish = room_finish };

static enum lull_status wait_for_room(struct lull_call *c, struct transfer *t)
{
  struct lull_value v;
  struct room *room = lull_new(lull_of(c), &room_class, &v);
  if (!room) return lull_return(c, v);
  room->transfer = t;
  t->holds++;
  t->room = room;
  return lull_wait(c, v);
}

static bool take_item(struct lull *lull, struct transfer *t, struct lull_value item)
{
  size_t len;
  const char *bytes = lull_get_bytes(lull, item, &len);
  if (!bytes) bytes = lull_get_string(lull, item, &len);
  return bytes && octets_append(&t->upload, bytes, len);
}

// (request, source): runs in a task of its own, beside the transfer.
static enum lull_status pump(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  void *request = lull_arg_data(c, 0, &request_class);
  struct transfer *t = request ? request_transfer(request) : NULL;
  if (!t || (lull_step(c) == 0 && !lull_walk_begin(c, 0, lull_arg(c, 1)))) return LULL_THROW;
  while (!t->is_ended) {
    struct lull_value item;
    if (t->upload.len >= BODY_HIGH) return wait_for_room(c, t);
    enum lull_status status = lull_walk_next(c, 0, &item);
    if (status != LULL_OK) return status;
    t->is_upload_ended = lull_is_absent(item);
    if (!t->is_upload_ended && !take_item(lull, t, item))
      return lull_throw(c, "TypeError", "a body is sent as strings and bytes, not %s", lull_type_name(lull, item));
    transfer_more(t);
    if (t->is_upload_ended) break;
  }
  return lull_return(c, lull_nil());
}

static const struct lull_native pump_native = { "upload", pump, 2, 2, 2, "upload(request, source)", "Sends a body." };

// The error of a body is the request's.
static bool pumped(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value error)
{
  struct transfer *t = user;
  if (outcome == LULL_THROWN && t->request) {
    void *request = t->request;
    t->request = NULL;
    transfer_abort(t);
    lull_fail(lull, request, error);
  }
  transfer_release(t);
  return true;
}

bool upload_pump(struct lull *lull, void *request, struct lull_value source, uint64_t tag)
{
  struct transfer *t = request_transfer(request);
  struct lull_value args[] = { lull_object(request), source };
  t->holds++;
  if (lull_start(lull, tag, lull_function(lull, &pump_native), args, 2, pumped, t)) return true;
  transfer_release(t);
  return false;
}
