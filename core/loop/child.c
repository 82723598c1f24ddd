#include "loop/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "loop/io.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

#define POLL_SECONDS 0.02  // between looks at a child where nothing tells of its end
#define FINAL_TRIES 100    // milliseconds that children get to end when all of them have to
#define LEAST_FREE 3       // the first descriptor a child must not have

static void stop_timer(struct ev_loop *loop, ev_timer *w)
{
  if (!ev_is_active(w)) return;
  ev_ref(loop);
  ev_timer_stop(loop, w);
}

// Starting

// An ignored signal would stay ignored in the child. SIGHUP may: that is what nohup is for.
static bool set_signals(posix_spawnattr_t *attr)
{
  static const int defaults[] = { SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCHLD };
  sigset_t none, set;
  sigemptyset(&none);
  sigemptyset(&set);
  for (size_t i = 0; i < COUNT_OF(defaults); i++) sigaddset(&set, defaults[i]);
  return posix_spawnattr_setsigmask(attr, &none) == 0 && posix_spawnattr_setsigdefault(attr, &set) == 0;
}

static bool set_attributes(posix_spawnattr_t *attr, const struct child_spec *spec)
{
  int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
#ifdef POSIX_SPAWN_SETSID
  flags |= spec->terminal ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
#else
  flags |= POSIX_SPAWN_SETPGROUP;
#endif
  return set_signals(attr) && posix_spawnattr_setpgroup(attr, 0) == 0 &&
         posix_spawnattr_setflags(attr, (short)flags) == 0;
}

// A descriptor among 0 to 2 that is to become another one would be overwritten on the way, and one that is to stay
// where it is must lose its close-on-exec: both are made right by a copy further up. Gives the copy, or -1.
static int out_of_the_way(int fd) { return fd >= 0 && fd < LEAST_FREE ? fcntl(fd, F_DUPFD_CLOEXEC, LEAST_FREE) : fd; }

static int set_descriptors(posix_spawn_file_actions_t *actions, const struct child_spec *spec, const int fds[3])
{
  int error = 0;
  if (spec->terminal) {
    error = posix_spawn_file_actions_addopen(actions, 0, spec->terminal, O_RDWR, 0);
    for (int i = 1; i < 3 && !error; i++) error = posix_spawn_file_actions_adddup2(actions, 0, i);
  }
  for (int i = 0; i < 3 && !spec->terminal && !error; i++) {
    if (fds[i] >= 0) error = posix_spawn_file_actions_adddup2(actions, fds[i], i);
    else error = posix_spawn_file_actions_addopen(actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
  }
#ifdef __GLIBC__
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, LEAST_FREE);
#endif
  if (!error && spec->cwd) error = posix_spawn_file_actions_addchdir_np(actions, spec->cwd);
  return error;
}

static int spawn_with(pid_t *pid, const struct child_spec *spec, posix_spawn_file_actions_t *actions,
                      posix_spawnattr_t *attr)
{
  int fds[3], error = 0;
  for (int i = 0; i < 3; i++) {
    fds[i] = out_of_the_way(spec->fds[i]);
    if (spec->fds[i] >= 0 && fds[i] < 0 && !error) error = errno;
  }
  if (!error && !set_attributes(attr, spec)) error = ENOMEM;
  if (!error) error = set_descriptors(actions, spec, fds);
  if (!error) error = sys_spawn(pid, spec->path, actions, attr, spec->argv, spec->envp);
  for (int i = 0; i < 3; i++) {
    if (fds[i] >= 0 && fds[i] != spec->fds[i]) sys_close(fds[i]);
  }
  return error;
}

