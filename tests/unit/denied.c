// What is denied to the process fails in every call that could do it, with EPERM, and touches nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/sys_file.h"

// A call that must be refused.
#define DENIED(call) \
  do { \
    errno = 0; \
    assert_true(call); \
    assert_int_equal(errno, EPERM); \
  } while (0)

static void test_files(void **state)
{
  char text[PATH_MAX];
  struct stat st;
  (void)state;
  DENIED(sys_open("/dev/null", O_RDONLY, 0) < 0);
  DENIED(sys_mkdir("/nowhere/a", 0700) < 0);
  DENIED(sys_stat("/", &st) < 0);
  DENIED(sys_lstat("/", &st) < 0);
  DENIED(sys_rename("/nowhere/a", "/nowhere/b") < 0);
  DENIED(sys_rename_new("/nowhere/a", "/nowhere/b") < 0);
  DENIED(sys_unlink("/nowhere/a") < 0);
  DENIED(sys_rmdir("/nowhere/a") < 0);
  DENIED(sys_chmod("/nowhere/a", 0700) < 0);
  DENIED(sys_link("/nowhere/a", "/nowhere/b") < 0);
  DENIED(sys_symlink("/nowhere/a", "/nowhere/b") < 0);
  DENIED(sys_read_link("/proc/self/exe", text, sizeof text) < 0);
  DENIED(!sys_real_path("/", text));
  DENIED(!sys_cwd(text, sizeof text));
  DENIED(!sys_open_dir("/", true));
  DENIED(sys_watch_open() < 0);
  DENIED(sys_watch_add(0, "/", 0) < 0);
}

static void test_net(void **state)
{
  struct sockaddr any = { .sa_family = AF_INET };
  (void)state;
  DENIED(sys_socket(AF_INET, SOCK_STREAM) < 0);
  DENIED(sys_connect(0, &any, sizeof any) < 0);
  DENIED(sys_bind(0, &any, sizeof any) < 0);
}

static void test_run(void **state)
{
  pid_t pid;
  char *args[] = { (char *)"true", NULL };
  (void)state;
  assert_int_equal(sys_spawn(&pid, "/bin/true", NULL, NULL, args, NULL), EPERM);
}

static void test_for_good(void **state)
{
  (void)state;
  sys_deny(0);
  assert_true(sys_is_denied(SYS_FILES) && sys_is_denied(SYS_NET) && sys_is_denied(SYS_RUN));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_files),
    cmocka_unit_test(test_net),
    cmocka_unit_test(test_run),
    cmocka_unit_test(test_for_good),
  };
  sys_deny(SYS_FILES | SYS_NET | SYS_RUN);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
