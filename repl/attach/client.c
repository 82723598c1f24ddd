#include "attach/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/packet.h"
#include "attach/socket.h"
#include "base/sys.h"
#include "term/lending.h"
#include "term/modes.h"

enum {
  STATUS_ERROR = 1,
  STATUS_WRONG = 2,
  CHUNK = 16 * 1024,
  UNSENT_MOST = 1 << 20,  // of keys, while the program does not read: the terminal waits then
  ANSWER_MS = 1000,       // until it is said that the program does not answer
  CTRL_C = 3,
  CTRL_Z = 26,
  CTRL_BACKSLASH = 28,
};

// Handlers take no argument of ours: they note the signal and make the wait end.
static struct {
  volatile sig_atomic_t noted[NSIG];
  int wake[2];
} signals = { .wake = { -1, -1 } };

struct client {
  const struct client_config *config;
  int tty, socket;
  struct buf in, out;
  struct buf program;  // its name
  bool is_open;        // both have greeted each other: the terminal is ours
  bool is_told;        // that it takes long
  bool is_over;
  struct client_end end;
};

// --- signals

static void on_signal(int number)
{
  int error = errno;
  signals.noted[number] = 1;
  ssize_t n = write(signals.wake[1], "", 1);
  (void)n;  // a full pipe wakes too
  errno = error;
}