static int spawn(pid_t *pid, const struct child_spec *spec)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attr;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attr);
  if (!error) {
    error = spawn_with(pid, spec, &actions, &attr);
    posix_spawnattr_destroy(&attr);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Ending

static void destroy(struct loop_child *child)
{
  struct loop_children *all = child->all;
  if (child->prev) child->prev->next = child->next;
  else all->first = child->next;
  if (child->next) child->next->prev = child->prev;
  mem_free(all->alloc, child, sizeof *child);
}

static void stop_watching(struct loop_child *child)
{
  struct ev_loop *loop = child->all->loop;
  if (ev_is_active(&child->reaper)) {
    ev_ref(loop);
    ev_child_stop(loop, &child->reaper);
  }
  loop_io_stop(loop, &child->ended);
  stop_timer(loop, &child->timer);
  if (child->poll_fd >= 0) sys_close(child->poll_fd);
  child->poll_fd = -1;
}

static bool has_group(const struct loop_child *child) { return kill(-child->pid, 0) == 0 || errno == EPERM; }

static void end_grace(struct loop_child *child)
{
  if (ev_is_active(&child->grace)) ev_timer_stop(child->all->loop, &child->grace);
}

static void start_grace(struct loop_child *child, double seconds)
{
  struct ev_loop *loop = child->all->loop;
  end_grace(child);
  ev_now_update(loop);  // it is as old as the loop's turn
  ev_timer_set(&child->grace, seconds, 0.);
  ev_timer_start(loop, &child->grace);
}

static void destroy_unowned(struct loop_child *child)
{
  if (child->has_ended && !child->on_ended && !ev_is_active(&child->grace)) destroy(child);
}

static void child_ended(struct loop_child *child, int status)
{
  stop_watching(child);
  child->has_ended = true;
  child->is_stopped = false;
  child->status = status;
  // Others of the group may still be on their way out, or refuse to go.
  if (ev_is_active(&child->grace)) start_grace(child, 0.);
  if (child->on_ended) child->on_ended(child);
  else destroy_unowned(child);
}

static void on_reaped(struct ev_loop *loop, ev_child *w, int events)
{
  struct loop_child *child = CONTAINER_OF(w, struct loop_child, reaper);
  (void)loop;
  (void)events;
  if (WIFSTOPPED(w->rstatus)) child->is_stopped = true;
  else if (WIFCONTINUED(w->rstatus)) child->is_stopped = false;
  else child_ended(child, w->rstatus);
}

// False: it still runs.
static bool look(struct loop_child *child)
{
  int status;
  pid_t pid = waitpid(child->pid, &status, WNOHANG);
  if (pid == 0 || (pid < 0 && errno == EINTR)) return false;
  child_ended(child, pid > 0 ? status : -1);
  return true;
}

static void poll_for(struct loop_child *child)
{
  ev_timer_start(child->all->loop, &child->timer);
  ev_unref(child->all->loop);
}

static void on_pidfd(struct ev_loop *loop, ev_io *w, int events)
{
  struct loop_child *child = CONTAINER_OF(w, struct loop_child, ended);
  if (loop_io_is_refused(loop, events)) poll_for(child);
  else look(child);
}

static void on_poll(struct ev_loop *loop, ev_timer *w, int events)
{
  (void)loop;
  (void)events;
  look(CONTAINER_OF(w, struct loop_child, timer));
}

static void on_grace(struct ev_loop *loop, ev_timer *w, int events)
{
  struct loop_child *child = CONTAINER_OF(w, struct loop_child, grace);
  (void)loop;
  (void)events;
  bool is_over = sys_now() >= child->deadline;
  if (is_over) loop_child_kill(child, SIGKILL);
  else if (has_group(child)) start_grace(child, POLL_SECONDS);
  destroy_unowned(child);
}

static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  (void)pid;
  return -1;
#endif
}

// The default loop reaps all children of the process itself, so the others cannot be told of theirs that way.
static void watch(struct loop_child *child)
{
  struct ev_loop *loop = child->all->loop;
  if (ev_is_default_loop(loop)) {
    ev_child_start(loop, &child->reaper);
    ev_unref(loop);
    return;
  }
  child->poll_fd = open_pidfd(child->pid);
  if (child->poll_fd >= 0) {
    ev_io_set(&child->ended, child->poll_fd, EV_READ);
    loop_io_start(loop, &child->ended);
  } else {
    poll_for(child);
  }
}

// The owner's functions

void loop_children_init(struct loop_children *all, struct ev_loop *loop, struct alloc *alloc)
{
  *all = (struct loop_children){ .loop = loop, .alloc = alloc };
}

struct loop_child *loop_child_start(struct loop_children *all, const struct child_spec *spec)
{
  struct loop_child *child = mem_alloc_zero(all->alloc, sizeof *child);
  if (!child) return errno = ENOMEM, NULL;
  int error = spawn(&child->pid, spec);
  if (error) {
    mem_free(all->alloc, child, sizeof *child);
    return errno = error, NULL;
  }
  child->all = all;
  child->poll_fd = -1;
  child->next = all->first;
  if (child->next) child->next->prev = child;
  all->first = child;
  ev_child_init(&child->reaper, on_reaped, child->pid, 1);
  ev_io_init(&child->ended, on_pidfd, -1, EV_READ);
  ev_timer_init(&child->timer, on_poll, POLL_SECONDS, POLL_SECONDS);
  ev_timer_init(&child->grace, on_grace, CHILD_GRACE, 0.);
  watch(child);
  return child;
}

void loop_child_release(struct loop_child *child)
{
  child->on_ended = NULL;
  destroy_unowned(child);
}

bool loop_child_kill(struct loop_child *child, int signal) { return kill(-child->pid, signal) == 0; }

void loop_child_end(struct loop_child *child)
{
  if (child->is_ending) {
    loop_child_kill(child, SIGKILL);
    return;
  }
  child->is_ending = true;
  if (!loop_child_kill(child, SIGTERM)) return;
  loop_child_kill(child, SIGCONT);  // a stopped one would never hear of it
  child->deadline = sys_now() + CHILD_GRACE;
  start_grace(child, child->has_ended ? POLL_SECONDS : CHILD_GRACE);
}

static void pause_briefly(void)
{
  struct timespec millisecond = { .tv_nsec = 1000000 };
  nanosleep(&millisecond, NULL);
}

static bool is_gone(struct loop_child *child)
{
  return (child->has_ended || waitpid(child->pid, &child->status, WNOHANG) != 0) && !has_group(child);
}

static void finish(struct loop_child *child, int *tries)
{
  if (!child->has_ended) stop_watching(child);
  end_grace(child);
  while (!is_gone(child)) {
    if (--*tries <= 0) {
      loop_child_kill(child, SIGKILL);
      if (!child->has_ended) waitpid(child->pid, &child->status, 0);
      break;
    }
    pause_briefly();
  }
  destroy(child);
}

void loop_children_fini(struct loop_children *all)
{
  int tries = FINAL_TRIES;
  for (struct loop_child *child = all->first; child; child = child->next) {
    if (!child->is_ending) loop_child_end(child);
  }
  while (all->first) finish(all->first, &tries);
}
