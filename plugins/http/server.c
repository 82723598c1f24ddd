#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "watch.h"

#define BODY_MAX ((int64_t)16 << 20)
#define BACKLOG 1024
#define TIMEOUT 30.0  // seconds
#define TIMEOUT_MAX 1e6
#define QUIET 1.0  // seconds without a shortage after which the next one is told
#define PAUSE 0.1  // seconds

void server_is_short(struct server *server, int error)
{
  char text[192];
  double now = ev_time();
  bool is_news = now >= server->short_until || now < server->short_until - QUIET;
  server->short_until = now + QUIET;
  if (!is_news) return;
  const char *what = error == ENOMEM ? "answer a request" : "accept";
  int len = snprintf(text, sizeof text, "http.serve: cannot %s at %s:%d for now: %s\n", what, server->host, server->port,
                     strerror(error));
  lull_write(server->lull, lull_tag_of(server), 2, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

// What libmicrohttpd has to say. Of all of it only this is not seen otherwise: no more descriptors.
static void on_log(void *user, const char *format, va_list args)
{
  struct server *server = user;
  (void)args;
  if (!strstr(format, "resource limit")) return;
  server_is_short(server, EMFILE);
  // With no connection whose end it could wait for it would try again at once, and for ever.
  server->is_resting |= strstr(format, "FIRST") != NULL;
}

static void rest(struct server *server)
{
  server->is_resting = false;
  watch_io_stop(lull_loop(server->lull), &server->io);
  watch_timer_stop(lull_loop(server->lull), &server->timer);
  watch_timer(lull_loop(server->lull), &server->timer, PAUSE);
}

static void run(struct server *server)
{
  struct ev_loop *loop = lull_loop(server->lull);
  MHD_UNSIGNED_LONG_LONG milliseconds;
  if (!server->daemon) return;
  watch_timer_stop(loop, &server->timer);
  server->is_kicked = false;
  MHD_run(server->daemon);
  links_check(&server->links);
  if (server->is_resting) {
    rest(server);
    return;
  }
  if (!ev_is_active(&server->io)) watch_io(loop, &server->io, server->io.fd, EV_READ);
  // Where it was out of descriptors, or of connections, it listens again in the run after one was closed, of which nothing else reminds it.
  if (server->links.has_closed) server_kick(server);
  server->links.has_closed = false;
  if (!ev_is_active(&server->timer) && MHD_get_timeout(server->daemon, &milliseconds) == MHD_YES)
    watch_timer(loop, &server->timer, (double)milliseconds / 1000.0);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
  struct server *server = (struct server *)(void *)((char *)w - offsetof(struct server, io));
  if (watch_io_is_refused(loop, events)) {
    server_is_short(server, ENOBUFS);
    server->is_resting = true;
  }
  run(server);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
  (void)events;
  watch_timer_stop(loop, w);
  run((struct server *)(void *)((char *)w - offsetof(struct server, timer)));
}

void server_kick(struct server *server)
{
  struct ev_loop *loop = lull_loop(server->lull);
  if (!server->daemon || server->is_kicked) return;
  server->is_kicked = true;
  watch_timer_stop(loop, &server->timer);  // it may have been for the end of some connection's time
  watch_timer(loop, &server->timer, 0);
}

static void stop(struct server *server)
{
  struct MHD_Daemon *daemon = server->daemon;
  if (!daemon) return;
  server->daemon = NULL;  // what ends now kicks nothing
  watch_io_stop(lull_loop(server->lull), &server->io);
  watch_timer_stop(lull_loop(server->lull), &server->timer);
  watch_timer_stop(lull_loop(server->lull), &server->ending);
  // The daemon does not stop while connections are suspended. They go on, and are closed, for there is no answer.
  for (struct exchange *e = server->exchanges; e; e = e->next) {
    e->is_answered = e->is_out_ended = e->is_out_failed = true;
    if (e->is_suspended) MHD_resume_connection(e->connection);
    e->is_suspended = false;
  }
  MHD_run(daemon);
  MHD_stop_daemon(daemon);
  links_fini(&server->links);
}

// Ends in a callback of its own: libmicrohttpd is in the midst of a request.
static void on_ending(struct ev_loop *loop, ev_timer *w, int events)
{
  struct server *server = (struct server *)(void *)((char *)w - offsetof(struct server, ending));
  (void)loop;
  (void)events;
  stop(server);
  lull_resolve(server->lull, server, lull_nil());
}

void server_left(struct server *server)
{
  if (!server->is_closing || server->exchanges || !server->daemon) return;
  watch_timer(lull_loop(server->lull), &server->ending, 0);
}

static void server_mark(struct lull *lull, void *data)
{
  struct server *server = data;
  lull_mark(lull, server->handler);
  lull_mark(lull, server->answer);
  for (const struct exchange *e = server->exchanges; e; e = e->next) lull_mark(lull, lull_object(e));
}

static void server_abandon(struct lull *lull, void *data)
{
  (void)lull;
  stop(data);
}

static void server_finish(struct lull *lull, void *data)
{
  (void)lull;
  if (((struct server *)data)->lull) stop(data);
}

static int server_describe(const void *data, char *to, size_t size)
{
  const struct server *s = data;
  return snprintf(to, size, "http server on %s:%d, %llu request%s so far", s->host, s->port, (unsigned long long)s->served,
                  s->served == 1 ? "" : "s");
}

static struct server *self(struct lull_call *c) { return lull_arg_data(c, 0, &server_class); }

static bool is_handler(struct lull *lull, struct lull_value v)
{
  struct lull_value key, f;
  if (lull_type(lull, v) != LULL_IS_MAP) return lull_type(lull, v) == LULL_IS_FUNCTION;
  for (uint32_t at = 0; lull_map_next(v, &at, &key, &f);) {
    if (lull_type(lull, f) != LULL_IS_FUNCTION) return false;
  }
  return true;
}

static enum lull_status server_swap(struct lull_call *c)
{
  struct server *s = self(c);
  if (!s) return LULL_THROW;
  if (!is_handler(lull_of(c), lull_arg(c, 1))) return lull_arg_fail(c, 1, "a function, or a map of them");
  lull_store(lull_of(c), s, &s->handler, lull_arg(c, 1));
  return lull_return(c, lull_arg(c, 0));
}

static enum lull_status server_close(struct lull_call *c)
{
  struct server *s = self(c);
  if (!s) return LULL_THROW;
  if (s->daemon && !s->is_closing) {
    s->is_closing = true;
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0) close(fd);
    server_left(s);
  }
  return lull_return(c, lull_arg(c, 0));
}

static enum lull_status get_port(struct lull_call *c) { return lull_return(c, lull_int(self(c)->port)); }

static enum lull_status get_url(struct lull_call *c)
{
  const struct server *s = self(c);
  bool is_six = strchr(s->host, ':') != NULL;
  return lull_return(c, lull_format(lull_of(c), is_six ? "http://[%s]:%d" : "http://%s:%d", s->host, s->port));
}

static enum lull_status get_served(struct lull_call *c) { return lull_return(c, lull_int((int64_t)self(c)->served)); }

static enum lull_status get_open(struct lull_call *c)
{
  int64_t count = 0;
  for (const struct exchange *e = self(c)->exchanges; e; e = e->next) count++;
  return lull_return(c, lull_int(count));
}

static const struct lull_native methods[] = {
  { "swap", server_swap, 1, 1, 0, "swap(handler)", "From now on requests are answered by [handler]; gives the server." },
  { "close", server_close, 0, 0, 0, "close()",
    "Takes no more requests; gives the server, which can be awaited until those it has are answered." },
};
static const struct lull_native getters[] = {
  { "port", get_port, 0, 0, 0, "port", "The port it listens on." },
  { "url", get_url, 0, 0, 0, "url", "Where it is: \"http://127.0.0.1:8080\"." },
  { "served", get_served, 0, 0, 0, "served", "How many requests came so far." },
  { "open", get_open, 0, 0, 0, "open", "How many of them are not done with." },
};

const struct lull_class server_class = { .name = "http server",
                                         .doc = "A server that runs until it is closed. Awaiting it waits for that.",
                                         .methods = methods,
                                         .method_count = 2,
                                         .getters = getters,
                                         .getter_count = sizeof getters / sizeof *getters,
                                         .size = sizeof(struct server),
                                         .mark = server_mark,
                                         .finish = server_finish,
                                         .is_operation = true,
                                         .is_effect = true,
                                         .describe = server_describe,
                                         .abandon = server_abandon };

// The address of a host that is given in digits, or as localhost. 0: it is neither.
static socklen_t address_of(const char *host, int port, struct sockaddr_storage *address)
{
  struct sockaddr_in *four = (struct sockaddr_in *)(void *)address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)address;
  memset(address, 0, sizeof *address);
  if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
  four->sin_family = AF_INET;
  four->sin_port = htons((uint16_t)port);
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) return sizeof *four;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons((uint16_t)port);
  return inet_pton(AF_INET6, host, &six->sin6_addr) == 1 ? sizeof *six : 0;
}

