// Targets that run programs: any text, and what the grammar derives.
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "fuzz.h"
#include "trial.h"

enum { PIECE = 48 };  // bytes of an input that one program is derived from

void fuzz_run(const char *bytes, size_t len)
{
  // A state for each input: what one left behind must not be needed for what the next one does.
  struct lull *lull = trial_create(false);
  struct buf report;
  buf_init(&report, lull_alloc(lull));
  trial_run(lull, bytes, len, &report);
  buf_fini(&report);
  trial_destroy(lull);
}

// The names that derived programs use, with values of all kinds.
static const char PRELUDE[] =
    "class C { x = 1; y; fn init(a = 0) { self.y = a }; fn len() => 3; fn equals(o) => o is C; fn hash() => 1; fn compare(o) => 0\n"
    "  fn call(...a) => a; fn iterate() => [1, 2]; fn to_string() => \"C\" }\n"
    "class D : C { fn init() { super.init(2) }; fn next() => done; fn get(k) => k }\n"
    "let a = 1; let b = -2.5; let c = [1, 2.5, \"\u00e9\", nil]; let d = {a: 1, \"b\": [2], c: nil}\n"
    "let x = 10 ** 30; let y = 0..5; let n = nil; let s = \"a\u00f1b\"; let xs = [3, 1, 2]; let ys = [[1], [2]]; let m = {x: 1, y: {a: 2}}\n"
    "fn f(p, q = 1, ...r) => p\n"
    "let g = u => { await sleep(0); u }\n"
    "let k = set([1, 2]); let v = deferred(); let o = C(1); let p = D(); let e = Error(\"e\"); let t = channel(2)\n";

// Several programs, one behind the other in a session: most end early with an error.
void fuzz_evaluate(const char *bytes, size_t len)
{
  struct lull *lull = trial_create(false);
  struct buf text;
  buf_init(&text, lull_alloc(lull));
  if (trial_run(lull, PRELUDE, strlen(PRELUDE), NULL) != LULL_VALUE) abort();
  for (size_t at = 0; at < len; at += PIECE) {
    buf_clear(&text);
    derive(bytes + at, len - at < PIECE ? len - at : PIECE, &text);
    trial_run(lull, buf_text(&text), text.len, NULL);
  }
  buf_fini(&text);
  trial_destroy(lull);
}
