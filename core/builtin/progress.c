// progress: anything that can be looped over, with a bar that shows how far the loop is.
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "builtin/builtin.h"
#include "builtin/display.h"
#include "builtin/walk.h"
#include "value/range.h"

static const double SHOWN_AFTER = 0.1, SHOWN_EVERY = 1 / 30.0, LOOK_WITHIN = 0.005;

enum { LOOK_MOST = 64, BAR_CELLS = 24 };

struct progress {
  struct object object;
  Value source, label;  // the label: a string, or nil
  Value walk[WALK_LOCALS];
  bool is_started;
  bool has_total;
  u64 total, count;
  u64 look_at;   // the count at which the clock is looked at again
  u32 stride;    // items between two looks: few where items are slow
  u64 number;    // of its display
  double started, looked, shown;
};

static struct progress *self(struct call *c) { return (struct progress *)(void *)as_object(c->args[0]); }

static void mark_progress(struct heap *heap, struct object *o)
{
  struct progress *p = (struct progress *)o;
  heap_mark(heap, p->source);
  heap_mark(heap, p->label);
  heap_mark(heap, p->walk[0]);
}

static void print_progress(struct heap *heap, struct object *o, struct buf *out)
{
  const struct progress *p = (const struct progress *)o;
  buf_printf(out, "<progress: %llu", (unsigned long long)p->count);
  if (p->has_total) buf_printf(out, " of %llu", (unsigned long long)p->total);
  buf_putc(out, '>');
}

// The label in one line.
static void put_label(struct heap *heap, const struct progress *p, const char *behind, struct buf *out)
{
  if (is_nil(p->label) || AS_STRING(p->label)->len == 0) return;
  const char *bytes = string_bytes(heap, AS_STRING(p->label));
  for (u32 i = 0; i < AS_STRING(p->label)->len; i++) buf_putc(out, (u8)bytes[i] < ' ' ? ' ' : bytes[i]);
  buf_puts(out, behind);
}

static void put_bar(const struct progress *p, struct buf *out)
{
  double part = p->total ? (double)p->count / (double)p->total : 1;
  if (part > 1) part = 1;
  int full = (int)(part * BAR_CELLS);
  for (int i = 0; i < BAR_CELLS; i++) buf_puts(out, i < full ? "█" : "░");
  buf_printf(out, " %3d%% %llu/%llu", (int)(part * 100), (unsigned long long)p->count, (unsigned long long)p->total);
}

static void put_running(struct heap *heap, const struct progress *p, double now, struct buf *out)
{
  put_label(heap, p, " ", out);
  if (p->has_total) put_bar(p, out);
  else buf_printf(out, "%llu", (unsigned long long)p->count);
  buf_printf(out, " %.1f s", now - p->started);
}

static void put_finished(struct heap *heap, const struct progress *p, double now, struct buf *out)
{
  put_label(heap, p, ": ", out);
  buf_printf(out, "%llu in %.1f s", (unsigned long long)p->count, now - p->started);
}

static void show(struct call *c, struct progress *p, double now, bool is_last)
{
  struct buf text;
  struct lull_ref ref = { .vm = c->vm, .value = NIL, .holds = 1 };
  buf_init(&text, &c->vm->alloc);
  (is_last ? put_finished : put_running)(c->heap, p, now, &text);
  p->shown = now;
  // Without memory this picture is left out.
  if (!text.failed) {
    display_show(c->vm, &(struct lull_shown){ .value = &ref, .form = LULL_BAR, .text = buf_text(&text),
                                              .len = text.len, .display = p->number, .is_update = true,
                                              .is_last = is_last });
  }
  buf_fini(&text);
}

static void look(struct call *c, struct progress *p)
{
  double now = sys_now();
  p->stride = now - p->looked > LOOK_WITHIN ? 1 : p->stride < LOOK_MOST ? p->stride * 2 : LOOK_MOST;
  p->looked = now;
  p->look_at = p->count + p->stride;
  if (now - p->started >= SHOWN_AFTER && now - p->shown >= SHOWN_EVERY) show(c, p, now, false);
}

static bool start(struct call *c, struct progress *p)
{
  if (!walk_start(c, 0, p->source)) return false;
  memcpy(p->walk, c->locals, sizeof p->walk);
  heap_barrier(c->heap, p);
  p->is_started = true;
  p->count = 0;
  p->stride = 1;
  p->look_at = 1;
  p->number = display_number(c->vm);
  p->started = p->looked = sys_now();
  p->shown = 0;
  return true;
}