// A descriptor that listens, or -1 with errno set; *port is told where it was 0.
static int listen_on(const struct sockaddr_storage *address, socklen_t len, int *port)
{
  int on = 1, fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct sockaddr_storage own = { 0 };
  socklen_t own_len = sizeof own;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (const struct sockaddr *)address, len) == 0 && listen(fd, BACKLOG) == 0 &&
      getsockname(fd, (struct sockaddr *)&own, &own_len) == 0) {
    *port = ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&own)->sin6_port
                                            : ((struct sockaddr_in *)(void *)&own)->sin_port);
    return fd;
  }
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// As many as there may be descriptors, but for some for other uses.
static unsigned connections_max(void)
{
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY || files.rlim_cur > 1u << 20) return 1u << 20;
  return files.rlim_cur > 128 ? (unsigned)files.rlim_cur - 64 : 64;
}

struct place {
  int64_t port, max_body;
  double timeout;
  unsigned connections;
  const char *host;
  struct sockaddr_storage address;
  socklen_t address_len;
};

static bool start(struct server *server, int fd, const struct place *p)
{
  if (!links_init(&server->links, server->lull, p->timeout)) return false;
  server->daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, exchange_access, server,
      MHD_OPTION_EXTERNAL_LOGGER, on_log, server, MHD_OPTION_LISTEN_SOCKET, fd,
      MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, server, MHD_OPTION_NOTIFY_CONNECTION, links_notify, &server->links,
      MHD_OPTION_CONNECTION_LIMIT, p->connections,
      MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(p->timeout + 0.999), MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (!server->daemon) links_fini(&server->links);
  if (!server->daemon) return false;
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  ev_init(&server->io, on_io);
  watch_io(lull_loop(server->lull), &server->io, info->epoll_fd, EV_READ);
  return true;
}

