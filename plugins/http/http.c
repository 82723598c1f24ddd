// The module http: a client on libcurl and a server on libmicrohttpd, on the loop of the state.
#include <curl/curl.h>

#include "file.h"
#include "lull.h"
#include "request.h"
#include "server.h"

static bool open_module(struct lull *lull, struct lull_module *module)
{
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return false;
  return request_open(lull, module) && server_open(lull, module) && file_open(lull, module);
}

LULL_PLUGIN("http", open_module);
