// lull: a session at a terminal, or a script. Reads the command line, decides which, and ends the process as that has
// ended.
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "attach/client.h"
#include "base/buf.h"
#include "base/sys.h"
#include "options.h"
#include "script.h"
#include "session/interrupt.h"
#include "session/session.h"
#include "session/textfile.h"
#include "writer.h"

enum { STATUS_ERROR = 1, STATUS_WRONG = 2 };

struct program {
  struct alloc alloc;
  struct options options;
  struct capabilities capabilities;
  struct buf text;   // to be run
  const char *name;  // of it
};

// A descriptor that is closed would be given to the next file that is opened. What stands in its place makes reads and
// writes fail as before.
static void occupy_descriptors(void)
{
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) _exit(STATUS_ERROR);
}

// Text is UTF-8 inside, whatever the locale; libedit is told so where the locale is older. Scripts are spared reading one.
static void set_locale(void)
{
  if (setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8")) return;
  setlocale(LC_CTYPE, "C.UTF-8");
}

static int complain(const struct buf *message, int status)
{
  static const char no_memory[] = "lull: out of memory\n";
  if (message->failed) (void)sys_write_all(2, no_memory, sizeof no_memory - 1);
  else (void)sys_write_all(2, buf_text(message), message->len);
  return status;
}

static int put_text(struct program *p, const struct buf *text)
{
  struct writer out;
  struct buf message;
  writer_init(&out, &p->alloc, 1, false);
  buf_init(&message, &p->alloc);
  bool done = writer_put(&out, buf_text(text), text->len) && writer_flush(&out);
  if (!done && out.error == EPIPE) interrupt_die(SIGPIPE);
  if (!done) buf_printf(&message, "lull: standard output: %s\n", strerror(out.error));
  int status = done ? 0 : complain(&message, STATUS_ERROR);
  buf_fini(&message);
  writer_fini(&out);
  return status;
}

static int run_information(struct program *p)
{
  struct buf text;
  buf_init(&text, &p->alloc);
  switch (p->options.action) {
  case OPTIONS_HELP: options_help(&text); break;
  case OPTIONS_COMPLETIONS: options_completions(p->options.shell, &text); break;
  default: buf_puts(&text, "lull " LULL_VERSION "\n"); break;
  }
  int status = put_text(p, &text);
  buf_fini(&text);
  return status;
}

static bool has_text(const struct program *p)
{
  return p->options.has_code || p->options.file || !p->capabilities.stream[0].is_terminal;
}

// -i without a text reads inputs from wherever standard input leads, so that is not read as a script.
static bool is_session(const struct program *p) { return p->options.is_interactive || !has_text(p); }

static bool read_text(struct program *p, struct buf *message)
{
  if (p->options.has_code) {
    p->name = "-e";
    buf_append(&p->text, buf_text(&p->options.code), p->options.code.len);
    return true;
  }
  const char *file = p->options.file ? p->options.file : "-";
  p->name = strcmp(file, "-") ? file : "<stdin>";
  buf_puts(message, "lull: ");
  bool done = textfile_read(file, &p->text, message);
  if (done) buf_clear(message);
  else buf_putc(message, '\n');
  return done;
}

static int end(int status, int signal)
{
  if (signal) interrupt_die(signal);
  return status;
}

static int run_session(struct program *p)
{
  bool has_first = p->options.has_code || p->options.file;
  set_locale();
  struct session_end ended = session_run(&(struct session_config){
      .alloc = &p->alloc,
      .capabilities = &p->capabilities,
      .is_quiet = p->options.is_quiet,
      .skips_init = p->options.skips_init,
      .log = p->options.log,
      .denied = p->options.denied,
      .memory = p->options.memory,
      .steps = p->options.steps,
      .seconds = p->options.seconds,
      .first = has_first ? buf_text(&p->text) : NULL,
      .first_len = p->text.len,
      .first_name = p->name,
      .argc = p->options.argc,
      .argv = p->options.argv,
  });
  return end(ended.status, ended.signal);
}

static int run_attached(struct program *p)
{
  struct client_end ended = client_run(&(struct client_config){
      .alloc = &p->alloc,
      .capabilities = &p->capabilities,
      .path = p->options.attach,
      .is_quiet = p->options.is_quiet,
  });
  return end(ended.status, ended.signal);
}

static int run_script(struct program *p)
{
  if (p->options.listen) set_locale();
  struct script_end ended = script_run(&(struct script_config){
      .alloc = &p->alloc,
      .capabilities = &p->capabilities,
      .name = p->name,
      .text = buf_text(&p->text),
      .len = p->text.len,
      .prints_value = p->options.prints_value,
      .checks_only = p->options.checks_only,
      .is_colored = p->options.color == COLOR_ALWAYS,
      .memory = p->options.memory,
      .steps = p->options.steps,
      .seconds = p->options.seconds,
      .denied = p->options.denied,
      .listen = p->options.listen,
      .argc = p->options.argc,
      .argv = p->options.argv,
  });
  return end(ended.status, ended.signal);
}

static int run(struct program *p, struct buf *message)
{
  if (p->options.action != OPTIONS_RUN) return run_information(p);
  capabilities_read(&p->capabilities, p->options.color);
  if (p->options.attach) return run_attached(p);
  if (p->options.listen && is_session(p)) {
    buf_puts(message, "lull: --listen is for a script: lull --listen PATH FILE\n");
    return complain(message, STATUS_WRONG);
  }
  bool reads_first = !is_session(p) || p->options.has_code || p->options.file;
  if (reads_first && !read_text(p, message)) return complain(message, STATUS_WRONG);
  return is_session(p) ? run_session(p) : run_script(p);
}

int main(int argc, char *argv[])
{
  struct program p = { .name = "" };
  struct buf message;
  alloc_tune();
  occupy_descriptors();
  signal(SIGPIPE, SIG_IGN);
  alloc_init(&p.alloc, SIZE_MAX);
  buf_init(&message, &p.alloc);
  buf_init(&p.text, &p.alloc);
  options_init(&p.options, &p.alloc);
  int status = options_parse(&p.options, argc, argv, &message) ? run(&p, &message) : complain(&message, STATUS_WRONG);
  options_fini(&p.options);
  buf_fini(&p.text);
  buf_fini(&message);
  return status;
}
