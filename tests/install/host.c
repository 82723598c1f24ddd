// A program over the installed library: it runs the text it is given, on a loop of its own, and ends as that did.
#include <ev.h>
#include <lull.h>
#include <string.h>
#include <unistd.h>

static void put(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  if (write(stream, bytes, len) < 0) *(int *)user = 1;
}

static void ended(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  if (outcome != LULL_VALUE) *(int *)user = 1;
}

int main(int argc, char **argv)
{
  int status = 0;
  struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
  struct lull_host host = { .user = &status, .write = put, .settled = ended, .failed = ended };
  struct lull *lull = lull_create(loop, &host, 0);
  if (!lull || lull_run(lull, 1, "host", argv[1], strlen(argv[1]), LULL_FILE, NULL) != LULL_STARTED) return 2;
  ev_run(loop, 0);
  lull_destroy(lull);
  ev_loop_destroy(loop);
  return status;
}
