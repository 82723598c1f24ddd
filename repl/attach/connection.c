#include "attach/connection.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/sys.h"

enum {
  CHUNK = 16 * 1024,
  TEXT_MOST = 32 * 1024,  // of the terminal's text in one packet
  UNREAD_MOST = 4 << 20,  // bytes for a terminal that goes on typing without reading
  SIDE_MOST = 4096,       // columns and rows of a terminal
};

static const double GREETING_SECONDS = 10, ENDING_SECONDS = 2;

static void lose(struct connection *c)
{
  c->state = CONNECTION_LOST;
  ev_io_stop(c->house->loop, &c->readable);
  ev_io_stop(c->house->loop, &c->writable);
}

// --- out

bool connection_flush(struct connection *c)
{
  while (c->state != CONNECTION_LOST && c->out_at < c->out.len) {
    ssize_t n = sys_send(c->fd, c->out.data + c->out_at, c->out.len - c->out_at);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      ev_io_start(c->house->loop, &c->writable);
      return false;
    }
    if (n < 0) lose(c);
    else c->out_at += (size_t)n;
  }
  ev_io_stop(c->house->loop, &c->writable);
  buf_clear(&c->out);
  c->out_at = 0;
  return true;
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
  struct connection *c = w->data;
  if (connection_flush(c) && c->state == CONNECTION_ENDING) lose(c);
}

static void put_text(struct connection *c, const char *bytes, size_t len)
{
  for (size_t part; len > 0; bytes += part, len -= part) {
    part = len < TEXT_MOST ? len : TEXT_MOST;
    packet_put(&c->out, PACKET_TEXT, bytes, part);
  }
}

// One packet at a time, so that the screen keeps what the terminal cannot take yet, and may change its mind about it.
// What a session leaves behind is taken at once.
static ssize_t write_text(void *user, const char *bytes, size_t len)
{
  struct connection *c = user;
  bool is_last = c->state == CONNECTION_ENDING;
  if (!is_last && !connection_flush(c)) {
    errno = EAGAIN;
    return -1;
  }
  size_t taken = is_last || len < TEXT_MOST ? len : TEXT_MOST;
  put_text(c, bytes, taken);
  if (c->out.failed) lose(c);
  if (c->state == CONNECTION_LOST) {
    errno = EPIPE;
    return -1;
  }
  if (!is_last) connection_flush(c);
  return (ssize_t)taken;
}

static void put_packet(struct connection *c, enum packet_type type, const char *text)
{
  packet_put(&c->out, type, text, strlen(text));
  connection_flush(c);
}

static void lend(void *user, const char *command)
{
  struct connection *c = user;
  if (command && strlen(command) > PACKET_MOST) command = "echo lull: this command is too long >&2; exit 1";
  put_packet(c, PACKET_LEND, command ? command : "");
}

// --- the session

static void on_leave(void *user)
{
  struct connection *c = user;
  if (c->state == CONNECTION_OPEN) c->state = CONNECTION_LEAVING;
}

static void on_front(u64 cell, void *user) { urgent_set_front(&((struct connection *)user)->urgent, cell); }

static void set_size(struct connection *c, int cols, int rows)
{
  c->remote.cols = cols < SIDE_MOST ? cols : SIDE_MOST;
  c->remote.rows = rows < SIDE_MOST ? rows : SIDE_MOST;
}

static void open_session(struct connection *c, const struct hello *h)
{
  enum color_depth colors = h->colors < COLORS_TRUE ? (enum color_depth)h->colors : COLORS_TRUE;
  c->capabilities = (struct capabilities){ .can_edit = true, .reflows = h->reflows };
  for (int i = 0; i < 3; i++) c->capabilities.stream[i] = (struct stream_capabilities){ true, colors };
  set_size(c, h->cols, h->rows);
  packet_put_welcome(&c->out, c->house->program);
  c->state = CONNECTION_OPEN;
  c->session = session_open(&(struct session_config){
      .alloc = c->alloc,
      .capabilities = &c->capabilities,
      .is_quiet = h->is_quiet,
      .house = c->house,
      .remote = &c->remote,
      .on_leave = on_leave,
      .on_front = on_front,
      .user = c,
  });
  if (!c->session) connection_end(c, END_REFUSED, 1, "the program has no memory or descriptors for a session");
}

static void greet(struct connection *c, const struct packet *p)
{
  struct hello h;
  if (!packet_read_hello(p, &h)) connection_end(c, END_REFUSED, 1, "this is no greeting of lull");
  else if (h.version != PACKET_VERSION)
    connection_end(c, END_REFUSED, 1,
                   "the program is run by another version of lull; attach with the one that runs it");
  else open_session(c, &h);
}