static enum native_status progress_iterate(struct call *c)
{
  return start(c, self(c)) ? native_return(c, c->args[0]) : NATIVE_THROW;
}

// Only whole steps are taken over: a walk that waits is one call's own.
static void take_over(struct call *c, struct progress *p)
{
  if (p->walk[0].bits != c->locals[0].bits) heap_barrier(c->heap, p);
  memcpy(p->walk, c->locals, sizeof p->walk);
}

static enum native_status progress_next(struct call *c)
{
  struct progress *p = self(c);
  Value item[2];
  if (c->step == 0) {
    if (!p->is_started && !start(c, p)) return NATIVE_THROW;
    memcpy(c->locals, p->walk, sizeof p->walk);
  }
  enum walk_status s = walk_next(c, 0, item);
  if (s == WALK_CALL || s == WALK_THROW) return walk_leave(s);
  take_over(c, p);
  if (s == WALK_ITEM) {
    if (++p->count >= p->look_at) look(c, p);
    return native_return(c, item[0]);
  }
  show(c, p, sys_now(), true);
  p->is_started = false;
  return native_return(c, DONE);
}

static Value progress_new(struct call *c, struct string *label)
{
  struct progress *p = heap_new(c->heap, KIND_PROGRESS, sizeof *p);
  Value source = c->args[0];
  p->source = source;
  p->label = label ? value_object(label) : NIL;
  p->walk[0] = p->walk[1] = NIL;
  p->has_total = IS_RANGE(source) || IS_LIST(source) || IS_STRING(source) || IS_BYTES(source) || IS_MAP(source) ||
                 IS_SET(source);
  p->total = IS_RANGE(source) ? range_len(AS_RANGE(source)) : walk_room(source);
  return value_object(p);
}

static enum native_status set_total(struct call *c)
{
  struct progress *p = (struct progress *)(void *)as_object(c->locals[WALK_LOCALS]);
  if (!is_int(c->value) || as_int(c->value) < 0)
    return throw_error(c->vm, c->vm->errors.type, "progress: `len` must return a count, not %s",
                       type_name(c->vm, c->value));
  p->has_total = true;
  p->total = (u64)as_int(c->value);
  return native_return(c, c->locals[WALK_LOCALS]);
}

static enum native_status global_progress(struct call *c)
{
  struct string *label = NULL;
  if (c->step > 0) return set_total(c);
  if (!arg_string_or(c, 1, &label) || !walk_start(c, 0, c->args[0])) return NATIVE_THROW;
  Value progress = progress_new(c, label);
  Value method = IS_INSTANCE(c->args[0]) ? class_find_method(AS_INSTANCE(c->args[0])->class, c->vm->known.len) : UNSET;
  if (is_unset(method)) return native_return(c, progress);
  c->locals[WALK_LOCALS] = progress;
  return native_call_method(c, c->args[0], method, NULL, 0);
}

static const struct native natives[] = {
  { .name = "progress",
    .fn = global_progress,
    .required = 1,
    .max = 2,
    .locals = WALK_LOCALS + 1,
    .usage = "progress(values, label = nil)",
    .doc = "The same values to loop over, with a bar that shows how far the loop is, on terminals.\n"
           "Where the values have a length it shows the part done; of maps the keys are looped over. When the loop has\n"
           "come to its end, a line with the count and the time stays.\n"
           "    for file in progress(files, \"reading\") { read(file) }" },
};

static const struct native methods[] = {
  { .name = "iterate", .fn = progress_iterate, .locals = WALK_LOCALS, .usage = "iterate()",
    .doc = "Begins anew: itself." },
  { .name = "next", .fn = progress_next, .locals = WALK_LOCALS, .usage = "next()",
    .doc = "The next value, or `done` at the end." },
};

bool builtin_open_progress(struct lull *vm)
{
  heap_register(&vm->heap, KIND_PROGRESS,
                (struct heap_kind){ .name = "progress", .mark = mark_progress, .print = print_progress });
  return vm_define_natives(vm, natives, COUNT_OF(natives)) &&
         class_add_natives(vm, vm->types.progress_, methods, COUNT_OF(methods));
}
