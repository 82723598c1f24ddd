// The client of a state: libcurl's multi interface on the state's loop, and the transfers under way in it.
#ifndef LULL_HTTP_CLIENT_H
#define LULL_HTTP_CLIENT_H

#include <curl/curl.h>
#include <ev.h>
#include <stdio.h>

#include "octets.h"

#define HEAD_MAX ((size_t)1 << 20)      // bytes of the head of an answer
#define ANSWER_MAX ((int64_t)1 << 30)   // and of its body, unless a request says another number
#define BODY_HIGH ((size_t)256 * 1024)  // bytes that wait to be read, or sent, before the other side has to

struct transfer;

struct client {
  struct lull *lull;
  CURLM *multi;
  ev_timer timer;
  struct transfer *transfers;  // under way
  struct socket_watch *watches;
  bool has_unwatched;  // transfers that are to end
};

// Cookies that several transfers share.
struct jar {
  struct lull *lull;
  CURLSH *share;
  unsigned holds;
};

// One exchange with a server. It belongs to its request and its response, which each hold it.
struct transfer {
  struct lull *lull;
  struct client *client;  // NULL unless it is under way
  struct transfer *next, *prev;
  unsigned holds;
  CURL *easy;  // NULL once it has ended
  CURLcode code;
  long os_error;
  struct jar *jar;  // NULL: no cookies are kept
  struct curl_slist *headers;
  curl_mime *parts;
  char method[24];
  struct octets url, head, body, upload;
  double timeout;  // seconds; 0: none
  int64_t max_body;  // bytes, of one that is not streamed
  long status;
  double seconds;  // it took
  bool is_ended, is_paused;
  bool is_streamed;      // the body is read while it comes
  bool has_body, is_upload_paused, is_upload_ended;
  bool is_out_of_memory;
  bool is_unwatched;  // there was no memory to wait for a socket of its own
  const char *too_large;  // what came and was more than is taken: "head" or "body"; NULL
  FILE *file;     // what is uploaded, or NULL
  void *request;  // the operation that waits for the response; NULL once it has it
  void *reader;   // the operation that waits for more of a streamed body
  void *room;     // the operation that waits until more can be uploaded
  char error[CURL_ERROR_SIZE];
};

extern const struct lull_class client_class;

struct transfer *transfer_new(struct lull *lull, const char *method);  // held once; NULL: no memory
void transfer_release(struct transfer *t);
bool transfer_start(struct transfer *t);  // false: no memory
// Ends it early; nobody is told.
void transfer_abort(struct transfer *t);
// Bytes were taken from its body: it may go on.
void transfer_taken(struct transfer *t);
// There is more to be uploaded, or no more.
void transfer_more(struct transfer *t);
// Why it failed, as an error of the language.
struct lull_value transfer_error(struct transfer *t);

struct jar *jar_new(struct lull *lull);  // held once; NULL: no memory
void jar_release(struct jar *jar);

// In request.c: the head of the response is complete and its body begins, or all is over.
void request_answered(struct transfer *t);
// In response.c: a streamed body has more, or has ended.
void response_progress(struct transfer *t);

#endif