static bool catch_signals(void)
{
  static const int caught[] = { SIGWINCH, SIGCONT, SIGTSTP, SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  sigemptyset(&action.sa_mask);
  if (sys_pipe(signals.wake) < 0) return false;
  for (int i = 0; i < 2; i++)
    if (sys_set_nonblocking(signals.wake[i]) < 0) return false;
  for (size_t i = 0; i < COUNT_OF(caught); i++) sigaction(caught[i], &action, NULL);
  return true;
}

static bool take_signal(int number)
{
  bool was = signals.noted[number];
  signals.noted[number] = 0;
  return was;
}

// --- the end

static void put_error(struct client *c, const char *text, size_t len)
{
  struct buf line;
  buf_init(&line, c->config->alloc);
  buf_puts(&line, "lull: ");
  buf_append_text(&line, text, len);
  buf_putc(&line, '\n');
  (void)sys_write_all(2, buf_text(&line), line.len);  // nobody is left to tell where this fails
  buf_fini(&line);
}

static void give_back_terminal(struct client *c, const char *last)
{
  if (!c->is_open) return;
  (void)sys_write_all(c->tty, last, strlen(last));
  modes_restore();
  c->is_open = false;
}

static void be_over(struct client *c, int status, const char *text, size_t len)
{
  if (c->is_over) return;
  c->is_over = true;
  c->end.status = status;
  give_back_terminal(c, len > 0 ? MODES_RESET "\r\n" : MODES_RESET);
  if (len > 0) put_error(c, text, len);
}

static void be_over_text(struct client *c, int status, const char *text) { be_over(c, status, text, strlen(text)); }

static void be_lost(struct client *c)
{
  be_over_text(c, STATUS_ERROR,
               c->is_open ? "the connection was lost: the program was killed"
                          : "the program did not take the connection");
}

// --- to the program

static void send_out(struct client *c)
{
  while (!c->is_over && c->out.len > 0) {
    ssize_t n = sys_send(c->socket, c->out.data, c->out.len);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (n < 0) return;  // what it has said before it went is still to be read
    buf_consume(&c->out, (size_t)n);
  }
}

static void get_size(struct client *c, int *cols, int *rows)
{
  struct winsize size = { 0 };
  if (ioctl(c->tty, TIOCGWINSZ, &size) < 0) size = (struct winsize){ 0 };
  *cols = size.ws_col ? size.ws_col : 80;
  *rows = size.ws_row ? size.ws_row : 24;
}

static void put_size(struct client *c)
{
  int cols, rows;
  get_size(c, &cols, &rows);
  packet_put_size(&c->out, cols, rows);
}

static bool enter_terminal(void)
{
  if (!modes_edit()) return false;
  modes_signals(false);  // keys that make signals are for the session
  return true;
}

static void come_back(struct client *c, int status)
{
  if (!enter_terminal()) {
    be_over_text(c, STATUS_ERROR, "the terminal is gone");
    return;
  }
  put_size(c);
  packet_put_back(&c->out, status);
}

static void stop(struct client *c)
{
  modes_restore();
  raise(SIGSTOP);
  take_signal(SIGCONT);
  come_back(c, 0);
}

static void run_command(struct client *c, const char *command)
{
  int status = 127 << 8;
  modes_restore();
  pid_t pid = lending_start(command);
  if (pid > 0) {
    while (waitpid(pid, &status, WUNTRACED) == pid ? WIFSTOPPED(status) : errno == EINTR)
      if (WIFSTOPPED(status)) lending_dismiss(pid);
    lending_end();
  }
  come_back(c, status);
}

static void lend(struct client *c, const struct packet *p)
{
  struct buf command;
  buf_init(&command, c->config->alloc);
  buf_append(&command, p->payload, p->len);
  if (command.len > 0) run_command(c, buf_text(&command));
  else stop(c);
  buf_fini(&command);
}

// --- from the program

static void open_terminal(struct client *c)
{
  if (!modes_save(c->tty)) {
    be_over_text(c, STATUS_ERROR, "the terminal is gone");
    return;
  }
  modes_guard();
  c->is_open = enter_terminal();
  if (!c->is_open) be_over_text(c, STATUS_ERROR, "the terminal is gone");
}

static void take_end(struct client *c, const struct farewell *end)
{
  struct buf text;
  buf_init(&text, c->config->alloc);
  if (end->why == END_PROGRAM) buf_printf(&text, "%s %.*s", buf_text(&c->program), (int)end->len, end->text);
  else if (end->why == END_REFUSED) buf_printf(&text, "%s: %.*s", c->config->path, (int)end->len, end->text);
  be_over(c, end->status, buf_text(&text), text.len);
  buf_fini(&text);
}

static void take_welcome(struct client *c, const struct packet *p)
{
  u16 version;
  if (!packet_read_welcome(p, &version, &c->program)) be_over_text(c, STATUS_ERROR, "what listens there is not lull");
  else if (version != PACKET_VERSION)
    be_over_text(c, STATUS_ERROR, "the program is run by another version of lull; attach with the one that runs it");
  else open_terminal(c);
}

static void take(struct client *c, const struct packet *p)
{
  struct farewell end;
  if (packet_read_end(p, &end)) {
    take_end(c, &end);
  } else if (!c->is_open) {
    take_welcome(c, p);
  } else if (p->type == PACKET_TEXT) {
    if (!sys_write_all(c->tty, p->payload, p->len)) be_over_text(c, STATUS_ERROR, "the terminal is gone");
  } else if (p->type == PACKET_LEND) {
    lend(c, p);
  }
}

static void take_in(struct client *c)
{
  struct packet p;
  size_t at = 0;
  enum packet_status status = PACKET_PART;
  while (!c->is_over && (status = packet_next(buf_text(&c->in) + at, c->in.len - at, &p)) == PACKET_WHOLE) {
    take(c, &p);
    at += p.size;
  }
  buf_consume(&c->in, at);
  if (status == PACKET_WRONG) be_over_text(c, STATUS_ERROR, "what listens there is not lull, or another version of it");
}

static void read_socket(struct client *c)
{
  char *to = buf_reserve(&c->in, CHUNK);
  ssize_t n = to ? sys_read(c->socket, to, CHUNK) : -1;
  if (to && n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (n <= 0) {
    be_lost(c);
    return;
  }
  c->in.len += (size_t)n;
  take_in(c);
}

// --- keys

static void put_keys(struct client *c, const char *bytes, size_t len)
{
  if (len > 0) packet_put(&c->out, PACKET_KEYS, bytes, len);
}

// Keys that mean a signal go as such, in their place. Ctrl-\ leaves without asking, for programs that answer no more.
static void take_keys(struct client *c, const char *bytes, size_t len)
{
  size_t from = 0;
  for (size_t i = 0; i < len; i++) {
    if (bytes[i] != CTRL_C && bytes[i] != CTRL_Z && bytes[i] != CTRL_BACKSLASH) continue;
    put_keys(c, bytes + from, i - from);
    from = i + 1;
    if (bytes[i] == CTRL_BACKSLASH) {
      be_over_text(c, 0, "left by Ctrl-\\; the program goes on");
      return;
    }
    packet_put(&c->out, bytes[i] == CTRL_C ? PACKET_INTERRUPT : PACKET_STOP, NULL, 0);
  }
  put_keys(c, bytes + from, len - from);
}

static void read_keys(struct client *c)
{
  char bytes[CHUNK];
  ssize_t n = sys_read(c->tty, bytes, sizeof bytes);
  if (n > 0) take_keys(c, bytes, (size_t)n);
  else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) c->is_over = true, c->end.signal = SIGHUP;
}

// --- the loop

static void take_signals(struct client *c)
{
  static const int fatal[] = { SIGTERM, SIGHUP };
  char bytes[64];
  while (sys_read(signals.wake[0], bytes, sizeof bytes) > 0) {}
  for (size_t i = 0; i < COUNT_OF(fatal); i++) {
    if (!take_signal(fatal[i])) continue;
    give_back_terminal(c, MODES_RESET "\r\n");
    c->is_over = true;
    c->end.signal = fatal[i];
  }
  if (take_signal(SIGINT)) {
    if (c->is_open) packet_put(&c->out, PACKET_INTERRUPT, NULL, 0);
    else c->is_over = true, c->end.signal = SIGINT;
  }
  if (!c->is_open) return;
  if (take_signal(SIGTSTP)) packet_put(&c->out, PACKET_STOP, NULL, 0);
  if (take_signal(SIGCONT) && enter_terminal()) {  // stopped by others, who may have used the terminal
    put_size(c);
    packet_put(&c->out, PACKET_REDRAW, NULL, 0);
  }
  if (take_signal(SIGWINCH)) put_size(c);
}

static void tell_waiting(struct client *c)
{
  static const char text[] = "the program is busy and does not answer yet; Ctrl-C leaves";
  c->is_told = true;
  put_error(c, text, sizeof text - 1);
}

static void serve(struct client *c)
{
  enum { TTY, SOCKET, WAKE, COUNT };
  bool reads_keys = c->is_open && c->out.len < UNSENT_MOST;
  struct pollfd fds[COUNT] = {
    [TTY] = { .fd = c->is_open ? c->tty : -1, .events = reads_keys ? POLLIN : 0 },
    [SOCKET] = { .fd = c->socket, .events = (short)(POLLIN | (c->out.len > 0 ? POLLOUT : 0)) },
    [WAKE] = { .fd = signals.wake[0], .events = POLLIN },
  };
  int ready = poll(fds, COUNT, c->is_open || c->is_told ? -1 : ANSWER_MS);
  if (ready < 0 && errno != EINTR) be_over_text(c, STATUS_ERROR, strerror(errno));
  if (ready == 0) tell_waiting(c);
  if (fds[WAKE].revents) take_signals(c);
  if (fds[TTY].revents && !c->is_over) read_keys(c);
  send_out(c);
  if (fds[SOCKET].revents & (POLLIN | POLLHUP | POLLERR) && !c->is_over) read_socket(c);
  send_out(c);
}

static void greet(struct client *c)
{
  int cols, rows;
  get_size(c, &cols, &rows);
  const struct capabilities *own = c->config->capabilities;
  packet_put_hello(&c->out, &(struct hello){ .version = PACKET_VERSION,
                                             .colors = (u8)own->stream[1].colors,
                                             .reflows = own->reflows,
                                             .is_quiet = c->config->is_quiet,
                                             .cols = (u16)cols,
                                             .rows = (u16)rows });
}

static void attach(struct client *c)
{
  struct buf message;
  buf_init(&message, c->config->alloc);
  c->tty = c->config->capabilities->can_edit ? modes_open_terminal() : -1;
  if (c->tty < 0) {
    be_over_text(c, STATUS_WRONG, "--attach needs a terminal that is not dumb for input and output");
  } else if ((c->socket = socket_connect(c->config->path, &message)) < 0) {
    be_over(c, STATUS_ERROR, buf_text(&message), message.len);
  } else if (!catch_signals()) {
    be_over_text(c, STATUS_ERROR, strerror(errno));
  } else {
    greet(c);
    while (!c->is_over) serve(c);
  }
  buf_fini(&message);
}

struct client_end client_run(const struct client_config *config)
{
  struct client c = { .config = config, .tty = -1, .socket = -1 };
  buf_init(&c.in, config->alloc);
  buf_init(&c.out, config->alloc);
  buf_init(&c.program, config->alloc);
  attach(&c);
  buf_fini(&c.program);
  buf_fini(&c.out);
  buf_fini(&c.in);
  for (int i = 0; i < 2; i++)
    if (signals.wake[i] >= 0) sys_close(signals.wake[i]);
  if (c.socket >= 0) sys_close(c.socket);
  if (c.tty >= 0) sys_close(c.tty);
  return c.end;
}
