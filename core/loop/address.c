#include "loop/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static struct sockaddr_in *ipv4(const struct address *a) { return (struct sockaddr_in *)(uintptr_t)&a->any; }
static struct sockaddr_in6 *ipv6(const struct address *a) { return (struct sockaddr_in6 *)(uintptr_t)&a->any; }
static struct sockaddr_un *local(const struct address *a) { return (struct sockaddr_un *)(uintptr_t)&a->any; }

bool address_parse(struct address *a, const char *host, u16 port)
{
  memset(a, 0, sizeof *a);
  if (inet_pton(AF_INET, host, &ipv4(a)->sin_addr) == 1) {
    a->any.ss_family = AF_INET;
    a->len = sizeof(struct sockaddr_in);
  } else if (inet_pton(AF_INET6, host, &ipv6(a)->sin6_addr) == 1) {
    a->any.ss_family = AF_INET6;
    a->len = sizeof(struct sockaddr_in6);
  } else {
    return false;
  }
  address_set_port(a, port);
  return true;
}

bool address_unix(struct address *a, const char *path)
{
  memset(a, 0, sizeof *a);
  struct sockaddr_un *un = local(a);
  size_t len = strlen(path);
  if (len >= sizeof un->sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, path, len);
  a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
  if (path[0] != '@') return true;
  un->sun_path[0] = 0;
  a->len--;  // abstract names are as long as they are said to be
  return true;
}

static void print_unix(const struct address *a, struct buf *out)
{
  const struct sockaddr_un *un = local(a);
  size_t head = offsetof(struct sockaddr_un, sun_path);
  buf_puts(out, "unix:");
  if (a->len <= head) return;
  if (un->sun_path[0]) {
    buf_append(out, un->sun_path, strnlen(un->sun_path, a->len - head));
  } else {
    buf_putc(out, '@');
    buf_append(out, un->sun_path + 1, a->len - head - 1);
  }
}

void address_print_host(const struct address *a, struct buf *out)
{
  char text[INET6_ADDRSTRLEN] = "";
  if (a->any.ss_family == AF_UNIX) {
    print_unix(a, out);
    return;
  }
  bool is_v4 = a->any.ss_family == AF_INET;
  inet_ntop(a->any.ss_family, is_v4 ? (void *)&ipv4(a)->sin_addr : (void *)&ipv6(a)->sin6_addr, text, sizeof text);
  buf_puts(out, text);
}

void address_print(const struct address *a, struct buf *out)
{
  bool is_v6 = a->any.ss_family == AF_INET6;
  if (is_v6) buf_putc(out, '[');
  address_print_host(a, out);
  if (is_v6) buf_putc(out, ']');
  if (a->any.ss_family != AF_UNIX) buf_printf(out, ":%u", address_port(a));
}

u16 address_port(const struct address *a)
{
  if (a->any.ss_family == AF_INET) return ntohs(ipv4(a)->sin_port);
  return a->any.ss_family == AF_INET6 ? ntohs(ipv6(a)->sin6_port) : 0;
}

void address_set_port(struct address *a, u16 port)
{
  if (a->any.ss_family == AF_INET) ipv4(a)->sin_port = htons(port);
  else if (a->any.ss_family == AF_INET6) ipv6(a)->sin6_port = htons(port);
}

bool address_local(struct address *a, int fd)
{
  memset(a, 0, sizeof *a);
  a->len = sizeof a->any;
  return getsockname(fd, (struct sockaddr *)&a->any, &a->len) == 0;
}

bool address_peer(struct address *a, int fd)
{
  memset(a, 0, sizeof *a);
  a->len = sizeof a->any;
  return getpeername(fd, (struct sockaddr *)&a->any, &a->len) == 0;
}
