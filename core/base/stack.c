#include "base/stack.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

#ifdef LULL_HAS_UCONTEXT
#include <ucontext.h>

#define STACK_BYTES ((size_t)256 << 10)
#define PAGES_MAX ((size_t)64 << 10)  // the largest page of any system

struct stack {
  ucontext_t inside, outside;
  void (*fn)(void *user);
  void *user;
  bool is_over;
  void *block;
  char *guard;  // the lowest page: running out of the stack faults
  size_t page;
};

struct stack *stack_create(struct alloc *alloc)
{
  struct stack *s = mem_alloc_zero(alloc, sizeof *s);
  if (!s) return errno = ENOMEM, NULL;
  s->block = mem_alloc(alloc, STACK_BYTES);
  if (!s->block) {
    stack_destroy(alloc, s);
    return errno = ENOMEM, NULL;
  }
  long page = sysconf(_SC_PAGESIZE);
  s->page = page > 0 && (size_t)page <= PAGES_MAX ? (size_t)page : PAGES_MAX;
  s->guard = (char *)(((uintptr_t)s->block + s->page - 1) & ~(uintptr_t)(s->page - 1));
  if (mprotect(s->guard, s->page, PROT_NONE) < 0) s->page = 0;
  return s;
}

void stack_destroy(struct alloc *alloc, struct stack *s)
{
  if (!s) return;
  if (s->page) (void)mprotect(s->guard, s->page, PROT_READ | PROT_WRITE);
  if (s->block) mem_free(alloc, s->block, STACK_BYTES);
  mem_free(alloc, s, sizeof *s);
}

static void run(unsigned int low, unsigned int high)
{
  struct stack *s = (struct stack *)((uintptr_t)low | (uintptr_t)high << 16 << 16);
  s->fn(s->user);
  s->is_over = true;
  stack_leave(s);
}

bool stack_start(struct stack *s, void (*fn)(void *user), void *user)
{
  char *bottom = s->page ? s->guard + s->page : s->block;
  s->fn = fn;
  s->user = user;
  s->is_over = false;
  getcontext(&s->inside);
  s->inside.uc_stack.ss_sp = bottom;
  s->inside.uc_stack.ss_size = STACK_BYTES - (size_t)(bottom - (char *)s->block);
  s->inside.uc_link = NULL;
  uintptr_t self = (uintptr_t)s;
  makecontext(&s->inside, (void (*)(void))run, 2, (unsigned int)self, (unsigned int)(self >> 16 >> 16));
  return stack_resume(s);
}

bool stack_resume(struct stack *s)
{
  swapcontext(&s->outside, &s->inside);
  return s->is_over;
}

void stack_leave(struct stack *s) { swapcontext(&s->inside, &s->outside); }

#else

struct stack *stack_create(struct alloc *alloc)
{
  (void)alloc;
  return errno = ENOSYS, NULL;
}

void stack_destroy(struct alloc *alloc, struct stack *s)
{
  (void)alloc;
  CHECK(!s);
}

bool stack_start(struct stack *s, void (*fn)(void *user), void *user)
{
  (void)s, (void)fn, (void)user;
  bug("there are no stacks");
}

bool stack_resume(struct stack *s) { return stack_start(s, NULL, NULL); }

void stack_leave(struct stack *s) { (void)stack_resume(s); }

#endif
