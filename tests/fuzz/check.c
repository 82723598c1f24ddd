// Targets written in the language: checks/TARGET.lull defines check(bytes, text), which throws where a promise is broken.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "trial.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define NAME_(name) fuzz_##name
#define NAME(name) NAME_(name)

// One state serves so many inputs: making it costs more than most of them.
enum { INPUTS = 500 };

static size_t slurp(const char *path, char *to, size_t size)
{
  FILE *f = fopen(path, "rb");
  size_t len = f ? fread(to, 1, size, f) : 0;
  if (f) fclose(f);
  if (len == 0 || len == size) {
    perror(path);
    abort();
  }
  return len;
}

#ifdef FUZZ_HTTP
extern const struct lull_plugin lull_plugin;

static void open_http(struct lull *lull)
{
  struct lull_module *module = lull_define_module(lull, lull_plugin.name);
  if (!module || !lull_plugin.open(lull, module)) abort();
}
#else
static void open_http(struct lull *lull) { (void)lull; }
#endif

static struct lull *begin(struct buf *report)
{
  static char common[8192], own[16384];
  static size_t common_len, own_len;
  if (!own_len) {
    common_len = slurp(CHECKS "/common.lull", common, sizeof common);
    own_len = slurp(CHECKS "/" TEXT(FUZZ_TARGET) ".lull", own, sizeof own);
  }
  struct lull *lull = trial_create(true);
  open_http(lull);
  buf_init(report, lull_alloc(lull));
  if (trial_run(lull, common, common_len, report) != LULL_VALUE || trial_run(lull, own, own_len, report) != LULL_VALUE) {
    fprintf(stderr, "%s", buf_text(report));
    abort();
  }
  buf_clear(report);
  return lull;
}

void NAME(FUZZ_TARGET)(const char *bytes, size_t len)
{
  static struct lull *lull;
  static struct buf report;
  static unsigned count;
  if (!lull) lull = begin(&report);
  if (trial_call(lull, "check", bytes, len, &report) != LULL_VALUE) {
    fprintf(stderr, "%s", buf_text(&report));
    abort();
  }
  buf_clear(&report);
  if (++count % INPUTS) return;
  buf_fini(&report);
  trial_destroy(lull);
  lull = NULL;
}
