// One request to a server and its answer: the data of the value a handler gets.
#ifndef LULL_HTTP_EXCHANGE_H
#define LULL_HTTP_EXCHANGE_H

#include "server.h"

#define ANSWER_HIGH ((size_t)64 * 1024)  // bytes of a streamed answer that wait for the client

struct exchange {
  struct lull *lull;
  struct server *server;               // NULL once the client has all, or has gone
  struct MHD_Connection *connection;  // likewise
  struct exchange *next, *prev;
  struct lull_value method, path, params, query, headers, json;  // nil until they are known
  struct octets body;
  struct MHD_Response *response;  // ready, and not taken by the daemon yet
  unsigned status;
  bool is_started, is_suspended, is_too_large;
  bool is_body_lost;  // there was no memory for it
  bool is_answered;  // a response was made
  struct octets out;  // of a streamed answer
  bool is_out_ended, is_out_failed;
  void *room;  // the operation that waits until more of it can be sent
};

extern const struct lull_class exchange_class;  // "request"

// For the daemon.
enum MHD_Result exchange_access(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *bytes, size_t *len, void **exchange);
void exchange_completed(void *server, struct MHD_Connection *connection, void **exchange,
                        enum MHD_RequestTerminationCode code);
// Its response is ready, or a streamed one has more: the connection goes on.
void exchange_resume(struct exchange *e);
// Answers with a text of the server's own, unless it has been answered.
void exchange_refuse(struct exchange *e, unsigned status, const char *text);
struct lull_value exchange_headers(struct exchange *e);

#endif