static void take_signal(struct connection *c, int signal)
{
  if (signal == SIGINT && c->urgent.has_stopped) c->urgent.has_stopped = 0;
  else session_signal(c->session, signal);
}

// False: it has no business here.
static bool take(struct connection *c, const struct packet *p)
{
  int cols, rows, status;
  switch (p->type) {
  case PACKET_KEYS: session_feed(c->session, p->payload, p->len); return session_queued(c->session) < UNREAD_MOST;
  case PACKET_INTERRUPT: take_signal(c, SIGINT); return true;
  case PACKET_STOP: take_signal(c, SIGTSTP); return true;
  case PACKET_REDRAW: session_redraw(c->session); return true;
  case PACKET_SIZE:
    if (!packet_read_size(p, &cols, &rows)) return false;
    set_size(c, cols, rows);
    session_resize(c->session);
    return true;
  case PACKET_BACK:
    if (!packet_read_back(p, &status)) return false;
    session_resume(c->session, status);
    return true;
  default: return false;
  }
}

// Code may run in here for long: what is left of the input must begin with a packet then.
static void take_in(struct connection *c)
{
  enum packet_status status = PACKET_WHOLE;
  struct packet p;
  while (c->state <= CONNECTION_OPEN) {
    status = packet_next(buf_text(&c->in) + c->in_at, c->in.len - c->in_at, &p);
    if (status != PACKET_WHOLE) break;
    c->in_at += p.size;
    if (c->state == CONNECTION_NEW) greet(c, &p);
    else if (!take(c, &p)) lose(c);
  }
  if (status == PACKET_WRONG && c->state == CONNECTION_NEW)
    connection_end(c, END_REFUSED, 1, "this is no greeting of lull");
  else if (status == PACKET_WRONG && c->state == CONNECTION_OPEN) lose(c);
  buf_consume(&c->in, c->in_at);
  c->in_at = 0;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct connection *c = w->data;
  char *to = buf_reserve(&c->in, CHUNK);
  bool is_refused = events & EV_ERROR;  // by the system, which will not watch it
  ssize_t n = to && !is_refused ? sys_read(c->fd, to, CHUNK) : -1;
  if (to && !is_refused && n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (n <= 0) {
    lose(c);
    return;
  }
  c->in.len += (size_t)n;
  if (c->state <= CONNECTION_OPEN) take_in(c);
  else buf_clear(&c->in);
}

// --- life

struct connection *connection_create(struct alloc *alloc, struct house *house, int fd)
{
  struct connection *c = mem_alloc_zero(alloc, sizeof *c);
  if (!c) {
    sys_close(fd);
    return NULL;
  }
  c->alloc = alloc;
  c->house = house;
  c->fd = fd;
  c->deadline = sys_now() + GREETING_SECONDS;
  buf_init(&c->in, alloc);
  buf_init(&c->out, alloc);
  c->remote = (struct remote){ .fd = fd, .write = write_text, .lend = lend, .user = c };
  c->urgent = (struct urgent){ .fd = fd, .in = &c->in, .in_at = &c->in_at };
  urgent_add(&c->urgent);
  ev_io_init(&c->readable, on_readable, fd, EV_READ);
  ev_io_init(&c->writable, on_writable, fd, EV_WRITE);
  c->readable.data = c->writable.data = c;
  ev_io_start(house->loop, &c->readable);
  return c;
}

// The session lives on in the house as long as something of it runs.
static void leave_session(struct connection *c)
{
  struct session *s = c->session;
  c->session = NULL;
  if (!s) return;
  session_detach(s);
  if (!session_is_alive(s)) session_close(s);
}

void connection_end(struct connection *c, enum packet_why why, int status, const char *text)
{
  if (c->state >= CONNECTION_ENDING) return;
  c->state = CONNECTION_ENDING;
  c->deadline = sys_now() + ENDING_SECONDS;
  leave_session(c);
  if (c->state == CONNECTION_LOST) return;
  packet_put_end(&c->out, why, status, text);
  if (c->out.failed || connection_flush(c)) lose(c);
}

void connection_destroy(struct connection *c)
{
  lose(c);
  leave_session(c);
  urgent_remove(&c->urgent);
  sys_close(c->fd);
  buf_fini(&c->in);
  buf_fini(&c->out);
  mem_free(c->alloc, c, sizeof *c);
}
