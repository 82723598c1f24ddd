// load PORT CONNECTIONS BYTES REQUESTS: that many clients of an echo server, each with one message under way at a time.
// Prints requests per second and the median and 99th percentile of the time to the answer in microseconds.
#include <arpa/inet.h>
#include <ev.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct client {
  ev_io io;
  int fd;
  size_t got;
  double sent;
};

static size_t size, requests, begun, answered;
static char message[65536], answer[65536];
static float *times;

static double now(void) { return ev_time(); }

static void die(const char *what)
{
  perror(what);
  exit(1);
}

static void say(struct client *c)
{
  if (begun == requests) return;
  begun++;
  c->got = 0;
  c->sent = now();
  if (write(c->fd, message, size) != (ssize_t)size) die("write");
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct client *c = (struct client *)w;
  ssize_t n = read(c->fd, answer, sizeof answer);
  (void)events;
  if (n <= 0) die("read");
  c->got += (size_t)n;
  if (c->got < size) return;
  times[answered++] = (float)(now() - c->sent);
  if (answered == requests) ev_break(loop, EVBREAK_ALL);
  else say(c);
}

static int by_time(const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static int dial(int port)
{
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

int main(int argc, char **argv)
{
  if (argc != 5) return 2;
  size_t connections = (size_t)atol(argv[2]);
  size = (size_t)atol(argv[3]);
  requests = (size_t)atol(argv[4]);
  times = calloc(requests, sizeof *times);
  struct client *clients = calloc(connections, sizeof *clients);
  struct ev_loop *loop = ev_default_loop(0);
  for (size_t i = 0; i < connections; i++) {
    clients[i].fd = dial(atoi(argv[1]));
    ev_io_init(&clients[i].io, on_readable, clients[i].fd, EV_READ);
    ev_io_start(loop, &clients[i].io);
  }
  double began = now();
  for (size_t i = 0; i < connections; i++) say(&clients[i]);
  ev_run(loop, 0);
  double took = now() - began;
  qsort(times, answered, sizeof *times, by_time);
  printf("%.0f %.0f %.0f\n", (double)requests / took, times[answered / 2] * 1e6, times[answered * 99 / 100] * 1e6);
  return 0;
}
