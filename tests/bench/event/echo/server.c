// An echo server on libev, as one writes it by hand: what is not taken at once waits in a buffer. Prints its port.
#include <arpa/inet.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
  ev_io reading, writing;
  char *rest;
  size_t len;
};

static void drop(struct ev_loop *loop, struct connection *c)
{
  ev_io_stop(loop, &c->reading);
  ev_io_stop(loop, &c->writing);
  close(c->reading.fd);
  free(c->rest);
  free(c);
}

static void keep(struct ev_loop *loop, struct connection *c, const char *bytes, size_t len)
{
  char *rest = malloc(len);
  memcpy(rest, bytes, len);
  free(c->rest);
  c->rest = rest;
  c->len = len;
  ev_io_stop(loop, &c->reading);
  ev_io_start(loop, &c->writing);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct connection *c = (struct connection *)w;
  char bytes[65536];
  ssize_t n = read(w->fd, bytes, sizeof bytes);
  (void)events;
  if (n <= 0) {
    drop(loop, c);
    return;
  }
  ssize_t sent = send(w->fd, bytes, (size_t)n, MSG_NOSIGNAL);
  if (sent < 0) sent = 0;
  if (sent < n) keep(loop, c, bytes + sent, (size_t)(n - sent));
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
  struct connection *c = (struct connection *)((char *)w - offsetof(struct connection, writing));
  ssize_t sent = send(w->fd, c->rest, c->len, MSG_NOSIGNAL);
  (void)events;
  if (sent > 0) {
    memmove(c->rest, c->rest + sent, c->len - (size_t)sent);
    c->len -= (size_t)sent;
  }
  if (c->len) return;
  ev_io_stop(loop, &c->writing);
  ev_io_start(loop, &c->reading);
}

static void on_connection(struct ev_loop *loop, ev_io *w, int events)
{
  int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
  (void)events;
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct connection *c = calloc(1, sizeof *c);
  ev_io_init(&c->reading, on_readable, fd, EV_READ);
  ev_io_init(&c->writing, on_writable, fd, EV_WRITE);
  ev_io_start(loop, &c->reading);
}

int main(void)
{
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t len = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  ev_io listener;
  if (bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 1024) < 0) return 1;
  getsockname(fd, (struct sockaddr *)&a, &len);
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  struct ev_loop *loop = ev_default_loop(0);
  ev_io_init(&listener, on_connection, fd, EV_READ);
  ev_io_start(loop, &listener);
  ev_run(loop, 0);
}