static bool read_place(struct lull_call *c, struct place *p)
{
  int64_t connections = connections_max();
  *p = (struct place){ .max_body = BODY_MAX, .timeout = TIMEOUT, .host = "127.0.0.1" };
  if (!lull_arg_int(c, 0, &p->port) || (lull_arg_has(c, 2) && !lull_arg_string(c, 2, &p->host, NULL)) ||
      (lull_arg_has(c, 3) && !lull_arg_int(c, 3, &p->max_body)) ||
      (lull_arg_has(c, 4) && !lull_arg_seconds(c, 4, &p->timeout)) || (lull_arg_has(c, 5) && !lull_arg_int(c, 5, &connections)))
    return false;
  if (connections < 1 || p->timeout > TIMEOUT_MAX) {
    lull_throw(c, "ValueError", connections < 1 ? "http.serve: `connections` is 1 at least" : "http.serve: `timeout` is a million seconds at most");
    return false;
  }
  p->connections = connections < connections_max() ? (unsigned)connections : connections_max();
  if (!is_handler(lull_of(c), lull_arg(c, 1))) {
    lull_arg_fail(c, 1, "a function, or a map of them");
    return false;
  }
  p->address_len = address_of(p->host, (int)p->port, &p->address);
  if (p->port >= 0 && p->port <= 65535 && p->address_len && strlen(p->host) < 64) return true;
  if (!p->address_len) lull_throw(c, "ValueError", "http.serve: `host` is an address such as \"127.0.0.1\", \"::\" or \"0.0.0.0\"");
  else lull_throw(c, "ValueError", "http.serve: a port is between 0 and 65535");
  return false;
}

static enum lull_status http_serve(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct place p;
  struct lull_value v;
  int port;
  if (!read_place(c, &p)) return LULL_THROW;
  int fd = listen_on(&p.address, p.address_len, &port);
  if (fd < 0) return lull_throw_errno(c, errno, "cannot listen on %s:%d", p.host, (int)p.port);
  struct server *server = lull_new(lull, &server_class, &v);
  if (!server) {
    close(fd);
    return lull_return(c, v);
  }
  server->lull = lull;
  server->handler = lull_arg(c, 1);
  server->answer = lull_nil();
  server->answer = lull_function(lull, &answer_native);
  server->max_body = p.max_body;
  server->port = port;
  strcpy(server->host, p.host);
  ev_init(&server->timer, on_timer);
  ev_init(&server->ending, on_ending);
  if (!lull_is_absent(server->answer) && start(server, fd, &p)) return lull_return(c, v);
  close(fd);
  struct lull_value error = lull_error(lull, "LimitError", NULL, "no memory for a server");
  lull_give_up(lull, server);
  return lull_throw_value(c, error);
}

static const struct lull_native natives[] = {
  { "serve", http_serve, 2, 6, 0,
    "serve(port, handler, host = \"127.0.0.1\", max_body = 16777216, timeout = 30, connections = nil)",
    "Answers requests by calling [handler] with each, in a task of its own: it may await. Gives the server at once.\n"
    "A string is sent as text (as HTML where it begins like that), bytes as they are, nil as 204, http.file(path) as the\n"
    "file, what can be looped over (a channel, an object with iterate) as a stream, all else as JSON. An error is\n"
    "reported and answered with 500. Instead of a function, a map of routes: \"GET /users/:id\", \"/static/*\"; see\n"
    "req.params.\n"
    "[port] 0 picks one: see .port. [host]: an address; \"0.0.0.0\" and \"::\" listen to everybody. [max_body]: bytes.\n"
    "[timeout]: seconds after which a connection is closed on which nothing is sent, or on which the head of a request has\n"
    "not come as a whole; 0: never. A handler may take as long as it likes. [connections]: how many there may be at once;\n"
    "others wait until one is closed. As many as descriptors, but for 64, if nothing else is said.\n"
    "Throws an IOError with .code EADDRINUSE ..., a ValueError for numbers that make no sense.\n"
    "    http.serve(8080, req => ({hello: req.path}))" },
};

bool server_open(struct lull *lull, struct lull_module *module)
{
  return lull_module_add(lull, module, natives, 1) && answer_open(lull, module);
}
